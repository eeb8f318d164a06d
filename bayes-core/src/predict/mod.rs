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
use crate::shape::{check_example, most_numbers};
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

/// The most rows that run through the model at once.
const ROWS: usize = 256;

/// The least rows that a batch is cut into for the sake of the [cache](Kernels::CACHE): each part packs the weights anew.
const FEW: usize = 8;

/// Tasks for each thread, where there are so many.
const TASKS: usize = 4;

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
    /// weights of a low-rank posterior are drawn by reparameterization, and an [`Int8`](crate::int8::Int8) draws as it was
    /// [quantized](crate::int8::Calibration::estimator) to.
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
        let example = error::extent(&self.x.example());
        check_example(&M::RULE, example)?;
        let rows = match D::CACHE.filter(|_| M::IN_SMALL_PARTS) {
            Some(bytes) => rows_of(bytes, most_numbers(&M::RULE, example) * size_of::<E>()),
            None => ROWS,
        };
        let all = self.x.rows();
        let (rows, parts) = match self.x.parts(rows) {
            // Their type says how many rows there are.
            Err(_) if (rows + 1..=ROWS).contains(&all) => (all, self.x.parts(all)?),
            parts => (rows, parts?),
        };
        Ok(Job {
            model: self.model,
            kept: Arc::new(Kept::of_inputs(
                parts.iter().filter_map(X::identity).collect(),
            )),
            parts,
            rows,
            seed: self.seed,
            first_example: self.first_example,
            joint,
            mode: self.mode,
        })
    }
}

/// Rows of which a layer's largest tensor has about so many bytes, one row of it having `row`.
fn rows_of(bytes: usize, row: usize) -> usize {
    (bytes / row.max(1)).clamp(FEW, ROWS)
}

/// A model and the parts of its input: what the threads of a prediction share.
#[derive(Debug)]
pub struct Job<'m, M, P> {
    model: &'m M,
    parts: Vec<P>,
    /// Rows of each part but the last.
    rows: usize,
    seed: u64,
    first_example: usize,
    joint: bool,
    mode: Mode,
    kept: Arc<Kept>,
}

impl<M: Bind, P: Clone> Job<'_, M, P> {
    /// The outputs of each of `samples` on each part, in the order `[sample][part]`.
    ///
    /// A task is a draw and some of the parts, one after the other: its weights are drawn once for them.
    fn run<E, D, Y>(&self, samples: Range<usize>) -> Result<Vec<Vec<E>>, Error>
    where
        E: Dtype,
        D: Kernels<E> + Workers<Self>,
        Y: Shape,
        for<'a> M::Eval<'a>: Module<P, Output = Tensor<Y, E, D>, Error = D::Err>,
    {
        let parts = self.parts.len();
        // A few tasks for each thread, so that all end at about the same time.
        let tasks = (TASKS * D::threads()).div_ceil(samples.len().max(1));
        let each = parts.div_ceil(tasks.clamp(1, parts));
        let shares = parts.div_ceil(each);
        let all = D::map(self, samples.len() * shares, |job, i| {
            let (sample, first) = (samples.start + i / shares, i % shares * each);
            let range = first..parts.min(first + each);
            let weights = Arc::new(Kept::of_inputs(Vec::new()));
            let several = (range.len() > 1).then_some(&weights);
            range
                .map(|part| job.outputs::<E, D, Y>(sample, part, several))
                .collect::<Result<Vec<_>, _>>()
        })?;
        Ok(all.into_iter().flatten().collect())
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

    /// The outputs of one sample on one part, whose `weights` other parts take too.
    fn outputs<E, D, Y>(
        &self,
        sample: usize,
        part: usize,
        weights: Option<&Arc<Kept>>,
    ) -> Result<Vec<E>, Error>
    where
        E: Dtype,
        D: Kernels<E>,
        Y: Shape,
        for<'a> M::Eval<'a>: Module<P, Output = Tensor<Y, E, D>, Error = D::Err>,
    {
        let first = (self.first_example + part * self.rows) as u64;
        let key = Key::new(self.seed, sample as u64).at_example(first);
        let mut draw = Draw::from(key).sharing(&self.kept);
        if let Some(weights) = weights {
            draw = draw.of_part(weights);
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn parts_are_as_large_as_the_cache_takes() {
        assert_eq!(
            [1, 64, 65_536, 1 << 30, 0].map(|row| rows_of(1 << 20, row)),
            [256, 256, 16, 8, 256]
        );
    }

    #[crate::bayesian(input = (2, 32, 32), posterior = MeanField(rho = -2.0), crate = crate)]
    struct Wide {
        conv: Conv2D<2, 24, 3, 1, 1>,
        norm: BatchNorm2D<24>,
        act: ReLU,
        pool: AvgPoolGlobal,
        fc: Linear<24, 3>,
    }

    /// 25 rows in parts of 10, with weights that they share, are 25 rows one by one.
    #[test]
    fn parts_share_a_draw() {
        let dev = Cpu::seed_from_u64(1);
        let bayes = BayesWide::from_pretrained(&dev.build_module::<Wide, f32>()).expect("a twin");
        let x: Tensor<(usize, Const<2>, Const<32>, Const<32>), f32, _> =
            dev.sample_normal_like(&(25, Const, Const, Const));
        for estimator in [EstimatorKind::Reparameterization, EstimatorKind::Flipout] {
            let asked = bayes.predict(x.clone(), 3, 4).estimator(estimator);
            let job = asked.job::<f32, Cpu>(true).expect("a job");
            assert_eq!([job.parts.len(), job.rows], [3, 10]);
            let all = asked.draws().expect("draws");
            for (i, row) in Batch::<f32, Cpu>::parts(&x, 1)
                .expect("rows")
                .into_iter()
                .enumerate()
            {
                let one = bayes
                    .predict(row, 3, 4)
                    .estimator(estimator)
                    .from_example(i);
                let one = one.draws().expect("draws");
                for sample in 0..3 {
                    assert_eq!(one.member(sample), &all.member(sample)[3 * i..3 * i + 3]);
                }
            }
        }
    }

    #[test]
    fn rows_whose_number_the_type_states_are_not_cut() {
        let dev = Cpu::seed_from_u64(1);
        let net = dev.build_module::<Wide, f32>();
        let rows = |dev: &Cpu| {
            let values = vec![0.5; 25 * 2 * 32 * 32];
            HostRows::new(
                dev,
                values,
                (Const::<25>, Const::<2>, Const::<32>, Const::<32>),
            )
        };
        let seen = predict(&net, rows(&dev).expect("rows"), 1, 0).draws();
        assert_eq!(seen.expect("a prediction").rows, 25);
    }
}
