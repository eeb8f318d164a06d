//! Prediction: many draws of a model on one input, and what is made of them.

mod batch;
mod classify;
mod draws;

pub use batch::Batch;
pub use classify::Classification;
pub use draws::Draws;

use crate::device::{Kernels, Workers};
use crate::draw::Key;
use crate::error::{self, Error};
use crate::shape::check_example;
use crate::twin::{Bind, Draw};
use dfdx::nn::Module;
use dfdx::prelude::{Dtype, Shape, Tensor};
use std::sync::{Arc, OnceLock};

/// `samples` draws of `model` on the batch `x`, with noise from `seed`; nothing runs until they are reduced.
///
/// Every number depends on the model, its row of `x`, the seed and the row's index alone: not on the number of
/// threads, nor on how a batch is cut into calls with [`from_example`](Predictive::from_example).
/// A plain model works too: all its draws are the same.
pub fn predict<M, X>(model: &M, x: X, samples: usize, seed: u64) -> Predictive<'_, M, X> {
    Predictive {
        model,
        x,
        samples,
        seed,
        first_example: 0,
    }
}

/// Draws of a model on a batch, to be reduced by [`classify`](Self::classify) or kept by [`draws`](Self::draws).
#[derive(Clone, Debug)]
#[must_use = "nothing is predicted until `classify` or `draws` is called"]
pub struct Predictive<'m, M, X> {
    model: &'m M,
    x: X,
    samples: usize,
    seed: u64,
    first_example: usize,
}

/// Rows that run through the model at once: weights are drawn once for so many.
const ROWS: usize = 256;

/// Draws whose outputs are held at once while moments are taken.
const WAVE: usize = 16;

impl<M, X> Predictive<'_, M, X> {
    /// Says that the first row of the batch is example `index` of a larger one: its noise is that of the larger batch.
    pub fn from_example(self, index: usize) -> Self {
        Self {
            first_example: index,
            ..self
        }
    }

    /// The rows of each chunk that runs at once.
    fn chunks(&self, rows: usize) -> Vec<std::ops::Range<usize>> {
        (0..rows)
            .step_by(ROWS)
            .map(|start| start..rows.min(start + ROWS))
            .collect()
    }

    /// Checks what can be checked before anything runs.
    fn check<E: Dtype, D: Kernels<E>>(&self) -> Result<(), Error>
    where
        M: Bind,
        X: Batch<E, D>,
    {
        if self.samples == 0 {
            return Err(Error::Empty { what: "sample" });
        }
        if self.x.rows() == 0 {
            return Err(Error::Empty { what: "row" });
        }
        check_example(&M::RULE, error::extent(&self.x.example()))?;
        Ok(())
    }

    /// The outputs of each of `samples` on each chunk, in the order `[sample][chunk]`.
    fn run<E, D, Y>(
        &self,
        samples: std::ops::Range<usize>,
        joint: bool,
    ) -> Result<Vec<Vec<E>>, Error>
    where
        E: Dtype,
        D: Kernels<E> + Workers<Self>,
        Y: Shape,
        M: Bind,
        X: Batch<E, D>,
        for<'a> M::Eval<'a>: Module<X::Part, Output = Tensor<Y, E, D>, Error = D::Err>,
    {
        let chunks = self.chunks(self.x.rows());
        D::map(self, samples.len() * chunks.len(), |this, i| {
            let (sample, rows) = (
                samples.start + i / chunks.len(),
                chunks[i % chunks.len()].clone(),
            );
            this.run_one::<E, D, Y>(sample, rows, joint)
        })
    }

    fn run_one<E, D, Y>(
        &self,
        sample: usize,
        rows: std::ops::Range<usize>,
        joint: bool,
    ) -> Result<Vec<E>, Error>
    where
        E: Dtype,
        D: Kernels<E>,
        Y: Shape,
        M: Bind,
        X: Batch<E, D>,
        for<'a> M::Eval<'a>: Module<X::Part, Output = Tensor<Y, E, D>, Error = D::Err>,
    {
        let problem = Arc::new(OnceLock::new());
        let key =
            Key::new(self.seed, sample as u64).at_example((self.first_example + rows.start) as u64);
        let mut draw = Draw::from(key).reporting_to(problem.clone());
        if joint {
            draw = draw.joint();
        }
        let result = self.model.eval(&draw).try_forward(self.x.part(rows)?);
        drop(draw);
        match result {
            Ok(y) => Ok(y.as_vec()),
            Err(error) => Err(Arc::into_inner(problem)
                .and_then(OnceLock::into_inner)
                .unwrap_or(Error::device(error))),
        }
    }
}
