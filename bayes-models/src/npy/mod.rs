//! NumPy's file format, `.npy`: arrays of f32 and f64 in row-major order, read and written.
//!
//! ```
//! use bayes_models::npy::{Array, Values};
//!
//! let array = Array::new(vec![2, 3], Values::F32(vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]))?;
//! let bytes = array.to_bytes(); // numpy.load reads them
//! assert_eq!(Array::from_bytes(&bytes)?, array);
//! assert_eq!(array.to_string(), "f32 of 2×3");
//! # Ok::<(), bayes_models::npy::Error>(())
//! ```
//!
//! Versions 1, 2 and 3 of the format are read, and the oldest that holds the header is written, which is 1. Numbers are
//! little-endian, as every current machine writes them; big-endian ones, other number types and column-major arrays are
//! refused with what to do in Python. A file is checked whole before anything is made of it, so bytes of any kind give an
//! array or an [`Error`] that says at which byte, and take at most four times their own size in memory.

mod error;
mod header;

pub use error::{Error, Problem};

use header::{Header, Number};
use std::fmt;
use std::fs;
use std::io::Write;
use std::path::Path;

/// The numbers of an array, in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// `<f4`.
    F32(Vec<f32>),
    /// `<f8`.
    F64(Vec<f64>),
}

impl Values {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All as f32, rounded where they are f64.
    pub fn into_f32(self) -> Vec<f32> {
        match self {
            Self::F32(values) => values,
            Self::F64(values) => values.into_iter().map(|value| value as f32).collect(),
        }
    }

    /// All as f64.
    pub fn into_f64(self) -> Vec<f64> {
        match self {
            Self::F32(values) => values.into_iter().map(f64::from).collect(),
            Self::F64(values) => values,
        }
    }

    fn number(&self) -> Number {
        match self {
            Self::F32(_) => Number::F32,
            Self::F64(_) => Number::F64,
        }
    }
}

/// An array of a `.npy` file.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    shape: Vec<usize>,
    values: Values,
}

impl Array {
    /// An array of these sizes; none for a single number.
    ///
    /// # Errors
    /// Values that are not as many as the sizes say.
    pub fn new(shape: Vec<usize>, values: Values) -> Result<Self, Error> {
        let wanted = header::elements(&shape);
        if wanted != Some(values.len()) {
            return Err(Error::Values {
                shape,
                found: values.len(),
            });
        }
        Ok(Self { shape, values })
    }

    /// The sizes; none for a single number.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The numbers in row-major order.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The sizes and the numbers.
    pub fn into_parts(self) -> (Vec<usize>, Values) {
        (self.shape, self.values)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// Bytes that are no such file, with the byte at which it is seen.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (header, data) = Header::read(bytes)?;
        let values = match header.number {
            Number::F32 => Values::F32(numbers(data, f32::from_le_bytes)),
            Number::F64 => Values::F64(numbers(data, f64::from_le_bytes)),
        };
        Ok(Self {
            shape: header.shape,
            values,
        })
    }

    /// The bytes of a file: the same for the same array.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Header {
            number: self.values.number(),
            shape: self.shape.clone(),
        }
        .to_bytes();
        match &self.values {
            Values::F32(values) => {
                bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()))
            }
            Values::F64(values) => {
                bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()))
            }
        }
        bytes
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    /// A file that cannot be read, and as [`from_bytes`](Self::from_bytes).
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|source| Error::Io {
            action: "read",
            path: path.to_owned(),
            source,
        })?;
        Self::from_bytes(&bytes)
    }

    /// Writes a file to `path`, replacing the one there in one step.
    ///
    /// # Errors
    /// What the operating system refuses; the old file is then left as it was.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        replace(path, &self.to_bytes()).map_err(|source| Error::Io {
            action: "write",
            path: path.to_owned(),
            source,
        })
    }
}

impl fmt::Display for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of ", self.values.number())?;
        if self.shape.is_empty() {
            return f.write_str("one number");
        }
        let sizes: Vec<String> = self.shape.iter().map(usize::to_string).collect();
        f.write_str(&sizes.join("×"))
    }
}

fn numbers<T, const N: usize>(data: &[u8], number: impl Fn([u8; N]) -> T) -> Vec<T> {
    let (whole, _) = data.as_chunks();
    whole.iter().map(|&bytes| number(bytes)).collect()
}

/// Writes beside the file, and renames when all is on the disk.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = Path::new(&beside);
    let written = fs::File::create(beside)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(beside, path));
    if written.is_err() {
        // What is wrong has been said; the part of a file is of no use.
        let _ = fs::remove_file(beside);
    }
    written
}

#[cfg(test)]
mod tests;
