//! KL divergence of posterior from prior, summed over all weights: on the tape for training, by tensor for reports.

mod entropy;
mod rows;
mod term;

use crate::device::Kernels;
use crate::draw::Key;
use crate::error::Error;
use crate::posterior::{FanIn, Variational};
use crate::twin::{Bayesian, Config, Draw, Name, VisitPosteriors};
use dfdx::prelude::{ConstShape, Device, Dtype, Rank0, Tape, Tensor, TryAdd};
use dfdx::tensor::NoneTape;
use std::collections::BTreeMap;
use term::divergence;

/// `Σ KL(q(w) ‖ p(w))` over every weight of `model`, in nats, on a tape of its own, in closed form.
///
/// # Errors
/// A model without a posterior; a posterior and prior without a closed form, for which there is [`kl_in`]; a device
/// that fails.
pub fn kl<E: Dtype, D: Kernels<E>, T: Tape<E, D>, M: Bayesian<E, D>>(
    model: &M,
) -> Result<Tensor<Rank0, E, D, T>, Error> {
    sum(model, None)
}

/// [`kl`] in one draw: where a prior has no closed form, `−H(q) − ln p(w)` with w the weights of `draw`.
///
/// Its mean over draws is the KL. Take the draw of the forward pass, so that each step of training sees another.
/// Where there is a closed form it is used, and this is [`kl`].
///
/// # Errors
/// A model without a posterior; the mean instead of a draw where one is needed; a device that fails.
pub fn kl_in<E: Dtype, D: Kernels<E>, T: Tape<E, D>, M: Bayesian<E, D>>(
    model: &M,
    draw: impl Into<Draw>,
) -> Result<Tensor<Rank0, E, D, T>, Error> {
    sum(model, Some(draw.into()))
}

fn sum<E: Dtype, D: Kernels<E>, T: Tape<E, D>, M: Bayesian<E, D>>(
    model: &M,
    draw: Option<Draw>,
) -> Result<Tensor<Rank0, E, D, T>, Error> {
    let mut tape = OnTape { sum: None, draw };
    model.visit_posteriors(&Name::ROOT, &mut tape)?;
    tape.sum.ok_or(Error::NoPosterior)
}

struct OnTape<E: Dtype, D: Device<E>, T> {
    sum: Option<Tensor<Rank0, E, D, T>>,
    draw: Option<Draw>,
}

impl<E: Dtype, D: Kernels<E>, T: Tape<E, D>> VisitPosteriors<E, D> for OnTape<E, D, T> {
    type Err = Error;

    fn visit<S: ConstShape, C: Config, F: FanIn>(
        &mut self,
        name: &Name<'_>,
        weights: &Variational<S, E, D, C, F>,
    ) -> Result<(), Error> {
        let kl = divergence(name, weights, self.draw.as_ref())?;
        self.sum = Some(match self.sum.take() {
            None => kl,
            Some(sum) => sum.try_add(kl).map_err(Error::device)?,
        });
        Ok(())
    }
}

/// The KL of one tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorKl {
    /// Dotted name, such as `fc1.weight`.
    pub name: String,
    /// Number of weights.
    pub weights: usize,
    /// Sum over the weights, in nats.
    pub kl: f64,
    /// Standard error of `kl`: 0 where it is a closed form.
    pub standard_error: f64,
}

/// The KL of each tensor of `model`, in the order of its fields.
///
/// Where there is no closed form it is the mean over 64 draws, always the same ones.
///
/// # Errors
/// A device that fails.
pub fn kl_per_layer<E: Dtype, D: Kernels<E>, M: Bayesian<E, D>>(
    model: &M,
) -> Result<Vec<TensorKl>, Error> {
    let mut list = ByTensor(Vec::new());
    model.visit_posteriors(&Name::ROOT, &mut list)?;
    Ok(list.0)
}

/// Draws of [`kl_per_layer`] where there is no closed form.
const DRAWS: u64 = 64;

struct ByTensor(Vec<TensorKl>);

impl<E: Dtype, D: Kernels<E>> VisitPosteriors<E, D> for ByTensor {
    type Err = Error;

    fn visit<S: ConstShape, C: Config, F: FanIn>(
        &mut self,
        name: &Name<'_>,
        weights: &Variational<S, E, D, C, F>,
    ) -> Result<(), Error> {
        let kl = |draw: Option<Draw>| -> Result<f64, Error> {
            let kl = divergence::<S, E, D, NoneTape, C, F>(name, weights, draw.as_ref())?;
            let kl = kl.as_vec().first().and_then(|kl| kl.to_f64());
            Ok(kl.unwrap_or(f64::NAN))
        };
        let (kl, standard_error) = match kl(None) {
            Err(Error::SampledKl { .. }) => {
                let draws = (0..DRAWS).map(|sample| kl(Some(Key::new(0, sample).into())));
                let draws = draws.collect::<Result<Vec<f64>, Error>>()?;
                let (n, sum) = (draws.len() as f64, draws.iter().sum::<f64>());
                let squares: f64 = draws.iter().map(|kl| (kl - sum / n).powi(2)).sum();
                (sum / n, (squares / (n - 1.0) / n).sqrt())
            }
            closed => (closed?, 0.0),
        };
        self.0.push(TensorKl {
            name: name.to_string(),
            weights: S::NUMEL,
            kl,
            standard_error,
        });
        Ok(())
    }
}

/// The prior of each tensor of `model` as text, by dotted name: what a checkpoint keeps beside the weights.
pub fn priors<E: Dtype, D: Device<E>, M: Bayesian<E, D>>(model: &M) -> BTreeMap<String, String> {
    let mut priors = Described(BTreeMap::new());
    let Ok(()) = model.visit_posteriors(&Name::ROOT, &mut priors);
    priors.0
}

struct Described(BTreeMap<String, String>);

impl<E: Dtype, D: Device<E>> VisitPosteriors<E, D> for Described {
    type Err = std::convert::Infallible;

    fn visit<S: ConstShape, C: Config, F: FanIn>(
        &mut self,
        name: &Name<'_>,
        weights: &Variational<S, E, D, C, F>,
    ) -> Result<(), Self::Err> {
        self.0.insert(name.to_string(), weights.prior_text());
        Ok(())
    }
}
