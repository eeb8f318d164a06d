//! KL divergence of posterior from prior, summed over all weights: on the tape for training, by tensor for reports.

use crate::device::Kernels;
use crate::error::Error;
use crate::posterior::{Posterior, PriorMean};
use crate::twin::{Bayesian, Name, VisitPosteriors};
use dfdx::prelude::{Device, Dtype, Rank0, Shape, Tape, Tensor, TryAdd};
use dfdx::shapes::HasShape;
use dfdx::tensor::NoneTape;
use std::collections::BTreeMap;

/// `Σ KL(q(w) ‖ p(w))` over every weight of `model`, in nats, on a tape of its own.
///
/// # Errors
/// A model without a posterior; a device that fails.
pub fn kl<E: Dtype, D: Kernels<E>, T: Tape<E, D>, M: Bayesian<E, D>>(
    model: &M,
) -> Result<Tensor<Rank0, E, D, T>, D::Err> {
    let mut sum = OnTape { sum: None };
    model.visit_posteriors(&Name::ROOT, &mut sum)?;
    sum.sum.ok_or_else(D::misfit)
}

struct OnTape<E: Dtype, D: Device<E>, T> {
    sum: Option<Tensor<Rank0, E, D, T>>,
}

impl<E: Dtype, D: Kernels<E>, T: Tape<E, D>> VisitPosteriors<E, D> for OnTape<E, D, T> {
    type Err = D::Err;

    fn visit<S: Shape>(
        &mut self,
        _: &Name<'_>,
        posterior: Posterior<'_, S, E, D>,
    ) -> Result<(), D::Err> {
        let kl = D::gaussian_kl::<S, T>(posterior)?;
        self.sum = Some(match self.sum.take() {
            None => kl,
            Some(sum) => sum.try_add(kl)?,
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
}

/// The KL of each tensor of `model`, in the order of its fields.
///
/// # Errors
/// A device that fails.
pub fn kl_per_layer<E: Dtype, D: Kernels<E>, M: Bayesian<E, D>>(
    model: &M,
) -> Result<Vec<TensorKl>, Error> {
    let mut list = ByTensor(Vec::new());
    model
        .visit_posteriors(&Name::ROOT, &mut list)
        .map_err(Error::device)?;
    Ok(list.0)
}

struct ByTensor(Vec<TensorKl>);

impl<E: Dtype, D: Kernels<E>> VisitPosteriors<E, D> for ByTensor {
    type Err = D::Err;

    fn visit<S: Shape>(
        &mut self,
        name: &Name<'_>,
        posterior: Posterior<'_, S, E, D>,
    ) -> Result<(), D::Err> {
        let weights = posterior.mu.shape().num_elements();
        let kl = D::gaussian_kl::<S, NoneTape>(posterior)?.as_vec();
        let kl = kl.first().and_then(|kl| kl.to_f64()).unwrap_or(f64::NAN);
        self.0.push(TensorKl {
            name: name.to_string(),
            weights,
            kl,
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

    fn visit<S: Shape>(
        &mut self,
        name: &Name<'_>,
        posterior: Posterior<'_, S, E, D>,
    ) -> Result<(), Self::Err> {
        let std = posterior.prior_std;
        let prior = match posterior.prior_mean {
            PriorMean::Value(mean) => format!("Gaussian(mean {mean}, std {std})"),
            PriorMean::Tensor(_) => format!("Gaussian(mean prior_mean, std {std})"),
        };
        self.0.insert(name.to_string(), prior);
        Ok(())
    }
}
