//! Accuracy versus uncertainty as training losses of a classifier.

use super::Result;
use super::agreement::{Membership, Weights, agreement, log_loss, rest, where_or_rest};
use super::input::{Checked, Known, check_beta, check_targets, check_threshold, checked};
use crate::error::Error;
use crate::metrics::{MetricError, between, finite, row_entropy, softmax, top_class};
use dfdx::prelude::{
    Axis, Device, Dim, Dtype, Rank0, ReshapeTo, SelectTo, Shape, SumTo, Tape, Tensor, TryMul,
};
use dfdx::shapes::HasShape;
use dfdx::tensor::{PutTape, SplitTape};

/// Accuracy-versus-uncertainty calibration loss AvUC: `−beta·ln AvU` with soft counts (Krishnan & Tickoo 2020).
///
/// `logits` is N×C, `labels` has N classes below C. With p the softmax of a row, conf = max p, u its entropy in nats
/// and t = tanh u, an example is certain where u ≤ `threshold` and accurate where its most probable class is the
/// label; `n_AC = Σ conf·(1 − t)`, `n_AU = Σ conf·t`, `n_IC = Σ (1 − conf)(1 − t)` and `n_IU = Σ (1 − conf)·t` over
/// the examples of each kind, `AvU = (n_AC + n_IU)/(n_AC + n_AU + n_IC + n_IU + 1e-10)`, and the loss is
/// `−beta·ln(AvU + 1e-10)`. The kinds are constants for the gradient.
///
/// It is added to a likelihood. The authors take beta = 3 and a threshold of 1 for the first epochs, then
/// [`avuc_threshold`]. With one example AvU is 0 or 1, whatever the logits: no gradient.
///
/// # Errors
/// As [`cross_entropy_loss`](super::cross_entropy_loss); a NaN threshold; a beta that is negative or not finite.
///
/// ```
/// use bayes_core::losses::avuc_loss;
/// use bayes_core::prelude::*;
///
/// let dev = Cpu::default();
/// // Right and certain; wrong, and certain of it or not.
/// let certain = dev.tensor([[4.0_f64, 0.0], [4.0, 0.0]]);
/// let uncertain = dev.tensor([[4.0_f64, 0.0], [0.1, 0.0]]);
/// assert!(avuc_loss(certain, &[0, 1], 0.3, 3.0)?.array() > 0.01);
/// assert!(avuc_loss(uncertain, &[0, 1], 0.3, 3.0)?.array() < 1e-6);
/// # Ok::<(), Error>(())
/// ```
pub fn avuc_loss<B: Dim, C: Dim, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    logits: Tensor<(B, C), E, D, T>,
    labels: &[usize],
    threshold: f64,
    beta: f64,
) -> std::result::Result<Tensor<Rank0, E, D, T>, Error> {
    check_threshold(threshold)?;
    check_beta(beta)?;
    on_tape(see(logits, labels)?, &[threshold], &[1.0], beta).map_err(Error::device)
}

/// Area under accuracy versus uncertainty as a loss, AUAvU: `−beta·ln(area + 1e-10)` (Krishnan & Tickoo 2020).
///
/// The area is that of the soft AvU of [`avuc_loss`] by the trapezoidal rule over T = `thresholds` points
/// `u_min + i/(T − 1)·(u_max − u_min)`, with u_min and u_max the least and the largest entropy of the batch; no
/// threshold has to be chosen. bayesian-torch takes T = 21,
/// [`DEFAULT_AVU_THRESHOLDS`](crate::metrics::DEFAULT_AVU_THRESHOLDS). Thresholds and kinds are constants for the
/// gradient.
///
/// # Errors
/// As [`avuc_loss`]; fewer than 2 thresholds.
pub fn auavu_loss<B: Dim, C: Dim, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    logits: Tensor<(B, C), E, D, T>,
    labels: &[usize],
    thresholds: usize,
    beta: f64,
) -> std::result::Result<Tensor<Rank0, E, D, T>, Error> {
    if thresholds < 2 {
        let error = MetricError::TooFew {
            what: "thresholds",
            least: 2,
            found: thresholds,
        };
        return Err(error.into());
    }
    check_beta(beta)?;
    let logits = see(logits, labels)?;
    let entropies = logits.known.entropy.iter().copied();
    let least = entropies.clone().fold(f64::INFINITY, f64::min);
    let most = entropies.fold(f64::NEG_INFINITY, f64::max);
    let last = thresholds - 1;
    let at: Vec<f64> = (0..thresholds)
        .map(|i| between(least, most, i as f64 / last as f64))
        .collect();
    let trapezoids = (0..thresholds).map(|i| if i == 0 || i == last { 0.5 } else { 1.0 });
    let weights: Vec<f64> = trapezoids.map(|weight| weight / last as f64).collect();
    on_tape(logits, &at, &weights, beta).map_err(Error::device)
}

/// The threshold that is recommended for [`avuc_loss`] once the model has learnt something: half-way between the mean
/// uncertainty of the accurate and that of the inaccurate examples (Krishnan & Tickoo 2020).
///
/// `uncertainty` has N entries, predictive entropies in nats; `correct` has N, as from
/// [`correct_predictions`](crate::metrics::correct_predictions).
///
/// # Errors
/// [`MetricError::Length`] if the lengths differ, [`MetricError::Number`] for an uncertainty that is not finite,
/// [`MetricError::OneClassOnly`] where all are correct or all are wrong.
///
/// ```
/// use bayes_core::losses::avuc_threshold;
///
/// assert_eq!(avuc_threshold(&[0.25, 0.75, 1.5], &[true, true, false])?, 1.0);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn avuc_threshold(
    uncertainty: &[f64],
    correct: &[bool],
) -> std::result::Result<f64, MetricError> {
    if uncertainty.len() != correct.len() {
        return Err(MetricError::Length {
            what: "correct",
            expected: uncertainty.len(),
            found: correct.len(),
        });
    }
    crate::metrics::check_all("uncertainty", uncertainty.iter().copied(), finite())?;
    // Sum and count of the wrong, and of the right.
    let mut kinds = [(0.0, 0_usize); 2];
    for (uncertainty, &correct) in uncertainty.iter().zip(correct) {
        let (sum, count) = &mut kinds[usize::from(correct)];
        *sum += uncertainty;
        *count += 1;
    }
    let [(wrong, inaccurate), (right, accurate)] = kinds;
    if inaccurate == 0 || accurate == 0 {
        return Err(MetricError::OneClassOnly {
            positives: inaccurate,
            negatives: accurate,
        });
    }
    Ok(0.5 * (wrong / inaccurate as f64 + right / accurate as f64))
}

/// What the host knows of a batch of logits.
struct Seen {
    predicted: Vec<usize>,
    correct: Vec<bool>,
    entropy: Vec<f64>,
}

/// Checks logits and labels, and finds what is constant for the gradient.
fn see<B: Dim, C: Dim, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    logits: Tensor<(B, C), E, D, T>,
    labels: &[usize],
) -> Checked<(B, C), E, D, T, Seen> {
    let (logits, tape) = logits.split_tape();
    let mut rows = checked("logits", &logits, finite())?;
    let [examples, classes] = logits.shape().concrete();
    check_targets(examples, classes, labels)?;
    softmax(&mut rows, classes);
    let rows = rows.chunks_exact(classes);
    let predicted: Vec<usize> = rows.clone().map(|row| top_class(row).0).collect();
    let known = Seen {
        correct: predicted.iter().zip(labels).map(|(a, b)| a == b).collect(),
        predicted,
        entropy: rows.map(row_entropy).collect(),
    };
    let tensor = logits.put_tape(tape);
    Ok(Known { tensor, known })
}

fn on_tape<B: Dim, C: Dim, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    Known {
        tensor: logits,
        known: seen,
    }: Known<(B, C), E, D, T, Seen>,
    thresholds: &[f64],
    weights: &[f64],
    beta: f64,
) -> Result<Rank0, E, D, T> {
    let [examples, classes] = logits.shape().concrete();
    let device = logits.device().clone();
    let predicted = device.try_tensor_from_vec(seen.predicted, (examples,))?;
    let ln_p = logits
        .try_reshape_like(&(examples, classes))?
        .try_log_softmax::<Axis<1>>()?;
    let p = ln_p.retaped::<T>().try_exp()?;
    let confidence: Tensor<(usize,), E, D, T> = p.retaped::<T>().try_select(predicted)?;
    let t = p
        .try_mul(ln_p)?
        .try_sum::<(usize,), Axis<1>>()?
        .try_negate()?
        .try_tanh()?;
    let certain = |threshold| seen.entropy.iter().map(|u| u <= threshold).collect();
    let certain = thresholds.iter().map(certain).collect();
    let membership = Membership::new(seen.correct, certain);
    let of_each = Weights {
        right: where_or_rest(confidence, &membership.right)?,
        certain: rest(t.retaped::<T>())?,
        uncertain: t,
    };
    log_loss(agreement(of_each, &membership)?, weights, beta)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_slopes, normals, tensor, traced};
    use super::*;
    use dfdx::tensor::AsArray;

    const LABELS: [usize; 9] = [2, 0, 1, 1, 2, 0, 0, 1, 2];

    /// The definition, one example after the other.
    fn reference(logits: &[f64], labels: &[usize], threshold: f64) -> f64 {
        let (mut good, mut all) = (0.0, 0.0);
        let classes = logits.len() / labels.len();
        for (row, &label) in logits.chunks_exact(classes).zip(labels) {
            let sum: f64 = row.iter().map(|z| z.exp()).sum();
            let p: Vec<f64> = row.iter().map(|z| z.exp() / sum).collect();
            let (class, confidence) = top_class(&p);
            let u: f64 = p.iter().map(|p| -p * p.ln()).sum();
            let of_class = if class == label {
                confidence
            } else {
                1.0 - confidence
            };
            let of_u = if u <= threshold {
                1.0 - u.tanh()
            } else {
                u.tanh()
            };
            all += of_class * of_u;
            if (class == label) == (u <= threshold) {
                good += of_class * of_u;
            }
        }
        good / all
    }

    #[test]
    fn values_are_those_of_the_definition() {
        let logits = normals(1, 27);
        for threshold in [-1.0, 0.7, 0.9, 2.0] {
            let share = reference(&logits, &LABELS, threshold);
            let got = avuc_loss(tensor(&logits, (9, 3)), &LABELS, threshold, 3.0).unwrap();
            assert!(
                (got.array() + 3.0 * (share + 1e-10).ln()).abs() < 1e-8,
                "{threshold}"
            );
        }
        let probabilities = {
            let mut rows = logits.clone();
            softmax(&mut rows, 3);
            rows
        };
        let u = crate::metrics::entropy(&probabilities, 3).unwrap();
        let (least, most) = (
            u.iter().copied().fold(f64::INFINITY, f64::min),
            u.iter().copied().fold(0.0, f64::max),
        );
        // The last threshold is the largest entropy itself, whose example may be on either side by a rounding.
        let share = |i: u32| {
            let threshold = least + f64::from(i) / 4.0 * (most - least) + 1e-12;
            reference(&logits, &LABELS, threshold)
        };
        let area = (0.5 * share(0) + share(1) + share(2) + share(3) + 0.5 * share(4)) / 4.0;
        let got = auavu_loss(tensor(&logits, (9, 3)), &LABELS, 5, 2.0).unwrap();
        assert!((got.array() + 2.0 * area.ln()).abs() < 1e-8);
    }

    #[test]
    fn gradients_are_slopes() {
        let logits = normals(2, 27);
        assert_slopes(&logits, |x| {
            traced(x, (9, 3), |x| avuc_loss(x, &LABELS, 0.8, 3.0))
        });
        assert_slopes(&logits[..6], |x| {
            traced(x, (2, 3), |x| avuc_loss(x, &[0, 1], 0.9, 1.0))
        });
    }

    #[test]
    fn the_area_with_its_thresholds_held_has_the_mean_gradient_of_its_points() {
        let logits = normals(3, 27);
        let (_, area_gradient) = traced(&logits, (9, 3), |x| auavu_loss(x, &LABELS, 3, 1.0));
        let seen = see(tensor(&logits, (9, 3)), &LABELS).unwrap().known;
        let least = seen.entropy.iter().copied().fold(f64::INFINITY, f64::min);
        let most = seen.entropy.iter().copied().fold(0.0, f64::max);
        // −ln A has gradient −ΣwₖAₖ'/A, and −ln Aₖ has −Aₖ'/Aₖ.
        let mut area = 0.0;
        let mut want = vec![0.0; logits.len()];
        for (threshold, weight) in [(least, 0.25), (0.5 * (least + most), 0.5), (most, 0.25)] {
            let (loss, gradient) =
                traced(&logits, (9, 3), |x| avuc_loss(x, &LABELS, threshold, 1.0));
            let share = (-loss).exp();
            area += weight * share;
            want.iter_mut()
                .zip(gradient)
                .for_each(|(want, g)| *want += weight * share * g);
        }
        for (got, want) in area_gradient.iter().zip(want) {
            assert!(
                (got - want / area).abs() < 1e-9,
                "{got} instead of {}",
                want / area
            );
        }
    }

    #[test]
    fn one_example_is_all_or_nothing() {
        let logits = [1.0, 0.2, -0.3];
        for (label, threshold, share) in [(0, 2.0, 1.0), (0, 0.1, 0.0), (1, 0.1, 1.0)] {
            let (loss, gradient) =
                traced(&logits, (1, 3), |x| avuc_loss(x, &[label], threshold, 3.0));
            let want = -3.0 * (share + 1e-10_f64).ln();
            assert!((loss - want).abs() < 1e-8, "{loss} instead of {want}");
            assert!(gradient.iter().all(|g| g.abs() < 1e-8), "{gradient:?}");
        }
        let (loss, _) = traced(&logits, (1, 3), |x| auavu_loss(x, &[0], 21, 3.0));
        assert!(
            loss.abs() < 1e-8,
            "one entropy is below each threshold: {loss}"
        );
    }

    #[test]
    fn bad_input_is_an_error() {
        let logits = tensor(&[0.0, 1.0], (1, 2));
        let of = |labels: &[usize], threshold, beta| {
            avuc_loss(logits.clone(), labels, threshold, beta).map(|_| ())
        };
        of(&[1], 0.5, 3.0).unwrap();
        assert!(matches!(
            of(&[2], 0.5, 3.0),
            Err(Error::Metric(MetricError::LabelOutOfRange { .. }))
        ));
        assert!(of(&[], 0.5, 3.0).is_err());
        assert!(matches!(
            of(&[1], f64::NAN, 3.0),
            Err(Error::Metric(MetricError::NanThreshold))
        ));
        assert!(matches!(
            of(&[1], 0.5, -1.0),
            Err(Error::Number { name: "beta", .. })
        ));
        assert!(avuc_loss(tensor(&[0.0, f64::NAN], (1, 2)), &[0], 0.5, 3.0).is_err());
        assert!(auavu_loss(logits.clone(), &[2], 21, 3.0).is_err());
        assert!(matches!(
            auavu_loss(logits, &[1], 1, 3.0),
            Err(Error::Metric(MetricError::TooFew { found: 1, .. }))
        ));
        assert!(avuc_threshold(&[0.5], &[true]).is_err());
        assert!(avuc_threshold(&[0.5, f64::NAN], &[true, false]).is_err());
        assert!(avuc_threshold(&[0.5], &[true, false]).is_err());
    }
}
