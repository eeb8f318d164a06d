//! Cross entropy of logits and labels.

use super::Result;
use super::input::{check_targets, checked};
use crate::error::Error;
use crate::metrics::finite;
use dfdx::prelude::{
    Axis, Device, Dim, Dtype, MeanTo, Rank0, ReshapeTo, SelectTo, Shape, Tape, Tensor,
};
use dfdx::shapes::HasShape;
use dfdx::tensor::{PutTape, SplitTape};

/// Mean cross entropy in nats: `mean_n [ln Σ_c exp z(n, c) − z(n, y_n)]`, the negative log-likelihood of the labels
/// (Good 1952).
///
/// `logits` is N×C, `labels` has N classes below C. Large logits do no harm.
///
/// # Errors
/// No rows or classes; a number of labels other than N; a label that is no class; a logit that is not finite; a
/// device that fails.
///
/// ```
/// use bayes_core::losses::cross_entropy_loss;
/// use bayes_core::prelude::*;
///
/// let dev = Cpu::default();
/// let logits = dev.tensor([[0.0_f64, 3.0_f64.ln()]]);
/// let loss = cross_entropy_loss(logits.leaky_trace(), &[1])?;
/// assert!((loss.array() - (4.0_f64 / 3.0).ln()).abs() < 1e-15);
/// // The gradient is softmax less the one-hot label.
/// let gradient = loss.backward().get(&logits).array();
/// assert!((gradient[0][0] - 0.25).abs() < 1e-15 && (gradient[0][1] + 0.25).abs() < 1e-15);
/// # Ok::<(), Error>(())
/// ```
pub fn cross_entropy_loss<B: Dim, C: Dim, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    logits: Tensor<(B, C), E, D, T>,
    labels: &[usize],
) -> std::result::Result<Tensor<Rank0, E, D, T>, Error> {
    let (logits, tape) = logits.split_tape();
    checked("logits", &logits, finite())?;
    let [rows, classes] = logits.shape().concrete();
    check_targets(rows, classes, labels)?;
    on_tape(logits.put_tape(tape), labels).map_err(Error::device)
}

fn on_tape<B: Dim, C: Dim, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    logits: Tensor<(B, C), E, D, T>,
    labels: &[usize],
) -> Result<Rank0, E, D, T> {
    let [rows, classes] = logits.shape().concrete();
    let labels = logits
        .device()
        .try_tensor_from_vec(labels.to_vec(), (rows,))?;
    let logits = logits.try_reshape_like(&(rows, classes))?;
    let of_labels: Tensor<(usize,), E, D, T> =
        logits.try_log_softmax::<Axis<1>>()?.try_select(labels)?;
    of_labels.try_negate()?.try_mean::<Rank0, Axis<0>>()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_slopes, normals, tensor, traced};
    use super::*;
    use crate::metrics::{MetricError, nll};
    use dfdx::prelude::{Backward, Const, Cpu, cross_entropy_with_logits_loss};
    use dfdx::tensor::{AsArray, TensorFrom, Trace};

    const LABELS: [usize; 5] = [2, 0, 1, 1, 2];

    #[test]
    fn it_is_the_nll_of_the_softmax() {
        let logits = normals(1, 15);
        let probabilities: Vec<f64> = logits
            .chunks_exact(3)
            .flat_map(|row| {
                let sum: f64 = row.iter().map(|z| z.exp()).sum();
                row.iter().map(move |z| z.exp() / sum)
            })
            .collect();
        let want = nll(&probabilities, 3, &LABELS).unwrap();
        let got = cross_entropy_loss(tensor(&logits, (5, 3)), &LABELS).unwrap();
        assert!((got.array() - want).abs() < 1e-14);
    }

    #[test]
    fn dfdx_has_the_same_value_and_gradients() {
        let logits = tensor(&normals(2, 15), (Const::<5>, Const::<3>));
        let mut targets = [[0.0; 3]; 5];
        LABELS
            .iter()
            .zip(&mut targets)
            .for_each(|(&label, row)| row[label] = 1.0);
        let targets = Cpu::default().tensor(targets);
        let theirs = cross_entropy_with_logits_loss(logits.leaky_trace(), targets);
        let ours = cross_entropy_loss(logits.leaky_trace(), &LABELS).unwrap();
        assert!((ours.array() - theirs.array()).abs() < 1e-14);
        let (ours, theirs) = (ours.backward(), theirs.backward());
        let pairs = ours.get(&logits).as_vec();
        for (ours, theirs) in pairs.iter().zip(theirs.get(&logits).as_vec()) {
            assert!((ours - theirs).abs() < 1e-14);
        }
    }

    #[test]
    fn gradients_are_slopes() {
        assert_slopes(&normals(3, 15), |x| {
            traced(x, (5, 3), |x| cross_entropy_loss(x, &LABELS))
        });
        assert_slopes(&normals(4, 3), |x| {
            traced(x, (1, 3), |x| cross_entropy_loss(x, &[1]))
        });
    }

    #[test]
    fn large_logits_do_no_harm() {
        let logits = Cpu::default().tensor([[1e30_f32, -1e30], [-1e30, 1e30]]);
        let loss = cross_entropy_loss(logits.leaky_trace(), &[0, 1]).unwrap();
        assert_eq!(loss.array(), 0.0);
        assert_eq!(loss.backward().get(&logits).array(), [[0.0; 2]; 2]);
    }

    #[test]
    fn bad_input_is_an_error() {
        let of = |values: &[f64], shape, labels: &[usize]| {
            let error = cross_entropy_loss(tensor(values, shape), labels).unwrap_err();
            let Error::Metric(error) = error else {
                panic!("{error}")
            };
            error
        };
        assert_eq!(
            of(&[0.0; 4], (2, 2), &[1, 2]),
            MetricError::LabelOutOfRange {
                position: 1,
                label: 2,
                classes: 2
            }
        );
        assert!(matches!(
            of(&[0.0; 4], (2, 2), &[1]),
            MetricError::Length {
                what: "labels",
                expected: 2,
                found: 1
            }
        ));
        for bad in [f64::NAN, f64::NEG_INFINITY] {
            let error = of(&[0.0, bad], (1, 2), &[0]);
            assert!(matches!(
                error,
                MetricError::Number {
                    what: "logits",
                    position: 1,
                    ..
                }
            ));
        }
        assert_eq!(of(&[], (0, 3), &[]), MetricError::Empty { what: "logits" });
    }
}
