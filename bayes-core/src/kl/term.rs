//! The divergence of one tensor's posterior from its prior: `−H(q) − E ln p(w)`.

use super::entropy::negative_entropy;
use super::rows::{Row, Rows};
use crate::device::{Kernels, composed};
use crate::error::Error;
use crate::posterior::{Family, FanIn, MeanField, PriorMean, Variational};
use crate::prior::{Gaussian, Learned, Prior, number};
use crate::twin::{Config, Draw, Name};
use dfdx::prelude::{
    Axis, BroadcastTo, ConstShape, Dtype, Rank0, ReshapeTo, SumTo, Tape, Tensor, TryAdd, TryDiv,
    TryMul, TrySub,
};

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
    let rows = Rows::of(weights).map_err(Error::device)?;
    let prior = weights.prior();
    if let Some(closed) = closed_divergence(name, &rows, &prior) {
        return closed;
    }
    let draw = draw
        .filter(|draw| !draw.is_mean())
        .ok_or_else(|| Error::SampledKl {
            tensor: name.to_string(),
            prior: weights.prior_text(),
        })?;
    let drawn = weights.weights::<T>(draw, &name.to_string());
    let drawn = drawn.and_then(|drawn| drawn.try_reshape_like(&(S::NUMEL,)));
    sampled_divergence(name, &rows, &prior, drawn.map_err(Error::device)?)
}

/// In closed form, if there is one.
fn closed_divergence<E, D, T, P>(
    name: &Name<'_>,
    rows: &Rows<E, D>,
    prior: &P,
) -> Option<Result<Scalar<E, D, T>, Error>>
where
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
    P: Prior,
{
    if let (true, Some(gaussian)) = (rows.family.is_mean_field(), prior.as_gaussian())
        && gaussian.learned().is_none()
    {
        let kl = D::gaussian_kl(MeanField {
            mu: &rows.mu,
            rho: &rows.rho,
            prior_mean: rows.prior_mean(),
            prior_std: gaussian.std_for(1),
        });
        return Some(kl.map_err(Error::device));
    }
    let cross = closed_cross_entropy(rows, prior)?;
    let entropy = negative_entropy::<E, D, T>(name, rows);
    Some(entropy.and_then(|entropy| {
        let sum = cross.and_then(|cross| cross.try_add(entropy));
        sum.map_err(Error::device)
    }))
}

/// With `−Σ ln p(w)` of the weights `drawn`.
fn sampled_divergence<E, D, T, P>(
    name: &Name<'_>,
    rows: &Rows<E, D>,
    prior: &P,
    drawn: Row<E, D, T>,
) -> Result<Scalar<E, D, T>, Error>
where
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
    P: Prior,
{
    let entropy = negative_entropy::<E, D, T>(name, rows)?;
    let sum = || -> Result<Scalar<E, D, T>, D::Err> {
        let log_prob = prior.log_prob(distance(rows, drawn)?)?;
        let sum: Scalar<E, D, T> = log_prob.try_sum()?;
        sum.try_negate()?.try_add(entropy)
    };
    sum().map_err(Error::device)
}

/// `−Σ E ln p(w)` where it has a closed form.
fn closed_cross_entropy<E, D, T, P>(
    rows: &Rows<E, D>,
    prior: &P,
) -> Option<Result<Scalar<E, D, T>, D::Err>>
where
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
    P: Prior,
{
    let gaussian = prior.as_gaussian();
    // Radial weights are not Gaussian, but a Gaussian prior asks for their variance only.
    if rows.family.is_radial() && gaussian.is_none() {
        return None;
    }
    let marginals =
        || -> Result<_, D::Err> { Ok((distance(rows, rows.mu.retaped::<T>())?, std(rows)?)) };
    let (distance, std) = match marginals() {
        Ok(marginals) => marginals,
        Err(error) => return Some(Err(error)),
    };
    match gaussian.and_then(|gaussian: Gaussian| gaussian.learned()) {
        None => prior.cross_entropy(distance, std),
        Some(learned) => Some(learned_cross_entropy(rows, learned, distance, std)),
    }
}

/// `−Σ E ln N(w; m, s²)` with `s = floor + exp(prior_log_std)` on the tape.
fn learned_cross_entropy<E, D, T>(
    rows: &Rows<E, D>,
    learned: Learned,
    distance: Row<E, D, T>,
    std: Row<E, D, T>,
) -> Result<Scalar<E, D, T>, D::Err>
where
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    let parameter = rows.prior_log_std.as_ref();
    let parameter = parameter.expect("a learned prior has its parameter");
    let prior = parameter
        .retaped::<T>()
        .try_exp()?
        .try_add(number::<E>(learned.floor))?;
    let over = |x: Row<E, D, T>| -> Result<Scalar<E, D, T>, D::Err> {
        let prior: Row<E, D, T> = prior.retaped::<T>().try_broadcast_like(&(rows.len(),))?;
        let sum: Scalar<E, D, T> = x.try_div(prior)?.try_square()?.try_sum()?;
        sum.try_mul(number::<E>(0.5))
    };
    let squares = over(distance)?.try_add(over(std)?)?;
    let constant = 0.5 * (2.0 * std::f64::consts::PI).ln() * rows.len() as f64;
    let height = prior.try_ln()?.try_mul(number::<E>(rows.len() as f64))?;
    height.try_add(squares)?.try_add(number::<E>(constant))
}

/// How far `w` is from the prior's mean.
fn distance<E, D, T>(rows: &Rows<E, D>, w: Row<E, D, T>) -> Result<Row<E, D, T>, D::Err>
where
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    match rows.prior_mean() {
        PriorMean::Value(mean) => w.try_sub(number::<E>(mean)),
        PriorMean::Tensor(mean) => w.try_sub(mean.clone()),
    }
}

/// Added to a variance before its root is taken: the root has no slope at 0.
const LEAST_VARIANCE: f64 = 1e-36;

/// The standard deviation of each weight under the posterior.
fn std<E, D, T>(rows: &Rows<E, D>) -> Result<Row<E, D, T>, D::Err>
where
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    let sigma = composed::softplus(rows.rho.retaped::<T>())?;
    match (rows.family, &rows.factor) {
        (Family::Radial { .. }, _) => sigma.try_div(number::<E>((rows.len() as f64).sqrt())),
        (Family::LowRank { .. }, Some(factor)) => {
            let squares = factor.retaped::<T>().try_square()?;
            let together: Row<E, D, T> = squares.try_sum::<_, Axis<1>>()?;
            sigma
                .try_square()?
                .try_add(together)?
                .try_add(number::<E>(LEAST_VARIANCE))?
                .try_sqrt()
        }
        _ => Ok(sigma),
    }
}
