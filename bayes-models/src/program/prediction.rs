//! Draws reduced to what they say, and what that is worth.

use super::Failure;
use super::training::Task;
use crate::data::{Error, Scaling, Set, Targets};
use bayes_core::metrics::{
    ClassificationReport, GaussianMoments, MetricError, PredictiveMoments, nll_moment_matched, rmse,
};
use bayes_core::prelude::Draws;
use serde::Serialize;

/// What a model says of some examples.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// Of classes.
    Classes {
        /// Mean probabilities, rows × classes.
        probabilities: Vec<f64>,
        /// All uncertainty of each row, in nats.
        predictive_entropy: Vec<f64>,
        /// What no further data would remove.
        expected_entropy: Vec<f64>,
        /// What the draws disagree on.
        mutual_information: Vec<f64>,
    },
    /// Of a number.
    Numbers {
        /// The mean of each row.
        mean: Vec<f64>,
        /// The variance that no further data would remove.
        aleatoric: Vec<f64>,
        /// The variance on which the draws disagree.
        epistemic: Vec<f64>,
    },
}

impl Said {
    /// What the draws of a task say.
    ///
    /// # Errors
    /// Outputs that are not finite.
    pub fn of(draws: &Draws<f32>, task: Task) -> Result<Self, MetricError> {
        let of_sample = |sample| draws.member(sample).iter().map(|&x| f64::from(x));
        match task {
            Task::Classification => {
                let mut moments = PredictiveMoments::new(draws.rows, draws.outputs);
                for sample in 0..draws.samples {
                    let logits: Vec<f64> = of_sample(sample).collect();
                    moments.push(&softmax(&logits, draws.outputs))?;
                }
                let seen = moments.finish()?;
                Ok(Self::Classes {
                    probabilities: seen.mean_probabilities,
                    predictive_entropy: seen.predictive_entropy,
                    expected_entropy: seen.expected_entropy,
                    mutual_information: seen.mutual_information,
                })
            }
            Task::Regression => {
                let mut moments = GaussianMoments::new(draws.rows);
                for sample in 0..draws.samples {
                    let outputs: Vec<f64> = of_sample(sample).collect();
                    let part = |i: usize| outputs.chunks_exact(2).map(move |row| row[i]);
                    let variance: Vec<f64> = part(1).map(f64::exp).collect();
                    moments.push(&part(0).collect::<Vec<f64>>(), &variance)?;
                }
                let seen = moments.finish()?;
                Ok(Self::Numbers {
                    mean: seen.mean,
                    aleatoric: seen.aleatoric,
                    epistemic: seen.epistemic,
                })
            }
        }
    }

    /// Appends what is said of further rows.
    pub fn extend(&mut self, more: Self) {
        match (self, more) {
            (
                Self::Classes {
                    probabilities,
                    predictive_entropy,
                    expected_entropy,
                    mutual_information,
                },
                Self::Classes {
                    probabilities: a,
                    predictive_entropy: b,
                    expected_entropy: c,
                    mutual_information: d,
                },
            ) => {
                probabilities.extend(a);
                predictive_entropy.extend(b);
                expected_entropy.extend(c);
                mutual_information.extend(d);
            }
            (
                Self::Numbers {
                    mean,
                    aleatoric,
                    epistemic,
                },
                Self::Numbers {
                    mean: a,
                    aleatoric: b,
                    epistemic: c,
                },
            ) => {
                mean.extend(a);
                aleatoric.extend(b);
                epistemic.extend(c);
            }
            // One model has one task.
            (this, more) => *this = more,
        }
    }
}

/// The softmax of each row of finite logits.
pub fn softmax(logits: &[f64], classes: usize) -> Vec<f64> {
    let mut rows = logits.to_vec();
    for row in rows.chunks_exact_mut(classes) {
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        row.iter_mut().for_each(|z| *z = (*z - largest).exp());
        let sum: f64 = row.iter().sum();
        row.iter_mut().for_each(|p| *p /= sum);
    }
    rows
}

/// The examples of `set` from `first` on, `len` of them, on the model's scale.
///
/// # Errors
/// As [`Set::read`].
pub fn scaled(
    set: &Set,
    scaling: Option<&Scaling>,
    first: usize,
    len: usize,
) -> Result<Vec<f32>, Error> {
    let mut values = set.rows(first, len)?;
    if let Some(scaling) = scaling {
        scaling.apply(&mut values, set.shape());
    }
    Ok(values)
}

/// What predictions are worth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scores {
    /// The mean negative log-likelihood in nats.
    pub nll: f64,
    /// The share of right answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
    /// The expected calibration error of 15 bins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ece: Option<f64>,
    /// The Brier score, 0 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brier: Option<f64>,
    /// The root mean squared error, in the units of training.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rmse: Option<f64>,
}

impl Scores {
    /// Of what was said, against the targets.
    ///
    /// # Errors
    /// Targets that do not fit.
    pub fn of(said: &Said, targets: &Targets) -> Result<Self, Failure> {
        match (said, targets) {
            (Said::Classes { probabilities, .. }, Targets::Classes { labels, .. }) => {
                let classes = probabilities.len() / labels.len().max(1);
                let report = ClassificationReport::new(probabilities, classes, labels)?;
                Ok(Self {
                    nll: report.nll,
                    accuracy: Some(report.accuracy),
                    ece: Some(report.ece),
                    brier: Some(report.brier),
                    rmse: None,
                })
            }
            (
                Said::Numbers {
                    mean,
                    aleatoric,
                    epistemic,
                },
                Targets::Numbers(numbers),
            ) => {
                let y: Vec<f64> = numbers.iter().map(|&y| f64::from(y)).collect();
                let variance: Vec<f64> = aleatoric
                    .iter()
                    .zip(epistemic)
                    .map(|(a, e)| a + e)
                    .collect();
                Ok(Self {
                    nll: nll_moment_matched(mean, &variance, &y)?,
                    accuracy: None,
                    ece: None,
                    brier: None,
                    rmse: Some(rmse(mean, &y)?),
                })
            }
            _ => Err(Failure::usage(
                "expected a target of the model's kind for each example, found none or another kind; \
                 give data with classes to a classifier and with numbers to a regression",
            )),
        }
    }
}
