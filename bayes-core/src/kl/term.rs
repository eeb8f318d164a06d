//! The divergence of one tensor's posterior from its prior: `−H(q) − E ln p(w)`.

use super::entropy::negative_entropy;
use crate::device::{Kernels, composed};
use crate::error::Error;
use crate::posterior::{Family, FanIn, MeanField, PriorMean, Variational};
use crate::prior::{Gaussian, Learned, Prior, number};
use crate::twin::{Config, Draw, Name};
use dfdx::prelude::{
    Axis, BroadcastTo, ConstShape, Dtype, Rank0, ReshapeTo, SumTo, Tape, Tensor, TryAdd, TryDiv,
    TryMul, TrySub,
};
use dfdx::shapes::HasShape;

type Scalar<E, D, T> = Tensor<Rank0, E, D, T>;

/// `KL(q ‖ p)` of one tensor: in closed form where there is one, else in `draw`.
pub(super) fn divergence<S, E, D, T, C, F>(
    name: &Name<'_>,
    weights: &Variational<S, E, D, C, F>,
    draw: Option<&Draw>,
) -> Result<Scalar<E, D, T>, Error>
where
    S: ConstShape,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
    C: Config,
    F: FanIn,
{
    let prior = weights.prior();
    if let (true, Some(gaussian)) = (C::POSTERIOR.is_mean_field(), prior.as_gaussian())
        && gaussian.learned().is_none()
    {
        return D::gaussian_kl(MeanField {
            mu: &weights.mu,
            rho: &weights.rho,
            prior_mean: weights.prior_mean(),
            prior_std: gaussian.std_for(1),
        })
        .map_err(Error::device);
    }
    let entropy = negative_entropy::<S, E, D, T, C, F>(name, weights)?;
    let cross = match closed_cross_entropy(weights, &prior) {
        Some(cross) => cross.map_err(Error::device)?,
        None => sampled_cross_entropy(name, weights, &prior, draw)?,
    };
    cross.try_add(entropy).map_err(Error::device)
}

/// `−Σ E ln p(w)` where it has a closed form.
fn closed_cross_entropy<S, E, D, T, C, F>(
    weights: &Variational<S, E, D, C, F>,
    prior: &C::Prior,
) -> Option<Result<Scalar<E, D, T>, D::Err>>
where
    S: ConstShape,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
    C: Config,
    F: FanIn,
{
    let gaussian = prior.as_gaussian();
    // Radial weights are not Gaussian, but a Gaussian prior asks for their variance only.
    if C::POSTERIOR.is_radial() && gaussian.is_none() {
        return None;
    }
    let marginals = || -> Result<_, D::Err> {
        Ok((distance(weights, weights.mu.retaped::<T>())?, std(weights)?))
    };
    let (distance, std) = match marginals() {
        Ok(marginals) => marginals,
        Err(error) => return Some(Err(error)),
    };
    match gaussian.and_then(|gaussian: Gaussian| gaussian.learned()) {
        None => prior.cross_entropy(distance, std),
        Some(learned) => Some(learned_cross_entropy(weights, learned, distance, std)),
    }
}

/// `−Σ E ln N(w; m, s²)` with `s = floor + exp(prior_log_std)` on the tape.
fn learned_cross_entropy<S, E, D, T, C, F>(
    weights: &Variational<S, E, D, C, F>,
    learned: Learned,
    distance: Tensor<S, E, D, T>,
    std: Tensor<S, E, D, T>,
) -> Result<Scalar<E, D, T>, D::Err>
where
    S: ConstShape,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
    C: Config,
    F: FanIn,
{
    let parameter = weights
        .prior_log_std()
        .expect("a learned prior has its parameter");
    let prior = parameter
        .retaped::<T>()
        .try_exp()?
        .try_add(number::<E>(learned.floor))?;
    let over = |x: Tensor<S, E, D, T>| -> Result<Scalar<E, D, T>, D::Err> {
        let prior: Tensor<S, E, D, T> = prior.retaped::<T>().try_broadcast()?;
        let sum: Scalar<E, D, T> = x.try_div(prior)?.try_square()?.try_sum::<_, S::AllAxes>()?;
        sum.try_mul(number::<E>(0.5))
    };
    let squares = over(distance)?.try_add(over(std)?)?;
    let constant = 0.5 * (2.0 * std::f64::consts::PI).ln() * S::NUMEL as f64;
    let height = prior.try_ln()?.try_mul(number::<E>(S::NUMEL as f64))?;
    height.try_add(squares)?.try_add(number::<E>(constant))
}

/// `−Σ ln p(w)` of the weights in `draw`.
fn sampled_cross_entropy<S, E, D, T, C, F>(
    name: &Name<'_>,
    weights: &Variational<S, E, D, C, F>,
    prior: &C::Prior,
    draw: Option<&Draw>,
) -> Result<Scalar<E, D, T>, Error>
where
    S: ConstShape,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
    C: Config,
    F: FanIn,
{
    let draw = draw
        .filter(|draw| !draw.is_mean())
        .ok_or_else(|| Error::SampledKl {
            tensor: name.to_string(),
            prior: weights.prior_text(),
        })?;
    let sum = || -> Result<Scalar<E, D, T>, D::Err> {
        let drawn = weights.weights::<T>(draw, &name.to_string())?;
        let log_prob = prior.log_prob(distance(weights, drawn)?)?;
        let sum: Scalar<E, D, T> = log_prob.try_sum::<_, S::AllAxes>()?;
        sum.try_negate()
    };
    sum().map_err(Error::device)
}

/// How far `w` is from the prior's mean.
fn distance<S, E, D, T, C, F>(
    weights: &Variational<S, E, D, C, F>,
    w: Tensor<S, E, D, T>,
) -> Result<Tensor<S, E, D, T>, D::Err>
where
    S: ConstShape,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
    C: Config,
    F: FanIn,
{
    match weights.prior_mean() {
        PriorMean::Value(mean) => w.try_sub(number::<E>(mean)),
        PriorMean::Tensor(mean) => w.try_sub(mean.clone()),
    }
}

/// Added to a variance before its root is taken: the root has no slope at 0.
const LEAST_VARIANCE: f64 = 1e-36;

/// The standard deviation of each weight under the posterior.
fn std<S, E, D, T, C, F>(weights: &Variational<S, E, D, C, F>) -> Result<Tensor<S, E, D, T>, D::Err>
where
    S: ConstShape,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
    C: Config,
    F: FanIn,
{
    let sigma = composed::softplus(weights.rho.retaped::<T>())?;
    match (C::POSTERIOR, weights.factor()) {
        (Family::Radial { .. }, _) => sigma.try_div(number::<E>((S::NUMEL as f64).sqrt())),
        (Family::LowRank { .. }, Some(factor)) => {
            let columns = C::POSTERIOR.rank();
            let factor = factor
                .retaped::<T>()
                .try_reshape_like(&(S::NUMEL, columns))?;
            let together: Tensor<(usize,), E, D, T> =
                factor.try_square()?.try_sum::<_, Axis<1>>()?;
            let together = together.try_reshape_like(weights.mu.shape())?;
            sigma
                .try_square()?
                .try_add(together)?
                .try_add(number::<E>(LEAST_VARIANCE))?
                .try_sqrt()
        }
        _ => Ok(sigma),
    }
}
