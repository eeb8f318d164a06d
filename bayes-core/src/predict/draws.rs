//! Every draw's outputs, kept.

use super::{Batch, Job, Predictive};
use crate::device::{Kernels, Workers};
use crate::error::Error;
use crate::twin::Bind;
use dfdx::nn::Module;
use dfdx::prelude::{Dtype, Shape, Tensor};

/// The outputs of each draw: `samples × rows × outputs`, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Draws<E> {
    /// Number of draws.
    pub samples: usize,
    /// Rows of the input.
    pub rows: usize,
    /// Numbers that the model gives for each row.
    pub outputs: usize,
    /// The outputs.
    pub values: Vec<E>,
}

impl<E> Draws<E> {
    /// The outputs of draw `sample`: `rows × outputs`.
    ///
    /// # Panics
    /// Where there are not so many samples.
    pub fn member(&self, sample: usize) -> &[E] {
        let len = self.rows * self.outputs;
        &self.values[sample * len..(sample + 1) * len]
    }
}

impl<'m, M, X> Predictive<'m, M, X> {
    /// Keeps every draw's outputs. They are joint: all rows of one draw see the same weights (with Flipout, the same
    /// up to each row's signs), also where [`classify`](Self::classify) would draw each row by itself.
    ///
    /// # Errors
    /// An input that does not fit the model; no samples or rows.
    pub fn draws<E, D, Y>(self) -> Result<Draws<E>, Error>
    where
        E: Dtype,
        D: Kernels<E> + Workers<Job<'m, M, X::Part>>,
        Y: Shape,
        M: Bind,
        X: Batch<E, D>,
        for<'a> M::Eval<'a>: Module<X::Part, Output = Tensor<Y, E, D>, Error = D::Err>,
    {
        let (samples, rows) = (self.samples, self.x.rows());
        let values = self.job(true)?.run::<E, D, Y>(0..samples)?.concat();
        Ok(Draws {
            samples,
            rows,
            outputs: values.len() / (samples * rows),
            values,
        })
    }
}
