//! Which device a program runs on, by its name: `cpu`, `cuda`, `cuda:1`.

use crate::error::Error;
use std::fmt::{self, Display};
use std::str::FromStr;

/// A device by its name: `cpu`, or `cuda:N` for the GPU number N, `cuda` being the first.
///
/// ```
/// use bayes_core::device::DeviceName;
///
/// let name: DeviceName = "cuda:1".parse()?;
/// assert_eq!(name, DeviceName::Cuda(1));
/// assert_eq!("cpu".parse::<DeviceName>()?.to_string(), "cpu");
/// assert_eq!(
///     "gpu".parse::<DeviceName>().unwrap_err().to_string(),
///     "no device is called `gpu`: write `cpu`, `cuda` or `cuda:N`"
/// );
/// # Ok::<(), bayes_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DeviceName {
    /// The processor.
    #[default]
    Cpu,
    /// A GPU by its number, from 0.
    Cuda(usize),
}

impl FromStr for DeviceName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let number = |digits: &str| digits.parse().ok().map(Self::Cuda);
        let found = match name {
            "cpu" => Some(Self::Cpu),
            "cuda" => Some(Self::Cuda(0)),
            _ => name.strip_prefix("cuda:").and_then(number),
        };
        found.ok_or_else(|| Error::NoDevice {
            problem: format!("no device is called `{name}`: write `cpu`, `cuda` or `cuda:N`"),
        })
    }
}

impl Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => write!(f, "cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
        }
    }
}

impl DeviceName {
    /// The devices that answer: the processor, then the GPUs, which are there in a program with the feature `cuda`.
    ///
    /// ```
    /// use bayes_core::device::DeviceName;
    ///
    /// assert_eq!(DeviceName::all()[0], DeviceName::Cpu);
    /// ```
    pub fn all() -> Vec<Self> {
        let gpus = (0..gpus().unwrap_or(0)).map(Self::Cuda);
        std::iter::once(Self::Cpu).chain(gpus).collect()
    }

    /// Says in a sentence why this device is not there; nothing where it is.
    ///
    /// # Errors
    /// [`Error::NoDevice`].
    pub fn check(self) -> Result<(), Error> {
        let Self::Cuda(number) = self else {
            return Ok(());
        };
        let problem = match gpus() {
            Ok(count) if number < count => return Ok(()),
            Ok(0) => "the driver finds no GPU".to_owned(),
            Ok(1) => "there is one GPU, `cuda:0`".to_owned(),
            Ok(count) => format!("there are {count} GPUs, `cuda:0` to `cuda:{}`", count - 1),
            Err(problem) => problem,
        };
        Err(Error::NoDevice {
            problem: format!("`{self}` is not there: {problem}"),
        })
    }

    /// Opens the GPU of this number, with a generator of `seed` for initial weights.
    ///
    /// Memory that tensors give back is kept for others of the same size: a training step asks for the same memory again
    /// and again. dfdx's `try_empty_cache` gives it back.
    ///
    /// # Errors
    /// [`Error::NoDevice`] for the processor, whose device is `Cpu`, for a GPU that is not there and for one that fails.
    #[cfg(feature = "cuda")]
    pub fn open_cuda(self, seed: u64) -> Result<dfdx::tensor::Cuda, Error> {
        use dfdx::tensor::{Cache, Cuda};

        self.check()?;
        let Self::Cuda(number) = self else {
            return Err(Error::NoDevice {
                problem: "`cpu` is no GPU: its device is `Cpu`".to_owned(),
            });
        };
        let failed = |error: dfdx::tensor::CudaError| Error::NoDevice {
            problem: format!("`{self}` cannot be used: {error}"),
        };
        let device = Cuda::try_build(number, seed).map_err(failed)?;
        device.try_enable_cache().map_err(failed)?;
        Ok(device)
    }
}

/// The number of GPUs, or why that cannot be known.
#[cfg(feature = "cuda")]
fn gpus() -> Result<usize, String> {
    use cudarc::driver::result::{device, init};

    init()
        .and_then(|()| device::get_count())
        .map(|count| usize::try_from(count).unwrap_or(0))
        .map_err(|error| match error.0 as u32 {
            // CUDA_ERROR_NO_DEVICE
            100 => "the driver finds no GPU".to_owned(),
            // CUDA_ERROR_STUB_LIBRARY
            34 => "libcuda.so.1 is a stand-in without a driver; install NVIDIA's driver".to_owned(),
            code => format!("NVIDIA's driver answers with error {code}"),
        })
}

#[cfg(not(feature = "cuda"))]
fn gpus() -> Result<usize, String> {
    Err("this program was built without the feature `cuda`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in ["cpu", "cuda:0", "cuda:17"] {
            assert_eq!(name.parse::<DeviceName>().unwrap().to_string(), name);
        }
        assert_eq!("cuda".parse::<DeviceName>().unwrap(), DeviceName::Cuda(0));
        for name in ["", "CPU", "cuda:", "cuda:-1", "cuda:x", "cuda1", "cpu:0"] {
            let error = name.parse::<DeviceName>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}`")), "{error}");
        }
    }

    #[test]
    fn what_is_not_there_is_said() {
        assert!(DeviceName::Cpu.check().is_ok());
        let error = DeviceName::Cuda(1000).check().unwrap_err().to_string();
        assert!(error.starts_with("`cuda:1000` is not there: "), "{error}");
        assert_eq!(DeviceName::all()[0], DeviceName::Cpu);
    }
}
