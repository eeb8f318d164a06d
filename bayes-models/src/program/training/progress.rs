//! How far a run is: everything that its next step depends on besides weights and optimiser.

use bayes_core::losses::avuc_threshold;
use serde::{Deserialize, Serialize};

/// How far a run is. All noise is a function of the seed and of these counts, so they stand for the random state too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The member of an ensemble that trains, from 0.
    pub member: usize,
    /// Epochs that are done.
    pub epoch: usize,
    /// Steps of the running epoch that are done.
    pub step: usize,
    /// What the running epoch has seen.
    pub sums: Sums,
    /// The AvUC threshold that the epoch before gave.
    pub threshold: f64,
    /// The smallest validation NLL, and its epoch.
    pub best: Option<(f64, usize)>,
    /// Whether the run has ended.
    pub done: bool,
}

impl Progress {
    /// The start of the training of a member.
    pub fn start(member: usize) -> Self {
        Self {
            member,
            epoch: 0,
            step: 0,
            sums: Sums::default(),
            threshold: 1.0,
            best: None,
            done: false,
        }
    }

    /// Ends the running epoch: a threshold from what it has seen, if it has seen right and wrong examples.
    pub fn end_epoch(&mut self) -> Sums {
        let sums = std::mem::take(&mut self.sums);
        self.threshold = sums.threshold().unwrap_or(self.threshold);
        self.epoch += 1;
        self.step = 0;
        sums
    }
}

/// Sums over the examples of an epoch, as the model changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    /// Examples.
    pub examples: usize,
    /// Losses.
    pub loss: f64,
    /// Negative log-likelihoods.
    pub nll: f64,
    /// KL of the weights, once for each example.
    pub kl: f64,
    /// Squared errors of a regression.
    pub squares: f64,
    /// Examples that a classifier got right.
    pub right: usize,
    /// And wrong.
    pub wrong: usize,
    /// Their predictive entropies.
    pub right_entropy: f64,
    /// And of those that it got wrong.
    pub wrong_entropy: f64,
}

impl Sums {
    /// Counts the rows of a classifier.
    pub fn classes(
        &mut self,
        probabilities: &[f64],
        classes: usize,
        labels: &[usize],
        entropies: &[f64],
    ) {
        let rows = probabilities
            .chunks_exact(classes)
            .zip(labels)
            .zip(entropies);
        for ((row, &label), entropy) in rows {
            let largest = row.iter().copied().fold(0.0, f64::max);
            // Of equal probabilities the first is the prediction.
            if row.iter().position(|&p| p == largest) == Some(label) {
                self.right += 1;
                self.right_entropy += entropy;
            } else {
                self.wrong += 1;
                self.wrong_entropy += entropy;
            }
        }
    }

    /// Adds a step over so many examples, whose sums are over so many draws of each.
    pub(super) fn add(&mut self, step: &Self, examples: usize, draws: usize) {
        let draws_of = draws as f64;
        self.examples += examples;
        self.loss += step.loss / draws_of;
        self.nll += step.nll / draws_of;
        self.kl += step.kl / draws_of;
        self.squares += step.squares / draws_of;
        self.right += step.right;
        self.wrong += step.wrong;
        self.right_entropy += step.right_entropy;
        self.wrong_entropy += step.wrong_entropy;
    }

    /// The AvUC threshold of these examples; none where all are right or all are wrong.
    fn threshold(&self) -> Option<f64> {
        let means = [
            self.right_entropy / self.right as f64,
            self.wrong_entropy / self.wrong as f64,
        ];
        let counted = self.right > 0 && self.wrong > 0;
        counted.then(|| avuc_threshold(&means, &[true, false]).ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_is_that_of_all_examples() {
        let mut sums = Sums::default();
        let entropies = [0.25, 0.75, 1.5];
        sums.classes(&[0.5, 0.5, 0.3, 0.7, 0.6, 0.4], 2, &[0, 1, 1], &entropies);
        assert_eq!((sums.right, sums.wrong), (2, 1));
        let all = avuc_threshold(&entropies, &[true, true, false]).unwrap();
        let mut progress = Progress {
            sums,
            ..Progress::start(0)
        };
        assert_eq!(progress.end_epoch(), sums);
        assert_eq!((progress.threshold, progress.epoch), (all, 1));
        // Nothing wrong: the threshold stays.
        progress.sums.classes(&[1.0, 0.0], 2, &[0], &[0.0]);
        progress.end_epoch();
        assert_eq!(progress.threshold, all);
    }

    #[test]
    fn it_is_saved_to_the_bit() {
        let mut progress = Progress::start(2);
        progress.sums.loss = 0.1 + 0.2;
        progress.best = Some((1.0 / 3.0, 4));
        let text = serde_json::to_string(&progress).unwrap();
        assert_eq!(serde_json::from_str::<Progress>(&text).unwrap(), progress);
    }
}
