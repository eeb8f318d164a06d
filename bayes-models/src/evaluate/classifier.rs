//! A classifier on a test set, and on images that belong to no class.

use crate::Error;
use crate::data::Digits;
use crate::tensors::{Images, Logits, images};
use bayes_core::metrics::{ClassificationReport, auroc};
use bayes_core::predict::Classification;
use bayes_core::prelude::{Bind, Cpu, HasErr, Module, predict};
use std::time::{Duration, Instant};

/// What a classifier's probabilities are worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// What it says of the test set.
    pub test: Classification,
    /// What it says of the out-of-distribution images.
    pub out_of_distribution: Classification,
    /// Accuracy, NLL, ECE and Brier score on the test set.
    pub report: ClassificationReport,
    /// How well the predictive entropy tells out-of-distribution images from the test set's: the area under the ROC
    /// curve, ½ by guessing (Hendrycks and Gimpel 2017).
    pub auroc_ood: f64,
    /// Test images predicted in a second, all draws included.
    pub images_per_second: f64,
}

/// How a prediction draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampling {
    /// Number of draws; 1 for a plain model, where all are the same.
    pub samples: usize,
    /// Seed of the draws.
    pub seed: u64,
}

/// How long the speed of prediction is measured, at least.
const TIMED: Duration = Duration::from_millis(200);

/// Predicts the test set and the out-of-distribution images of `data` with `model`.
///
/// # Errors
/// No draws; logits that are not finite; a set whose parts do not fit together.
pub fn evaluate<M>(model: &M, data: &Digits, sampling: Sampling) -> Result<Evaluation, Error>
where
    M: Bind + Sync,
    for<'a> M::Eval<'a>: Module<Images, Output = Logits, Error = <Cpu as HasErr>::Err>,
{
    let test = classify(model, &data.test.images, sampling)?;
    let other = classify(model, &data.out_of_distribution, sampling)?;
    let report = ClassificationReport::new(&test.probabilities, test.classes, &data.test.labels)?;
    let entropies = [&test, &other].map(|seen| &seen.predictive_entropy[..]);
    let scores = entropies.concat();
    let is_other: Vec<bool> = (0..scores.len()).map(|i| i >= data.test.len()).collect();
    Ok(Evaluation {
        test,
        out_of_distribution: other,
        report,
        auroc_ood: auroc(&scores, &is_other)?,
        images_per_second: speed(model, &data.test.images, sampling)?,
    })
}

fn classify<M>(model: &M, pixels: &[f32], sampling: Sampling) -> Result<Classification, Error>
where
    M: Bind + Sync,
    for<'a> M::Eval<'a>: Module<Images, Output = Logits, Error = <Cpu as HasErr>::Err>,
{
    Ok(predict(model, images(pixels)?, sampling.samples, sampling.seed).classify()?)
}

/// Images per second, over as many predictions of all `pixels` as take [`TIMED`].
fn speed<M>(model: &M, pixels: &[f32], sampling: Sampling) -> Result<f64, Error>
where
    M: Bind + Sync,
    for<'a> M::Eval<'a>: Module<Images, Output = Logits, Error = <Cpu as HasErr>::Err>,
{
    let (start, mut predicted) = (Instant::now(), 0);
    while start.elapsed() < TIMED {
        classify(model, pixels, sampling)?;
        predicted += pixels.len() / Digits::PIXELS;
    }
    Ok(predicted as f64 / start.elapsed().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::digits::{BayesDigitsNet, DigitsNet};
    use crate::train::{Training, train_plain};
    use bayes_core::prelude::DeviceBuildExt;

    const ONCE: Sampling = Sampling {
        samples: 1,
        seed: 7,
    };

    fn few() -> Digits {
        let Digits {
            train,
            test,
            mut out_of_distribution,
        } = Digits::embedded().unwrap();
        out_of_distribution.truncate(100 * Digits::PIXELS);
        let (_, train) = train.split_tail(300).unwrap();
        let (_, test) = test.split_tail(80).unwrap();
        Digits {
            train,
            test,
            out_of_distribution,
        }
    }

    #[test]
    fn a_trained_net_knows_more_than_chance() {
        let digits = few();
        let mut net = Cpu::seed_from_u64(0).build_module::<DigitsNet, f32>();
        let training = Training {
            epochs: 10,
            learning_rate: 3e-3,
            ..Training::default()
        };
        train_plain(&mut net, &digits.train, &training, |_| {}).unwrap();
        let Evaluation {
            report,
            auroc_ood,
            images_per_second,
            ..
        } = evaluate(&net, &digits, ONCE).unwrap();
        assert!(report.accuracy > 0.6, "{report}");
        assert!(report.nll < 1.5, "{report}");
        assert!(auroc_ood > 0.6, "{auroc_ood}");
        assert!(images_per_second > 1.0);
    }

    #[test]
    fn draws_with_one_seed_are_the_same_and_change_nothing_in_a_plain_net() {
        let digits = few();
        let net = Cpu::seed_from_u64(0).build_module::<DigitsNet, f32>();
        let twin = BayesDigitsNet::from_pretrained(&net).unwrap();
        let metrics = |evaluation: Evaluation| (evaluation.report, evaluation.auroc_ood);
        let of_twin = |seed| {
            let sampling = Sampling { samples: 4, seed };
            metrics(evaluate(&twin, &digits, sampling).unwrap())
        };
        assert_eq!(of_twin(1), of_twin(1));
        assert_ne!(of_twin(1), of_twin(2));
        let other_seed = Sampling { seed: 8, ..ONCE };
        assert_eq!(
            metrics(evaluate(&net, &digits, ONCE).unwrap()),
            metrics(evaluate(&net, &digits, other_seed).unwrap())
        );
    }

    #[test]
    fn nothing_to_predict_is_an_error() {
        let mut digits = few();
        let net = Cpu::seed_from_u64(0).build_module::<DigitsNet, f32>();
        let none = Sampling { samples: 0, ..ONCE };
        assert!(evaluate(&net, &digits, none).is_err());
        digits.out_of_distribution.clear();
        assert!(evaluate(&net, &digits, ONCE).is_err());
    }
}
