//! The loss of a batch, and what the batch says of the model.

use super::super::prediction::softmax;
use super::Sums;
use crate::models::{Error, Scalar};
use crate::tensors::Outputs as Rows;
use bayes_core::dfdx::shapes::HasShape;
use bayes_core::dfdx::tensor::{PutTape, SplitTape};
use bayes_core::losses::{PredictedVariance, avuc_loss, cross_entropy_loss, gaussian_nll_loss};
use bayes_core::metrics::entropy;
use bayes_core::prelude::{AsArray, Cpu, OwnedTape, Shape, TensorFromVec, TryAdd};
use serde::{Deserialize, Serialize};

/// The tape of a training step.
type Tape = OwnedTape<f32, Cpu>;

/// What a model gives for a batch, on a tape.
type Outputs = Rows<Tape>;

/// What a model answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// One class of several: outputs are logits.
    Classification,
    /// One number: outputs are its mean and the logarithm of its variance.
    Regression,
}

/// The targets of a batch.
#[derive(Debug, Clone, Copy)]
pub enum Answers<'a> {
    /// Classes.
    Classes(&'a [usize]),
    /// Numbers.
    Numbers(&'a [f32]),
}

/// What the loss is made of besides the KL.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Objective {
    /// Weight of the AvUC loss.
    pub avuc: f64,
    /// Its threshold, in nats.
    pub threshold: f64,
}

impl Objective {
    /// The likelihood, and AvUC where it has a weight; adds what the batch says to `sums`.
    ///
    /// # Errors
    /// Outputs that are not finite; targets that do not fit them.
    pub fn loss(
        &self,
        outputs: Outputs,
        answers: Answers<'_>,
        sums: &mut Sums,
    ) -> Result<Scalar, Error> {
        match answers {
            Answers::Classes(labels) => self.of_classes(outputs, labels, sums),
            Answers::Numbers(targets) => of_numbers(outputs, targets, sums),
        }
    }

    fn of_classes(
        &self,
        outputs: Outputs,
        labels: &[usize],
        sums: &mut Sums,
    ) -> Result<Scalar, Error> {
        let [_, classes] = outputs.shape().concrete();
        let (outputs, tape) = outputs.split_tape();
        let rows: Vec<f64> = outputs.as_vec().into_iter().map(f64::from).collect();
        let again = outputs.clone();
        let nll = cross_entropy_loss(outputs.put_tape(tape), labels)?;
        sums.nll += f64::from(nll.array()) * labels.len() as f64;
        let rows = softmax(&rows, classes);
        sums.classes(
            &rows,
            classes,
            labels,
            &entropy(&rows, classes).map_err(bayes_core::Error::from)?,
        );
        if self.avuc == 0.0 {
            return Ok(nll);
        }
        let avuc = avuc_loss(
            again.put_tape(Tape::default()),
            labels,
            self.threshold,
            self.avuc,
        )?;
        Ok(nll.try_add(avuc)?)
    }
}

fn of_numbers(outputs: Outputs, targets: &[f32], sums: &mut Sums) -> Result<Scalar, Error> {
    let (outputs, tape) = outputs.split_tape();
    let rows = outputs.as_vec();
    let errors = rows
        .chunks_exact(2)
        .zip(targets)
        .map(|(row, y)| f64::from(row[0] - y).powi(2));
    sums.squares += errors.sum::<f64>();
    let variance = outputs
        .clone()
        .put_tape(Tape::default())
        .try_slice((.., 1..2))?;
    let mean = outputs.put_tape(tape).try_slice((.., 0..1))?;
    let target = Cpu::default().try_tensor_from_vec(targets.to_vec(), (targets.len(), 1))?;
    let nll = gaussian_nll_loss(mean, PredictedVariance::Log(variance), target)?;
    sums.nll += f64::from(nll.array()) * targets.len() as f64;
    Ok(nll)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bayes_core::prelude::{Backward, Trace};

    fn logits(values: &[f32], classes: usize) -> Outputs {
        let shape = (values.len() / classes, classes);
        let tensor = Cpu::default().tensor_from_vec(values.to_vec(), shape);
        tensor.leaky_trace()
    }

    #[test]
    fn a_classifier_is_counted_and_avuc_is_added() {
        let plain = Objective {
            avuc: 0.0,
            threshold: 0.3,
        };
        let values = [4.0, 0.0, 4.0, 0.0, 0.1, 0.0];
        let labels = [0, 1, 0];
        let mut sums = Sums::default();
        let nll = plain
            .loss(logits(&values, 2), Answers::Classes(&labels), &mut sums)
            .unwrap()
            .array();
        assert_eq!((sums.right, sums.wrong), (2, 1));
        assert!((sums.nll - 3.0 * f64::from(nll)).abs() < 1e-6);
        let calibrated = Objective { avuc: 3.0, ..plain };
        let more = calibrated
            .loss(logits(&values, 2), Answers::Classes(&labels), &mut sums)
            .unwrap();
        let avuc = avuc_loss(logits(&values, 2), &labels, 0.3, 3.0)
            .unwrap()
            .array();
        assert!((more.array() - nll - avuc).abs() < 1e-6 && avuc > 0.1);
    }

    #[test]
    fn both_parts_of_the_loss_have_a_gradient() {
        let x = Cpu::default().tensor_from_vec(vec![0.5_f32, 0.1, 0.2, 0.4], (2, 2));
        let slopes = |avuc| {
            let objective = Objective {
                avuc,
                threshold: 0.69,
            };
            let answers = Answers::Classes(&[0, 0]);
            let loss = objective.loss(x.leaky_trace(), answers, &mut Sums::default());
            loss.unwrap().backward().get(&x).as_vec()
        };
        assert!(
            slopes(0.0)
                .iter()
                .zip(slopes(3.0))
                .all(|(a, b)| (a - b).abs() > 1e-4)
        );
    }

    #[test]
    fn a_gaussian_is_a_mean_and_the_logarithm_of_a_variance() {
        let mut sums = Sums::default();
        let objective = Objective {
            avuc: 0.0,
            threshold: 1.0,
        };
        let loss = objective
            .loss(
                logits(&[1.0, 0.5, 3.0, -0.5], 2),
                Answers::Numbers(&[2.0, 3.0]),
                &mut sums,
            )
            .unwrap();
        // Σ ½[ln 2π + s + (y − m)²/eˢ]/2.
        let terms = [(0.5_f64, 1.0_f64), (-0.5, 0.0)]
            .map(|(s, square)| 0.5 * ((2.0 * std::f64::consts::PI).ln() + s + square * (-s).exp()));
        assert!((f64::from(loss.array()) - (terms[0] + terms[1]) / 2.0).abs() < 1e-6);
        assert_eq!(sums.squares, 1.0);
    }
}
