//! Prediction: many draws of a model on one input, and what is made of them.

mod batch;
mod classify;
mod draws;
mod regress;

pub use batch::{Batch, HostRows, Tokens};
pub use classify::Classification;
pub use draws::Draws;
pub use regress::{GaussianOutputs, Regression};

use crate::device::{self, Kernels, Workers};
use crate::draw::Key;
use crate::error::{self, Error};
use crate::estimator::EstimatorKind;
use crate::shape::check_example;
use crate::twin::{Bind, Draw, Kept};
use dfdx::nn::Module;
use dfdx::prelude::{Dtype, Shape, Tensor};
use std::ops::Range;
use std::sync::Arc;

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
        mode: Mode::default(),
    }
}

/// Draws of a model on a batch, to be reduced by [`classify`](Self::classify) or [`regress`](Self::regress), or kept by
/// [`draws`](Self::draws) or [`mixture`](Self::mixture).
#[derive(Clone, Debug)]
#[must_use = "nothing is predicted until `classify`, `regress`, `mixture` or `draws` is called"]
pub struct Predictive<'m, M, X> {
    model: &'m M,
    x: X,
    samples: usize,
    seed: u64,
    first_example: usize,
    mode: Mode,
}

/// How draws are made, where a call says so.
#[derive(Clone, Copy, Debug, Default)]
struct Mode {
    drops: bool,
    estimator: Option<EstimatorKind>,
}

/// Rows that run through the model at once: weights are drawn once for so many.
const ROWS: usize = 256;

/// Draws whose outputs are held at once while moments are taken.
const WAVE: usize = 16;

impl<'m, M, X> Predictive<'m, M, X> {
    /// Says that the first row of the batch is example `index` of a larger one: its noise is that of the larger batch.
    pub fn from_example(self, index: usize) -> Self {
        Self {
            first_example: index,
            ..self
        }
    }

    /// Draws by this estimator, whatever the model's type says: its own holds for training.
    ///
    /// Fails where a layer cannot be drawn by it: local reparameterisation is for `Linear` on one vector per example,
    /// and weights of a low-rank posterior are drawn by reparameterization.
    ///
    /// ```
    /// use bayes_core::estimator::EstimatorKind;
    /// use bayes_core::prelude::*;
    ///
    /// #[bayesian(estimator = Flipout)]
    /// struct Net {
    ///     fc: Linear<4, 3>,
    /// }
    ///
    /// let dev = Cpu::seed_from_u64(0);
    /// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
    /// let x: Tensor<Rank2<5, 4>, f32, _> = dev.sample_normal();
    /// let cheap = bayes
    ///     .predict(x, 32, 7)
    ///     .estimator(EstimatorKind::LocalReparameterization)
    ///     .classify()?;
    /// assert_eq!(cheap.predicted().len(), 5);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn estimator(mut self, estimator: EstimatorKind) -> Self {
        self.mode.estimator = Some(estimator);
        self
    }

    /// Lets dropout drop, so that each draw is a subnetwork: Monte-Carlo dropout (Gal and Ghahramani 2016), for plain
    /// models as for twins.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// #[bayesian]
    /// struct Net {
    ///     drop: DropoutOneIn<2>,
    ///     fc: Linear<4, 3>,
    /// }
    ///
    /// let dev = Cpu::seed_from_u64(0);
    /// let net = dev.build_module::<Net, f32>();
    /// let x: Tensor<Rank2<5, 4>, f32, _> = dev.sample_normal();
    /// let seen = predict(&net, x, 32, 7).mc_dropout().classify()?;
    /// assert!(seen.mutual_information.iter().all(|&nats| nats > 0.0));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn mc_dropout(mut self) -> Self {
        self.mode.drops = true;
        self
    }

    /// Checks what can be checked before anything runs, and cuts the input into parts.
    fn job<E, D>(&self, joint: bool) -> Result<Job<'m, M, X::Part>, Error>
    where
        E: Dtype,
        D: Kernels<E>,
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
        let parts = self.x.parts(ROWS)?;
        Ok(Job {
            model: self.model,
            kept: Arc::new(Kept::of_inputs(
                parts.iter().filter_map(X::identity).collect(),
            )),
            parts,
            seed: self.seed,
            first_example: self.first_example,
            joint,
            mode: self.mode,
        })
    }
}

/// A model and the parts of its input: what the threads of a prediction share.
#[derive(Debug)]
pub struct Job<'m, M, P> {
    model: &'m M,
    parts: Vec<P>,
    seed: u64,
    first_example: usize,
    joint: bool,
    mode: Mode,
    kept: Arc<Kept>,
}

impl<M: Bind, P: Clone> Job<'_, M, P> {
    /// The outputs of each of `samples` on each part, in the order `[sample][part]`.
    fn run<E, D, Y>(&self, samples: Range<usize>) -> Result<Vec<Vec<E>>, Error>
    where
        E: Dtype,
        D: Kernels<E> + Workers<Self>,
        Y: Shape,
        for<'a> M::Eval<'a>: Module<P, Output = Tensor<Y, E, D>, Error = D::Err>,
    {
        let parts = self.parts.len();
        D::map(self, samples.len() * parts, |job, i| {
            job.outputs::<E, D, Y>(samples.start + i / parts, i % parts)
        })
    }

    /// Calls `reduce` with the outputs of all rows in each of so many samples, in order; [`WAVE`] are held at once.
    fn for_each_draw<E, D, Y>(
        &self,
        samples: usize,
        mut reduce: impl FnMut(Vec<f64>) -> Result<(), Error>,
    ) -> Result<(), Error>
    where
        E: Dtype,
        D: Kernels<E> + Workers<Self>,
        Y: Shape,
        for<'a> M::Eval<'a>: Module<P, Output = Tensor<Y, E, D>, Error = D::Err>,
    {
        for start in (0..samples).step_by(WAVE) {
            let wave = self.run::<E, D, Y>(start..samples.min(start + WAVE))?;
            for draw in wave.chunks(self.parts.len()) {
                let outputs = draw.iter().flatten();
                reduce(outputs.map(|x| x.to_f64().unwrap_or(f64::NAN)).collect())?;
            }
        }
        Ok(())
    }

    /// The outputs of one sample on one part.
    fn outputs<E, D, Y>(&self, sample: usize, part: usize) -> Result<Vec<E>, Error>
    where
        E: Dtype,
        D: Kernels<E>,
        Y: Shape,
        for<'a> M::Eval<'a>: Module<P, Output = Tensor<Y, E, D>, Error = D::Err>,
    {
        let first = (self.first_example + part * ROWS) as u64;
        let key = Key::new(self.seed, sample as u64).at_example(first);
        let mut draw = Draw::from(key).sharing(&self.kept);
        if self.joint {
            draw = draw.joint();
        }
        if self.mode.drops {
            draw = draw.dropping();
        }
        if let Some(estimator) = self.mode.estimator {
            draw = draw.estimated_by(estimator);
        }
        let x = self.parts[part].clone();
        let y = draw.reported(|draw| self.model.eval(draw).try_forward(x), Error::device)?;
        device::read(&y).map_err(Error::device)
    }
}
