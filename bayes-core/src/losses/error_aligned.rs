//! Error-aligned uncertainty and confidence as training losses of a regression.

use super::Result;
use super::agreement::{Column, Membership, Weights, agreement, log_loss, rest, where_or_rest};
use super::input::{Checked, Known, check_beta, check_threshold, checked_on_tape, number};
use crate::error::Error;
use crate::metrics::{Demand, non_negative, probability};
use dfdx::prelude::{Device, Dtype, Rank0, ReshapeTo, Shape, Tape, Tensor};
use dfdx::shapes::HasShape;

/// Where an error counts as low and an example as certain, for [`eau_loss`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EauThresholds {
    /// The largest low error.
    pub error: f64,
    /// The largest uncertainty of a certain example.
    pub uncertainty: f64,
}

/// Where an error counts as low and an example as certain, for [`eac_loss`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EacThresholds {
    /// The largest low error.
    pub error: f64,
    /// Certain examples have a confidence above this.
    pub confidence: f64,
}

/// Error-aligned uncertainty loss EaU: `−beta·ln((LC + HU)/(LC + LU + HC + HU + 1e-10) + 1e-10)` (Kose et al. 2022).
///
/// `error` and `uncertainty` have one shape, (N) or (N, 1), and are at least 0: for example |y − mu| and a standard
/// deviation. An error is low where it is at most its threshold, an example certain where its uncertainty is at most
/// its threshold; `LC = Σ (1 − tanh e)(1 − tanh u)`, `LU = Σ (1 − tanh e)·tanh u`, `HC = Σ tanh e·(1 − tanh u)` and
/// `HU = Σ tanh e·tanh u` over the examples of each kind. The kinds are constants for the gradient.
///
/// tanh is near 1 above 3: give both in units in which they are about 1. With one example the share is 0 or 1: no
/// gradient.
///
/// # Errors
/// No examples; shapes that differ; an error or uncertainty that is NaN, infinite or below 0; a NaN threshold; a beta
/// that is negative or not finite; a device that fails.
///
/// ```
/// use bayes_core::losses::{EauThresholds, eau_loss};
/// use bayes_core::prelude::*;
///
/// let dev = Cpu::default();
/// // Equal uncertainties of a large and a small error.
/// let (error, std) = (dev.tensor([2.0_f64, 0.1]), dev.tensor([0.5_f64, 0.5]));
/// let thresholds = EauThresholds { error: 1.0, uncertainty: 0.8 };
/// let loss = eau_loss(error.leaky_trace(), std.leaky_trace(), thresholds, 1.0)?;
/// let gradient = loss.backward().get(&std).array();
/// // Descending raises the first and lowers the second.
/// assert!(gradient[0] < 0.0 && gradient[1] > 0.0);
/// # Ok::<(), Error>(())
/// ```
pub fn eau_loss<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    error: Tensor<S, E, D, T>,
    uncertainty: Tensor<S, E, D, T>,
    thresholds: EauThresholds,
    beta: f64,
) -> std::result::Result<Tensor<Rank0, E, D, T>, Error> {
    let shape = *error.shape();
    check_beta(beta)?;
    let most_low = threshold::<E>(thresholds.error)?;
    let most_certain = threshold::<E>(thresholds.uncertainty)?;
    let low = |e| e <= most_low;
    let error = side("errors", error, &shape, non_negative(), low)?;
    let certain = |u| u <= most_certain;
    let u = side(
        "uncertainties",
        uncertainty,
        &shape,
        non_negative(),
        certain,
    )?;
    let membership = Membership::new(error.known, vec![u.known]);
    let uncertain = u.tensor.try_tanh().map_err(Error::device)?;
    let certain = rest(uncertain.retaped::<T>()).map_err(Error::device)?;
    on_tape(error.tensor, [certain, uncertain], &membership, beta).map_err(Error::device)
}

/// Error-aligned confidence loss EaC: [`eau_loss`] with a confidence c in place of 1 − tanh u, and 1 − c in place of
/// tanh u (Kose et al. 2022).
///
/// `error` is at least 0 and `confidence` between 0 and 1, of one shape, (N) or (N, 1); an example is certain where
/// its confidence is above its threshold.
///
/// # Errors
/// As [`eau_loss`], and a confidence that is not between 0 and 1.
pub fn eac_loss<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    error: Tensor<S, E, D, T>,
    confidence: Tensor<S, E, D, T>,
    thresholds: EacThresholds,
    beta: f64,
) -> std::result::Result<Tensor<Rank0, E, D, T>, Error> {
    let shape = *error.shape();
    check_beta(beta)?;
    let most_low = threshold::<E>(thresholds.error)?;
    let most_uncertain = threshold::<E>(thresholds.confidence)?;
    let low = |e| e <= most_low;
    let error = side("errors", error, &shape, non_negative(), low)?;
    let certain = |c| c > most_uncertain;
    let c = side("confidences", confidence, &shape, probability(), certain)?;
    let membership = Membership::new(error.known, vec![c.known]);
    let uncertain = rest(c.tensor.retaped::<T>()).map_err(Error::device)?;
    on_tape(error.tensor, [c.tensor, uncertain], &membership, beta).map_err(Error::device)
}

/// A threshold, rounded as the elements are: an error of 0.8 is not above 0.8 in single precision either.
fn threshold<E: Dtype>(threshold: f64) -> std::result::Result<f64, Error> {
    check_threshold(threshold)?;
    Ok(number::<E>(threshold).to_f64().unwrap_or(threshold))
}

/// Errors, uncertainties or confidences as a column, checked, and of which `holds` is true.
fn side<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    what: &'static str,
    tensor: Tensor<S, E, D, T>,
    shape: &S,
    demand: Demand,
    holds: impl Fn(f64) -> bool,
) -> Checked<(usize,), E, D, T, Vec<bool>> {
    let Known { tensor, known } = checked_on_tape(what, tensor, shape, demand)?;
    let tensor = tensor.try_reshape_like(&(known.len(),));
    Ok(Known {
        tensor: tensor.map_err(Error::device)?,
        known: known.into_iter().map(holds).collect(),
    })
}

fn on_tape<E: Dtype, D: Device<E>, T: Tape<E, D>>(
    error: Column<E, D, T>,
    [certain, uncertain]: [Column<E, D, T>; 2],
    membership: &Membership,
    beta: f64,
) -> Result<Rank0, E, D, T> {
    let high: Vec<bool> = membership.right.iter().map(|low| !low).collect();
    let weights = Weights {
        right: where_or_rest(error.try_tanh()?, &high)?,
        certain,
        uncertain,
    };
    log_loss(agreement(weights, membership)?, &[1.0], beta)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_slopes, normals, tensor, traced};
    use super::*;
    use crate::metrics::MetricError;
    use dfdx::tensor::{AsArray, Cpu, TensorFrom};

    const EAU: EauThresholds = EauThresholds {
        error: 0.7,
        uncertainty: 0.6,
    };
    const EAC: EacThresholds = EacThresholds {
        error: 0.7,
        confidence: 0.5,
    };

    /// Errors, and uncertainties that are also confidences.
    fn batch(len: usize) -> [Vec<f64>; 2] {
        let errors = normals(1, len).into_iter().map(f64::abs).collect();
        let shares = normals(2, len).into_iter().map(|z| 1.0 / (1.0 + z.exp()));
        [errors, shares.collect()]
    }

    /// The definition, one example after the other: each with what it counts for being certain.
    fn reference(examples: impl Iterator<Item = (f64, bool, f64)>, beta: f64) -> f64 {
        let (mut good, mut all) = (0.0, 0.0);
        for (error, certain, certainty) in examples {
            let low = error <= 0.7;
            let of_error = if low {
                1.0 - error.tanh()
            } else {
                error.tanh()
            };
            let product = of_error * if certain { certainty } else { 1.0 - certainty };
            all += product;
            good += if low == certain { product } else { 0.0 };
        }
        -beta * (good / all + 1e-10).ln()
    }

    #[test]
    fn values_are_those_of_the_definition() {
        let [errors, shares] = batch(12);
        let pairs = || errors.iter().copied().zip(shares.iter().copied());
        let (e, u) = (tensor(&errors, (12,)), tensor(&shares, (12,)));
        let want = reference(pairs().map(|(e, u)| (e, u <= 0.6, 1.0 - u.tanh())), 2.0);
        let got = eau_loss(e.clone(), u.clone(), EAU, 2.0).unwrap().array();
        assert!(
            (got - want).abs() < 1e-9 && want > 0.1,
            "{got} instead of {want}"
        );
        let want = reference(pairs().map(|(e, c)| (e, c > 0.5, c)), 3.0);
        let got = eac_loss(e, u, EAC, 3.0).unwrap().array();
        assert!(
            (got - want).abs() < 1e-9 && want > 0.1,
            "{got} instead of {want}"
        );
    }

    #[test]
    fn gradients_are_slopes_in_columns_as_in_rows() {
        let [errors, shares] = batch(12);
        for shape in [(12, 1), (1, 12)] {
            let (e, u) = (tensor(&errors, shape), tensor(&shares, shape));
            assert_slopes(&errors, |x| {
                traced(x, shape, |x| eau_loss(x, u.retaped(), EAU, 2.0))
            });
            assert_slopes(&shares, |x| {
                traced(x, shape, |x| eau_loss(e.retaped(), x, EAU, 2.0))
            });
            assert_slopes(&errors, |x| {
                traced(x, shape, |x| eac_loss(x, u.retaped(), EAC, 2.0))
            });
            assert_slopes(&shares, |x| {
                traced(x, shape, |x| eac_loss(e.retaped(), x, EAC, 2.0))
            });
        }
    }

    #[test]
    fn one_example_is_all_or_nothing() {
        let of = |error: f64, u: f64| {
            let (loss, gradient) = traced(&[u], (1, 1), |u| {
                eau_loss(tensor(&[error], (1, 1)).retaped(), u, EAU, 1.0)
            });
            assert!(gradient[0].abs() < 1e-8);
            loss
        };
        for (error, u) in [(0.5, 0.5), (0.8, 0.8)] {
            assert!(
                of(error, u).abs() < 1e-8,
                "low and certain, or high and uncertain"
            );
        }
        for (error, u) in [(0.5, 0.8), (0.8, 0.5)] {
            assert!((of(error, u) + 1e-10_f64.ln()).abs() < 1e-8);
        }
    }

    #[test]
    fn a_number_equal_to_its_threshold_is_not_above_it_in_single_precision() {
        let one = |x: f32| Cpu::default().tensor([x]);
        let thresholds = EauThresholds {
            error: 0.8,
            uncertainty: 0.8,
        };
        // Low and certain: they agree.
        let loss = eau_loss(one(0.8), one(0.8), thresholds, 1.0).unwrap();
        assert!(loss.array().abs() < 1e-6);
        let loss = eau_loss(one(0.8), one(0.800_000_1), thresholds, 1.0).unwrap();
        assert!(loss.array() > 1.0);
    }

    #[test]
    fn bad_input_is_an_error() {
        let eau = |error: &[f64], u: &[f64], thresholds, beta| {
            let (error, u) = (tensor(error, (error.len(),)), tensor(u, (u.len(),)));
            eau_loss(error, u, thresholds, beta).map(|_| ())
        };
        eau(&[0.0], &[0.0], EAU, 0.0).unwrap();
        for (error, u) in [
            (-0.1, 0.5),
            (f64::NAN, 0.5),
            (0.5, -0.1),
            (0.5, f64::INFINITY),
        ] {
            assert!(matches!(
                eau(&[error], &[u], EAU, 1.0),
                Err(Error::Metric(MetricError::Number { position: 0, .. }))
            ));
        }
        assert!(matches!(
            eau(&[0.5; 2], &[0.5; 3], EAU, 1.0),
            Err(Error::Metric(MetricError::Length { .. }))
        ));
        assert!(matches!(
            eau(&[], &[], EAU, 1.0),
            Err(Error::Metric(MetricError::Empty { .. }))
        ));
        let no_threshold = EauThresholds {
            uncertainty: f64::NAN,
            ..EAU
        };
        assert!(eau(&[0.5], &[0.5], no_threshold, 1.0).is_err());
        assert!(eau(&[0.5], &[0.5], EAU, f64::NAN).is_err());
        let one = |x: f64| tensor(&[x], (1,));
        assert!(eac_loss(one(0.5), one(1.1), EAC, 1.0).is_err());
        assert!(eac_loss(one(-0.5), one(0.5), EAC, 1.0).is_err());
        assert!(eac_loss(one(0.5), one(1.0), EAC, 1.0).is_ok());
    }
}
