//! The tensors of a posterior: mu, rho, with MOPED the prior's mean, and what its family and prior add.

use super::factor::{Columns, Elements};
use super::fill::{Around, Within};
use super::{Family, FanIn, Init, Rho};
use crate::device::{self, Kernels};
use crate::draw::{Key, Noise as Kind};
use crate::error::Error;
use crate::estimator::{Estimator, EstimatorKind};
use crate::kernels::gaussian::moped_rho;
use crate::kernels::real::Real;
use crate::plan::{Weights, host};
use crate::prior::{Mean, Prior};
use crate::twin::{Config, Draw, Name, Noise};
use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection, TensorOptions};
use dfdx::prelude::{
    ConstShape, Device, Dtype, Rank0, ReshapeTo, Shape, Tape, Tensor, TryAdd, TryMatMul,
};
use dfdx::shapes::HasShape;
use dfdx::tensor::NoneTape;
use std::marker::PhantomData;

/// A tensor of weights with a posterior.
///
/// Its tensors are named `mu` and `rho`; with MOPED there is `prior_mean`, which is saved and does not train; with a
/// learned prior `prior_log_std`; with a low-rank posterior `factor`.
#[derive(Clone, Debug)]
pub struct Variational<S: ConstShape, E: Dtype, D: Device<E>, C: Config, F> {
    /// Posterior mean.
    pub mu: Tensor<S, E, D>,
    /// Posterior scale before the softplus: `sigma = ln(1 + exp(rho))`.
    pub rho: Tensor<S, E, D>,
    /// Prior mean of each weight; there exactly when the configuration has MOPED.
    prior_mean: Option<Tensor<S, E, D>>,
    /// `ln(std − floor)` of a learned prior; there exactly when the prior learns its std.
    prior_log_std: Option<Tensor<Rank0, E, D>>,
    /// The directions in which weights move together, one per column; there exactly when the family is low-rank.
    factor: Option<Factor<S, E, D, C>>,
    fan_in: PhantomData<F>,
}

/// The factor U of a low-rank posterior: a row for each weight of a tensor of shape `S`.
pub type Factor<S, E, D, C> = Tensor<(Elements<S>, Columns<C>), E, D>;

/// A mean-field posterior and a Gaussian prior: what the closed form of their divergence takes.
#[derive(Debug)]
pub struct MeanField<'a, S: Shape, E: Dtype, D: Device<E>> {
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
impl<S: Shape, E: Dtype, D: Device<E>> Clone for MeanField<'_, S, E, D> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S: Shape, E: Dtype, D: Device<E>> Copy for MeanField<'_, S, E, D> {}
impl<S: Shape, E: Dtype, D: Device<E>> Clone for PriorMean<'_, S, E, D> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S: Shape, E: Dtype, D: Device<E>> Copy for PriorMean<'_, S, E, D> {}

/// Where MOPED's sigma would be 0: the smallest sigma that a weight of 0 gets.
const MOPED_FLOOR: f64 = 1e-20;

/// The rows of a factor start with this length, in standard deviations: it adds 1 % to the variance.
const FACTOR_START: f64 = 0.1;

impl<S: ConstShape, E: Dtype, D: Device<E>, C: Config, F: FanIn> Variational<S, E, D, C, F> {
    /// The prior of these weights.
    pub fn prior(&self) -> C::Prior {
        C::PRIOR.for_fan_in(F::FAN_IN.unwrap_or(1))
    }

    /// The prior's mean.
    pub fn prior_mean(&self) -> PriorMean<'_, S, E, D> {
        match &self.prior_mean {
            None => PriorMean::Value(C::PRIOR.mean()),
            Some(mean) => PriorMean::Tensor(mean),
        }
    }

    /// `ln(std − floor)` of a learned prior.
    pub fn prior_log_std(&self) -> Option<&Tensor<Rank0, E, D>> {
        self.prior_log_std.as_ref()
    }

    /// The factor of a low-rank posterior.
    pub fn factor(&self) -> Option<&Factor<S, E, D, C>> {
        self.factor.as_ref()
    }

    /// The prior in words.
    pub fn prior_text(&self) -> String {
        let mean = match self.prior_mean {
            None => Mean::Value,
            Some(_) => Mean::Tensor,
        };
        self.prior().text(mean)
    }

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
        let mut rho = vec![start_of_rho::<C, F>(); host.len()];
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
        let factor =
            (C::POSTERIOR.rank() > 0).then(|| start_of_factor(&rho, C::POSTERIOR.rank(), name));
        let start = C::PRIOR.as_gaussian().and_then(|prior| prior.learned());
        let device = weights.device();
        Ok(Self {
            prior_mean: C::MOPED
                .is_some()
                .then(|| upload(device, host.clone(), *weights.shape()))
                .transpose()?,
            mu: upload(device, host, *weights.shape())?,
            rho: upload(device, rho, *weights.shape())?,
            factor: factor
                .map(|factor| upload(device, factor, Default::default()))
                .transpose()?,
            prior_log_std: start
                .map(|learned| upload(device, vec![(learned.start - learned.floor).ln()], ()))
                .transpose()?,
            fan_in: PhantomData,
        })
    }

    /// The weights in `draw`: mu, or mu and what the draw adds to it, on their tape.
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
        const {
            assert!(
                C::POSTERIOR.rank() == 0
                    || matches!(C::Estimator::KIND, EstimatorKind::Reparameterization),
                "a LowRank posterior takes `estimator = Reparameterization`: its weights are not independent, and the \
                 other estimators draw them as if they were"
            );
        }
        let Some(noise) = self.noise(draw, field) else {
            return Ok(self.mu.retaped());
        };
        draw.once((field, "weights"), || {
            let weights = match self.sigma(draw, field) {
                Some(sigma) => D::spread(Some(self.mu.retaped()), sigma?, noise)?,
                None => D::draw_weights(self.mu.retaped::<T>(), self.rho.retaped(), noise)?,
            };
            match (&self.factor, draw.factor_noise(field)) {
                (Some(factor), Some(noise)) => {
                    let (rows, columns) = (S::NUMEL, C::POSTERIOR.rank());
                    let z = device::standard_normal(self.mu.device(), &noise, columns)?;
                    let z = z.try_reshape_like(&(columns, 1))?;
                    let factor = factor.retaped::<T>().try_reshape_like(&(rows, columns))?;
                    let together = factor.try_matmul(z)?.try_reshape_like(self.mu.shape())?;
                    weights.try_add(together)
                }
                _ => Ok(weights),
            }
        })
    }

    /// `sigma∘noise`: what `draw` adds to mu. Of the mean it is the deviation with the noise 0.
    ///
    /// # Errors
    /// A low-rank posterior, whose draws are not independent; a device that fails.
    pub fn deviation<T: Tape<E, D>>(
        &self,
        draw: &Draw,
        field: &str,
    ) -> Result<Tensor<S, E, D, T>, D::Err>
    where
        D: Kernels<E>,
    {
        if C::POSTERIOR.rank() > 0 {
            draw.report(Error::Estimator {
                estimator: EstimatorKind::Flipout,
                because: "the weights of its low-rank posterior are not independent",
            });
            return Err(D::misfit());
        }
        let noise = self
            .noise(draw, field)
            .unwrap_or_else(|| Noise::constant(0.0, S::NUMEL));
        draw.once((field, "deviation"), || match self.sigma(draw, field) {
            Some(sigma) => D::spread(None, sigma?, noise),
            None => D::deviation(self.rho.retaped(), noise),
        })
    }

    /// The variance of each weight, `sigma²`.
    ///
    /// # Errors
    /// A device that fails.
    pub fn variance<T: Tape<E, D>>(
        &self,
        draw: &Draw,
        field: &str,
    ) -> Result<Tensor<S, E, D, T>, D::Err>
    where
        D: Kernels<E>,
    {
        let variance = || D::variance(self.rho.retaped());
        draw.shared((field, "variance"), variance)
            .unwrap_or_else(variance)
    }

    /// sigma, where the draws of a prediction share it.
    fn sigma<T: Tape<E, D>>(
        &self,
        draw: &Draw,
        field: &str,
    ) -> Option<Result<Tensor<S, E, D, T>, D::Err>>
    where
        D: Kernels<E>,
    {
        draw.shared((field, "sigma"), || {
            let ones = Noise::constant(1.0, S::NUMEL);
            D::deviation(self.rho.retaped(), ones)
        })
    }

    /// The noise that sigma is multiplied with.
    fn noise(&self, draw: &Draw, field: &str) -> Option<Noise> {
        match C::POSTERIOR {
            Family::Radial { .. } => draw.radial_noise(field),
            Family::MeanField { .. } | Family::LowRank { .. } => draw.weight_noise(field),
        }
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
    /// A posterior that is not mean-field; a device that fails.
    pub(crate) fn traced(&self, layer: &Name<'_>, field: &str) -> Result<Weights, Error> {
        if !C::POSTERIOR.is_mean_field() {
            return Err(Error::Structure {
                layer: layer.to_string(),
                problem: "a plan draws each weight by itself: it takes posterior = MeanField(..), or the \
                          `mean()` of this model"
                    .to_owned(),
            });
        }
        let rho = host(&self.rho)?.into_iter();
        Ok(Weights {
            sigma: Some(rho.map(|rho| rho.softplus() as f32).collect()),
            estimator: C::Estimator::KIND,
            ..Weights::plain(layer, field, &self.mu)?
        })
    }
}

/// rho without pretrained weights.
fn start_of_rho<C: Config, F: FanIn>() -> f64 {
    C::POSTERIOR.rho().for_fan_in(F::FAN_IN.unwrap_or(1))
}

/// A factor with rows of a tenth of sigma, their signs from the tensor's name: the same for the same model.
fn start_of_factor(rho: &[f64], rank: usize, name: &Name<'_>) -> Vec<f64> {
    let key = Key::new(0, 0).field(&name.to_string());
    let kind = Kind::Factor;
    let signs = Noise::Tensor { key, kind }.signs(rho.len() * rank);
    let lengths = rho
        .iter()
        .map(|rho| FACTOR_START * rho.softplus() / (rank as f64).sqrt());
    let lengths = lengths.flat_map(|length| std::iter::repeat_n(length, rank));
    lengths
        .zip(signs)
        .map(|(length, sign)| length * f64::from(sign))
        .collect()
}

fn upload<S: Shape, E: Dtype, D: Device<E>>(
    device: &D,
    values: Vec<f64>,
    shape: S,
) -> Result<Tensor<S, E, D>, Error> {
    let values = values.into_iter().map(from_f64).collect();
    device
        .try_tensor_from_vec(values, shape)
        .map_err(Error::device)
}

fn from_f64<E: Dtype>(value: f64) -> E {
    E::from_f64(value).unwrap_or_default()
}

/// Why an optional tensor is there.
const THERE: &str = "every constructor makes the tensors that the configuration asks for";

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
            TensorOptions::reset_with(|t| match (C::INIT, F::FAN_IN) {
                (Init::BayesianTorch, _) => t.try_fill_with_distr(BAYESIAN_TORCH_MU),
                (Init::FanIn, Some(fan_in)) => t.try_fill_with_distr(Within::fan_in(fan_in)),
                (Init::FanIn, None) => t.try_fill_with_zeros(),
            }),
        );
        let rho = Self::tensor(
            "rho",
            |s| &s.rho,
            |s| &mut s.rho,
            TensorOptions::reset_with(|t| t.try_fill_with_distr(distribution_of_rho::<C, F>())),
        );
        let mut built = visitor.visit_fields((mu, rho), |(mu, rho)| Variational {
            mu,
            rho,
            prior_mean: None,
            prior_log_std: None,
            factor: None,
            fan_in: PhantomData,
        })?;
        if C::MOPED.is_some() {
            let prior_mean = Self::tensor(
                "prior_mean",
                |s| s.prior_mean.as_ref().expect(THERE),
                |s| s.prior_mean.as_mut().expect(THERE),
                TensorOptions::detached(|t| {
                    t.try_fill_with_distr(Around::exactly(C::PRIOR.mean()))
                }),
            );
            built = visitor.visit_fields((prior_mean,), |(prior_mean,)| Variational {
                prior_mean: Some(prior_mean),
                ..built.expect(BUILT)
            })?;
        }
        if learned::<C>().is_some() {
            let prior_log_std = Self::tensor(
                "prior_log_std",
                |s| s.prior_log_std.as_ref().expect(THERE),
                |s| s.prior_log_std.as_mut().expect(THERE),
                TensorOptions::reset_with(|t| {
                    let start = learned::<C>().map_or(0.0, |std| (std.start - std.floor).ln());
                    t.try_fill_with_distr(Around::exactly(start))
                }),
            );
            built = visitor.visit_fields((prior_log_std,), |(prior_log_std,)| Variational {
                prior_log_std: Some(prior_log_std),
                ..built.expect(BUILT)
            })?;
        }
        if C::POSTERIOR.rank() > 0 {
            let factor = Self::tensor(
                "factor",
                |s| s.factor.as_ref().expect(THERE),
                |s| s.factor.as_mut().expect(THERE),
                TensorOptions::reset_with(|t| {
                    let sigma = start_of_rho::<C, F>().softplus();
                    let std = FACTOR_START * sigma / (C::POSTERIOR.rank() as f64).sqrt();
                    t.try_fill_with_distr(Around { mean: 0.0, std })
                }),
            );
            built = visitor.visit_fields((factor,), |(factor,)| Variational {
                factor: Some(factor),
                ..built.expect(BUILT)
            })?;
        }
        Ok(built)
    }
}

/// A visitor that builds a tensor has built those before it.
const BUILT: &str = "a visitor builds all tensors or none";

fn learned<C: Config>() -> Option<crate::prior::Learned> {
    C::PRIOR.as_gaussian().and_then(|prior| prior.learned())
}

const BAYESIAN_TORCH_MU: Around = Around {
    mean: 0.0,
    std: 0.1,
};

fn distribution_of_rho<C: Config, F: FanIn>() -> Around {
    match (C::INIT, C::POSTERIOR.rho()) {
        (Init::FanIn, _) => Around::exactly(start_of_rho::<C, F>()),
        (Init::BayesianTorch, Rho::Value(mean)) => Around { mean, std: 0.1 },
        (Init::BayesianTorch, Rho::FanIn) => Around {
            mean: -3.0,
            std: 0.1,
        },
    }
}
