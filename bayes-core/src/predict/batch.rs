//! Inputs that can be cut into rows.

use crate::device;
use crate::error::Error;
use dfdx::prelude::{Device, Dim, Dtype, ReshapeTo, Shape, Tensor};
use dfdx::shapes::HasShape;
use dfdx::tensor::{Storage, UniqueId};

/// A tensor whose first dimension is the batch: `(batch, …)` of two to five dimensions.
pub trait Batch<E: Dtype, D: Device<E>> {
    /// Some of the rows.
    type Part: Clone;

    /// Number of rows.
    fn rows(&self) -> usize;

    /// The size of one row.
    fn example(&self) -> Vec<usize>;

    /// All numbers, row-major.
    ///
    /// # Errors
    /// A device that fails.
    fn values(&self) -> Result<Vec<E>, Error>;

    /// All rows, `rows` at a time.
    ///
    /// # Errors
    /// A device that fails.
    fn parts(&self, rows: usize) -> Result<Vec<Self::Part>, Error>;

    /// The identity of a part that is a tensor: what layers make of it in all draws alike is then made once.
    fn identity(_part: &Self::Part) -> Option<UniqueId> {
        None
    }
}

macro_rules! batch {
    ($($Dim:ident $i:tt),+) => {
        impl<B: Dim, $($Dim: Dim,)+ E: Dtype, D: Device<E>> Batch<E, D> for Tensor<(B, $($Dim),+), E, D> {
            type Part = Tensor<(usize, $($Dim),+), E, D>;

            fn rows(&self) -> usize {
                self.shape().0.size()
            }

            fn example(&self) -> Vec<usize> {
                vec![$(self.shape().$i.size()),+]
            }

            fn values(&self) -> Result<Vec<E>, Error> {
                device::read(self).map_err(Error::device)
            }

            fn parts(&self, rows: usize) -> Result<Vec<Self::Part>, Error> {
                let all = self.rows();
                if (1..=rows).contains(&all) {
                    // The numbers stay where they are.
                    let whole = self.clone().try_reshape_like(&(all, $(self.shape().$i),+));
                    return whole.map(|part| vec![part]).map_err(Error::device);
                }
                let width: usize = self.example().iter().product();
                let values = self.values()?;
                let part = |start: usize| {
                    let end = self.rows().min(start + rows);
                    let part = values[start * width..end * width].to_vec();
                    let shape = (end - start, $(self.shape().$i),+);
                    self.device().try_tensor_from_vec(part, shape).map_err(Error::device)
                };
                (0..self.rows()).step_by(rows.max(1)).map(part).collect()
            }

            fn identity(part: &Self::Part) -> Option<UniqueId> {
                crate::optim::id(part)
            }
        }
    };
}

batch!(A 1);
batch!(A 1, C 2);
batch!(A 1, C 2, F 3);
batch!(A 1, C 2, F 3, G 4);

/// Rows on the host: they go to the device in the parts that a prediction cuts them into, and never come back.
///
/// ```
/// use bayes_core::predict::HostRows;
/// use bayes_core::prelude::*;
///
/// let dev = Cpu::seed_from_u64(0);
/// let net = dev.build_module::<Linear<3, 2>, f32>();
/// let rows = HostRows::new(&dev, vec![0.5; 4 * 3], (4, Const::<3>))?;
/// let seen = predict(&net, rows, 1, 0).classify()?;
/// assert_eq!(seen.predicted().len(), 4);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct HostRows<S: Shape, E: Dtype, D: Device<E>> {
    device: D,
    values: Vec<E>,
    shape: S,
}

impl<S: Shape, E: Dtype, D: Device<E>> HostRows<S, E, D> {
    /// `values`, row-major, which on `device` are of this shape; its first dimension is the batch.
    ///
    /// # Errors
    /// Not as many numbers as the shape says.
    pub fn new(device: &D, values: Vec<E>, shape: S) -> Result<Self, Error> {
        if S::NUM_DIMS == 0 || values.len() != shape.num_elements() {
            return Err(Error::input(
                "predict",
                format_args!("{} numbers in rows", shape.num_elements()),
                format_args!("{}", values.len()),
            ));
        }
        Ok(Self {
            device: device.clone(),
            values,
            shape,
        })
    }
}

impl<S: Shape, E: Dtype, D: Device<E>> Batch<E, D> for HostRows<S, E, D> {
    type Part = Tensor<S, E, D>;

    fn rows(&self) -> usize {
        self.shape.concrete()[0]
    }

    fn example(&self) -> Vec<usize> {
        self.shape.concrete().into_iter().skip(1).collect()
    }

    fn values(&self) -> Result<Vec<E>, Error> {
        Ok(self.values.clone())
    }

    /// # Errors
    /// A batch whose size the type states, cut into parts; a device that fails.
    fn parts(&self, rows: usize) -> Result<Vec<Self::Part>, Error> {
        let width = self.example().iter().product::<usize>().max(1);
        let parts = self.values.chunks(width * rows.max(1));
        let part = |values: &[E]| {
            let mut sizes = self.shape.concrete();
            sizes[0] = values.len() / width;
            let shape = S::from_concrete(&sizes).ok_or_else(|| {
                Error::input("predict", "batches of any size", self.shape.concrete())
            })?;
            let part = self.device.try_tensor_from_vec(values.to_vec(), shape);
            part.map_err(Error::device)
        };
        parts.map(part).collect()
    }

    fn identity(part: &Self::Part) -> Option<UniqueId> {
        crate::optim::id(part)
    }
}

/// Rows of word numbers, `(batch, words)`: what a model that begins with an embedding is asked about.
#[derive(Clone, Debug)]
pub struct Tokens<B: Dim, S: Dim, D: Storage<usize>>(pub Tensor<(B, S), usize, D>);

impl<B: Dim, S: Dim, E: Dtype, D: Device<E>> Batch<E, D> for Tokens<B, S, D> {
    type Part = Tensor<(usize, S), usize, D>;

    fn rows(&self) -> usize {
        self.0.shape().0.size()
    }

    fn example(&self) -> Vec<usize> {
        vec![self.0.shape().1.size()]
    }

    /// The numbers as `E`.
    fn values(&self) -> Result<Vec<E>, Error> {
        let numbers = self.0.as_vec().into_iter();
        Ok(numbers
            .map(|word| E::from_usize(word).unwrap_or_default())
            .collect())
    }

    fn parts(&self, rows: usize) -> Result<Vec<Self::Part>, Error> {
        let (batch, words) = (self.0.shape().0.size(), self.0.shape().1);
        let values = self.0.as_vec();
        let part = |start: usize| {
            let end = batch.min(start + rows);
            let part = values[start * words.size()..end * words.size()].to_vec();
            let device = self.0.device();
            device
                .try_tensor_from_vec(part, (end - start, words))
                .map_err(Error::device)
        };
        (0..batch).step_by(rows.max(1)).map(part).collect()
    }
}

/// The two inputs of a model with a [forward pass of its own](crate::bayesian), as many rows of each.
impl<X: Batch<E, D>, Y: Batch<E, D>, E: Dtype, D: Device<E>> Batch<E, D> for (X, Y) {
    type Part = (X::Part, Y::Part);

    fn rows(&self) -> usize {
        self.0.rows()
    }

    /// The numbers of both, those of the first in front.
    fn example(&self) -> Vec<usize> {
        let numbers = |example: Vec<usize>| example.iter().product::<usize>();
        vec![numbers(self.0.example()) + numbers(self.1.example())]
    }

    fn values(&self) -> Result<Vec<E>, Error> {
        let (first, second) = (self.0.values()?, self.1.values()?);
        let row = |values: &[E], i: usize| {
            let width = values.len() / self.rows().max(1);
            values[i * width..(i + 1) * width].to_vec()
        };
        let rows = (0..self.rows()).flat_map(|i| [row(&first, i), row(&second, i)]);
        Ok(rows.flatten().collect())
    }

    /// # Errors
    /// Different numbers of rows.
    fn parts(&self, rows: usize) -> Result<Vec<Self::Part>, Error> {
        if self.0.rows() != self.1.rows() {
            return Err(Error::input(
                "predict",
                format!(
                    "{} rows of the second input, as of the first",
                    self.0.rows()
                ),
                format_args!("{}", self.1.rows()),
            ));
        }
        let (first, second) = (self.0.parts(rows)?, self.1.parts(rows)?);
        Ok(first.into_iter().zip(second).collect())
    }
}
