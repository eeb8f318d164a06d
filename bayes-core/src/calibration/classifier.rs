//! Split conformal prediction of a classifier: sets of classes that hold the true one as often as promised.

use super::{ConformalQuantile, Error};
use crate::draw::{Key, Noise};
use crate::metrics::{LabelledRows, check_table};
use serde::{Deserialize, Serialize};

/// How ill a class suits an example; classes up to a quantile of it make the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConformalScore {
    /// `1 − p̄(c)` (Sadinle, Lei & Wasserman 2019): the smallest sets on average.
    Probability,
    /// `Σ_{c' more probable than c} p̄(c') + u·p̄(c)` with u uniform in [0, 1), one for each example (adaptive
    /// prediction sets, APS; Romano, Sesia & Candès 2020): larger sets for hard examples, smaller ones for easy ones.
    /// Of equally probable classes the first counts as more probable.
    Adaptive {
        /// Decides the u of every example.
        seed: u64,
    },
}

/// Sets of classes `{c: score(c) ≤ q}`, q the conformal quantile of the true classes' scores.
///
/// A set holds the true class with probability at least 1 − alpha whatever the model, on average over examples and
/// calibration sets; see [`ConformalQuantile`]. It may be empty, and is the set of all classes where the calibration
/// set is too small to exclude any.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ConformalClassifier {
    quantile: ConformalQuantile,
    classes: usize,
    score: ConformalScore,
}

impl ConformalClassifier {
    /// Fits to the predictions for a calibration set, which neither the model nor a
    /// [`Temperature`](super::Temperature) has been trained on: N×C mean `probabilities` with C = `classes`, and N
    /// `labels` below C.
    ///
    /// # Errors
    /// [`Error::Alpha`]; lengths that differ, no examples or classes, a label out of range, a row that is no
    /// distribution.
    ///
    /// ```
    /// use bayes_core::calibration::{ConformalClassifier, ConformalScore};
    ///
    /// let probabilities = [0.5, 0.25, 0.25, /**/ 0.125, 0.75, 0.125, /**/ 0.25, 0.25, 0.5];
    /// // Scores 0.5, 0.25, 0.75; k = ⌈4·0.5⌉ = 2.
    /// let score = ConformalScore::Probability;
    /// let fitted = ConformalClassifier::fit(&probabilities, 3, &[0, 1, 0], 0.5, score)?;
    /// assert_eq!(fitted.sets(&[0.5, 0.5, 0.0, /**/ 0.4, 0.3, 0.3])?, [vec![0, 1], vec![]]);
    /// # Ok::<(), bayes_core::calibration::Error>(())
    /// ```
    pub fn fit(
        probabilities: &[f64],
        classes: usize,
        labels: &[usize],
        alpha: f64,
        score: ConformalScore,
    ) -> Result<Self, Error> {
        let rows = LabelledRows::new(probabilities, classes, labels)?;
        let of_label = |(n, (row, label)): (usize, (&[f64], usize))| {
            score.of(row, label, score.uniform(Role::Calibration, n))
        };
        let scores: Vec<f64> = rows.iter().enumerate().map(of_label).collect();
        Ok(Self {
            quantile: ConformalQuantile::fit(&scores, alpha)?,
            classes,
            score,
        })
    }

    /// The classes in the set of each new example, in ascending order; `probabilities` is N×C.
    ///
    /// # Errors
    /// A table that does not divide into rows of the classes fitted, has none, or a row that is no distribution.
    pub fn sets(&self, probabilities: &[f64]) -> Result<Vec<Vec<usize>>, Error> {
        self.sets_from(0, probabilities)
    }

    /// As [`sets`](Self::sets), where the first row is example `first` of a larger batch: the adaptive score then draws
    /// the u of the larger batch.
    ///
    /// # Errors
    /// As [`sets`](Self::sets).
    pub fn sets_from(&self, first: usize, probabilities: &[f64]) -> Result<Vec<Vec<usize>>, Error> {
        check_table(probabilities, self.classes)?;
        let set = |(n, row): (usize, &[f64])| {
            let u = self.score.uniform(Role::Prediction, first.wrapping_add(n));
            let admitted = |class: &usize| self.quantile.admits(self.score.of(row, *class, u));
            (0..self.classes).filter(admitted).collect()
        };
        let rows = probabilities.chunks_exact(self.classes);
        Ok(rows.enumerate().map(set).collect())
    }

    /// The threshold of the scores.
    pub fn quantile(&self) -> ConformalQuantile {
        self.quantile
    }
}

/// What a uniform number is for: examples of the two kinds share none.
#[derive(Clone, Copy)]
enum Role {
    Calibration = 0,
    Prediction = 1,
}

impl ConformalScore {
    /// The u of example `n`; 0 where there is none.
    fn uniform(self, role: Role, n: usize) -> f64 {
        let Self::Adaptive { seed } = self else {
            return 0.0;
        };
        let stream = Key::new(seed, role as u64).stream(Noise::Conformal);
        stream.map_or(0.0, |stream| stream.uniform_at(n).into())
    }

    fn of(self, row: &[f64], class: usize, u: f64) -> f64 {
        let p = row[class];
        if self == Self::Probability {
            return 1.0 - p;
        }
        let more_probable = |&(other, q): &(usize, &f64)| *q > p || (*q == p && other < class);
        let before = row.iter().enumerate().filter(more_probable);
        before.map(|(_, q)| q).sum::<f64>() + u * p
    }
}

#[cfg(test)]
mod tests {
    use super::super::splits::{SPLITS, assert_beta, assert_coverage, rng};
    use super::*;
    use crate::metrics::MetricError;
    use rand::Rng;

    const CALIBRATION: usize = 60;
    const TEST: usize = 20;
    const ALPHA: f64 = 0.15;

    /// Rows of probabilities and labels drawn from them. Of two classes the first's is uniform.
    fn predictions(rng: &mut impl Rng, examples: usize, classes: usize) -> (Vec<f64>, Vec<usize>) {
        let mut probabilities = Vec::new();
        let mut labels = Vec::new();
        for _ in 0..examples {
            let mut row = vec![0.0; classes];
            let mut left = 1.0;
            for p in &mut row[..classes - 1] {
                *p = left * rng.r#gen::<f64>();
                left -= *p;
            }
            row[classes - 1] = left;
            let mut at = rng.r#gen::<f64>();
            let label = row.iter().position(|p| {
                at -= p;
                at < 0.0
            });
            labels.push(label.unwrap_or(classes - 1));
            probabilities.extend(row);
        }
        (probabilities, labels)
    }

    /// Coverages of many splits by the exact distribution of the score, and by new examples' sets.
    fn follows_its_law(
        classes: usize,
        score: impl Fn(u64) -> ConformalScore,
        cdf: impl Fn(f64) -> f64,
    ) {
        let mut rng = rng(2);
        let (mut coverages, mut hits) = (Vec::new(), 0);
        for split in 0..SPLITS {
            let (p, labels) = predictions(&mut rng, CALIBRATION, classes);
            let score = score(split as u64);
            let fitted = ConformalClassifier::fit(&p, classes, &labels, ALPHA, score).unwrap();
            coverages.push(cdf(fitted.quantile().threshold().unwrap()));
            let (p, labels) = predictions(&mut rng, TEST, classes);
            let sets = fitted.sets(&p).unwrap();
            let pairs = sets.iter().zip(labels);
            hits += pairs.filter(|(set, label)| set.contains(label)).count();
        }
        assert_beta(&coverages, CALIBRATION, ALPHA);
        assert_coverage(hits, TEST, CALIBRATION, ALPHA);
    }

    #[test]
    fn coverage_of_many_splits_follows_its_beta_law() {
        // The label's own probability has density 2p, so that 1 − p is at most q with probability 1 − (1 − q)².
        let cdf = |q: f64| 1.0 - (1.0 - q).powi(2);
        follows_its_law(2, |_| ConformalScore::Probability, cdf);
    }

    #[test]
    fn coverage_of_adaptive_sets_follows_it_too() {
        // Of labels drawn from the probabilities the score is uniform.
        follows_its_law(4, |seed| ConformalScore::Adaptive { seed }, |q| q);
    }

    #[test]
    fn adaptive_scores_by_hand() {
        let score = ConformalScore::Adaptive { seed: 0 };
        let row = [0.25, 0.5, 0.25];
        assert_eq!(score.of(&row, 1, 0.5), 0.25);
        assert_eq!(score.of(&row, 0, 0.5), 0.625);
        assert_eq!(score.of(&row, 2, 0.5), 0.875);
    }

    #[test]
    fn sets_do_not_depend_on_how_a_batch_is_cut() {
        let (p, labels) = predictions(&mut rng(3), 200, 3);
        let score = ConformalScore::Adaptive { seed: 9 };
        let fitted = ConformalClassifier::fit(&p, 3, &labels, 0.2, score).unwrap();
        let whole = fitted.sets(&p).unwrap();
        for first in [0, 50, 150] {
            let part = fitted.sets_from(first, &p[first * 3..][..150]).unwrap();
            assert_eq!(part, whole[first..first + 50]);
        }
        let shifted = fitted.sets_from(1, &p).unwrap();
        assert_ne!(shifted, whole, "other numbers u change some set");
    }

    #[test]
    fn too_few_examples_exclude_nothing() {
        let score = ConformalScore::Probability;
        let fitted = ConformalClassifier::fit(&[0.5, 0.5], 2, &[0], 0.1, score).unwrap();
        assert_eq!(fitted.sets(&[1.0, 0.0]).unwrap(), [[0, 1]]);
    }

    #[test]
    fn bad_input_is_an_error() {
        let fit = |p: &[f64], labels: &[usize], alpha| {
            ConformalClassifier::fit(p, 2, labels, alpha, ConformalScore::Probability)
        };
        assert!(matches!(
            fit(&[0.5, 0.5], &[0], 0.0),
            Err(Error::Alpha { .. })
        ));
        let bad = fit(&[0.5, 0.5], &[2], 0.1);
        assert!(matches!(
            bad,
            Err(Error::Input(MetricError::LabelOutOfRange { .. }))
        ));
        assert!(fit(&[], &[], 0.1).is_err());
        assert!(fit(&[f64::NAN, 0.5], &[0], 0.1).is_err());
        let fitted = fit(&[0.5, 0.5], &[0], 0.5).unwrap();
        assert!(fitted.sets(&[0.5, 0.25, 0.25]).is_err());
        assert!(fitted.sets(&[0.5, 0.25]).is_err());
    }
}
