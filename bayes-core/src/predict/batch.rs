//! Inputs that can be cut into rows.

use crate::error::Error;
use dfdx::prelude::{Device, Dim, Dtype, Tensor};
use dfdx::shapes::HasShape;
use std::ops::Range;

/// A tensor whose first dimension is the batch: `(batch, …)` of two to four dimensions.
pub trait Batch<E: Dtype, D: Device<E>> {
    /// Some of the rows.
    type Part;

    /// Number of rows.
    fn rows(&self) -> usize;

    /// The size of one row.
    fn example(&self) -> Vec<usize>;

    /// The rows of a range.
    ///
    /// # Errors
    /// A device that fails.
    fn part(&self, rows: Range<usize>) -> Result<Self::Part, Error>;
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

            fn part(&self, rows: Range<usize>) -> Result<Self::Part, Error> {
                let width: usize = self.example().iter().product();
                let shape = (rows.len(), $(self.shape().$i),+);
                let values = self.as_vec();
                let part = values[rows.start * width..rows.end * width].to_vec();
                self.device().try_tensor_from_vec(part, shape).map_err(Error::device)
            }
        }
    };
}

batch!(A 1);
batch!(A 1, C 2);
batch!(A 1, C 2, F 3);
