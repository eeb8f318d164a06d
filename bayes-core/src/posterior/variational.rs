//! The tensors of a mean-field Gaussian posterior: mu, rho, and with MOPED the prior's mean.

use super::FanIn;
use crate::device::{self, Kernels};
use crate::error::Error;
use crate::estimator::Estimator;
use crate::kernels::gaussian::moped_rho;
use crate::kernels::real::Real;
use crate::plan::{Weights, host};
use crate::twin::{Config, Draw, Name, Noise};
use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection, TensorOptions};
use dfdx::prelude::{ConstShape, Device, Dtype, Shape, Tape, Tensor};
use dfdx::shapes::HasShape;
use dfdx::tensor::NoneTape;
use rand::distributions::{Distribution, Uniform};
use std::marker::PhantomData;

/// A tensor of weights with a Gaussian posterior for each.
///
/// Its tensors are named `mu`, `rho` and, with MOPED, `prior_mean`, which is saved and does not train.
#[derive(Clone, Debug)]
pub struct Variational<S: Shape, E: Dtype, D: Device<E>, C, F> {
    /// Posterior mean.
    pub mu: Tensor<S, E, D>,
    /// Posterior scale before the softplus: `sigma = ln(1 + exp(rho))`.
    pub rho: Tensor<S, E, D>,
    /// Prior mean of each weight; there exactly when the configuration has MOPED.
    prior_mean: Option<Tensor<S, E, D>>,
    config: PhantomData<(C, F)>,
}

/// A posterior and its prior, seen without the layer around them.
#[derive(Debug)]
pub struct Posterior<'a, S: Shape, E: Dtype, D: Device<E>> {
    /// Posterior mean.
    pub mu: &'a Tensor<S, E, D>,
    /// Posterior scale before the softplus.
    pub rho: &'a Tensor<S, E, D>,
    /// Prior mean.
    pub prior_mean: PriorMean<'a, S, E, D>,
    /// Prior standard deviation.
    pub prior_std: f64,
}

/// The mean of a prior: one number for all weights, or one for each.
#[derive(Debug)]
pub enum PriorMean<'a, S: Shape, E: Dtype, D: Device<E>> {
    /// One number.
    Value(f64),
    /// A tensor like the weights.
    Tensor(&'a Tensor<S, E, D>),
}

// Derived, these would ask for a device that is `Copy`.
impl<S: Shape, E: Dtype, D: Device<E>> Clone for Posterior<'_, S, E, D> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S: Shape, E: Dtype, D: Device<E>> Copy for Posterior<'_, S, E, D> {}
impl<S: Shape, E: Dtype, D: Device<E>> Clone for PriorMean<'_, S, E, D> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S: Shape, E: Dtype, D: Device<E>> Copy for PriorMean<'_, S, E, D> {}

/// Where MOPED's sigma would be 0: the smallest sigma that a weight of 0 gets.
const MOPED_FLOOR: f64 = 1e-20;

impl<S: Shape, E: Dtype, D: Device<E>, C: Config, F: FanIn> Variational<S, E, D, C, F> {
    /// The posterior around pretrained weights; see [`Twin::to_bayes`](crate::twin::Twin::to_bayes).
    ///
    /// # Errors
    /// A weight that is not finite; a delta that is not positive; a device that fails.
    pub fn around(weights: &Tensor<S, E, D>, name: &Name<'_>) -> Result<Self, Error> {
        let host: Vec<f64> = device::read(weights)
            .map_err(Error::device)?
            .into_iter()
            .map(|w| w.to_f64().unwrap_or(f64::NAN))
            .collect();
        if let Some(element) = host.iter().position(|w| !w.is_finite()) {
            return Err(Error::NotFinite {
                tensor: name.to_string(),
                element,
                found: host[element],
            });
        }
        let upload = |values: Vec<f64>| {
            let values = values.into_iter().map(from_f64).collect();
            weights
                .device()
                .try_tensor_from_vec(values, *weights.shape())
                .map_err(Error::device)
        };
        let mut rho = vec![C::POSTERIOR.rho; host.len()];
        match C::MOPED {
            None => {}
            Some(delta) if delta > 0.0 && delta.is_finite() => {
                moped_rho(&host, delta, MOPED_FLOOR, &mut rho);
            }
            Some(found) => {
                return Err(Error::Number {
                    name: "moped",
                    must: "positive and finite",
                    found,
                });
            }
        }
        Ok(Self {
            prior_mean: C::MOPED
                .is_some()
                .then(|| upload(host.clone()))
                .transpose()?,
            mu: upload(host)?,
            rho: upload(rho)?,
            config: PhantomData,
        })
    }

    /// The weights in `draw`: mu, or `mu + softplus(rho)·epsilon`, on their tape.
    ///
    /// # Errors
    /// A device that fails.
    pub fn weights<T: Tape<E, D>>(
        &self,
        draw: &Draw,
        field: &str,
    ) -> Result<Tensor<S, E, D, T>, D::Err>
    where
        D: Kernels<E>,
    {
        match draw.weight_noise(field) {
            None => Ok(self.mu.retaped()),
            Some(noise) => D::draw_weights(self.mu.retaped(), self.rho.retaped(), noise),
        }
    }

    /// `softplus(rho)·epsilon`: what `draw` adds to mu. Of the mean it is the deviation with the noise 0.
    ///
    /// # Errors
    /// A device that fails.
    pub fn deviation<T: Tape<E, D>>(
        &self,
        draw: &Draw,
        field: &str,
    ) -> Result<Tensor<S, E, D, T>, D::Err>
    where
        D: Kernels<E>,
    {
        let noise = draw
            .weight_noise(field)
            .unwrap_or_else(|| Noise::none(self.rho.shape().num_elements()));
        D::deviation(self.rho.retaped(), noise)
    }

    /// A tensor of its own with the weights in `draw`.
    ///
    /// # Errors
    /// A device that fails.
    pub fn drawn(&self, draw: &Draw, field: &str) -> Result<Tensor<S, E, D>, Error>
    where
        D: Kernels<E>,
    {
        let weights = self
            .weights::<NoneTape>(draw, field)
            .map_err(Error::device)?;
        if draw.weight_noise(field).is_some() {
            return Ok(weights);
        }
        // A clone would share mu's identity, and so its gradient.
        device::copy(&weights).map_err(Error::device)
    }

    /// Means and standard deviations on the host, for a plan.
    ///
    /// # Errors
    /// A device that fails.
    pub(crate) fn traced(&self, layer: &Name<'_>, field: &'static str) -> Result<Weights, Error> {
        let rho = host(&self.rho)?.into_iter();
        Ok(Weights {
            sigma: Some(rho.map(|rho| rho.softplus() as f32).collect()),
            estimator: C::Estimator::KIND,
            ..Weights::plain(layer, field, &self.mu)?
        })
    }

    /// This with its prior, for KL and reports.
    pub fn posterior(&self) -> Posterior<'_, S, E, D> {
        Posterior {
            mu: &self.mu,
            rho: &self.rho,
            prior_mean: self
                .prior_mean
                .as_ref()
                .map_or(PriorMean::Value(C::PRIOR.mean), PriorMean::Tensor),
            prior_std: C::PRIOR.std_for(F::FAN_IN.unwrap_or(1)),
        }
    }
}

fn from_f64<E: Dtype>(value: f64) -> E {
    E::from_f64(value).unwrap_or_default()
}

/// Uniform numbers in `±1/√fan_in`, as dfdx's layers start: 32-bit numbers are drawn from the same stream as there.
pub(crate) struct Within {
    fan_in: usize,
}

impl Within {
    /// The distribution for tensors whose outputs sum over `fan_in` inputs.
    pub(crate) fn fan_in(fan_in: usize) -> Self {
        Self {
            fan_in: fan_in.max(1),
        }
    }
}

impl<E: Dtype> Distribution<E> for Within {
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> E {
        if size_of::<E>() == size_of::<f32>() {
            let bound = 1.0 / (self.fan_in as f32).sqrt();
            E::from_f32(Uniform::new(-bound, bound).sample(rng)).unwrap_or_default()
        } else {
            let bound = 1.0 / (self.fan_in as f64).sqrt();
            from_f64(Uniform::new(-bound, bound).sample(rng))
        }
    }
}

impl<S: ConstShape, E: Dtype, D: Device<E>, C: Config, F: FanIn> TensorCollection<E, D>
    for Variational<S, E, D, C, F>
{
    type To<E2: Dtype, D2: Device<E2>> = Variational<S, E2, D2, C, F>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        let mu = Self::tensor(
            "mu",
            |s| &s.mu,
            |s| &mut s.mu,
            TensorOptions::reset_with(|t| match F::FAN_IN {
                Some(fan_in) => t.try_fill_with_distr(Within::fan_in(fan_in)),
                None => t.try_fill_with_zeros(),
            }),
        );
        let rho = Self::tensor(
            "rho",
            |s| &s.rho,
            |s| &mut s.rho,
            TensorOptions::reset_with(|t| t.try_fill_with_distr(Constant(C::POSTERIOR.rho))),
        );
        if C::MOPED.is_none() {
            return visitor.visit_fields((mu, rho), |(mu, rho)| Variational {
                mu,
                rho,
                prior_mean: None,
                config: PhantomData,
            });
        }
        const THERE: &str = "with MOPED every constructor makes the prior's mean";
        let prior_mean = Self::tensor(
            "prior_mean",
            |s| s.prior_mean.as_ref().expect(THERE),
            |s| s.prior_mean.as_mut().expect(THERE),
            TensorOptions::detached(|t| t.try_fill_with_distr(Constant(C::PRIOR.mean))),
        );
        visitor.visit_fields((mu, rho, prior_mean), |(mu, rho, prior_mean)| Variational {
            mu,
            rho,
            prior_mean: Some(prior_mean),
            config: PhantomData,
        })
    }
}

/// The distribution that gives one number: dfdx fills tensors from distributions.
struct Constant(f64);

impl<E: Dtype> Distribution<E> for Constant {
    fn sample<R: rand::Rng + ?Sized>(&self, _: &mut R) -> E {
        from_f64(self.0)
    }
}
