//! The quantile of split conformal prediction.

use super::Error;
use crate::metrics::{MetricError, check_all, finite};
use serde::{Deserialize, Serialize};

/// The threshold of split conformal prediction: the k-th smallest of n scores of a calibration set,
/// `k = ⌈(n + 1)(1 − alpha)⌉`, or none where k exceeds n (Papadopoulos et al. 2002; Vovk, Gammerman & Shafer 2005).
///
/// Where the calibration examples and a new one are exchangeable, the new one's score is at most the threshold with
/// probability at least 1 − alpha, on average over calibration sets. Given one, this probability is a Beta(k, n + 1 − k)
/// number, where scores have no ties: with n = 1000 and alpha = 0.1 it lies between 0.88 and 0.92 nineteen times in
/// twenty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Fields")]
pub struct ConformalQuantile {
    alpha: f64,
    examples: usize,
    threshold: Option<f64>,
}

impl ConformalQuantile {
    /// The threshold of the scores of a calibration set, at the error rate `alpha`.
    ///
    /// # Errors
    /// [`Error::Alpha`]; no scores, or one that is not finite.
    ///
    /// ```
    /// use bayes_core::calibration::ConformalQuantile;
    ///
    /// let scores = [0.3, 0.1, 0.5, 0.2];
    /// // k = ⌈5·0.6⌉ = 3.
    /// assert_eq!(ConformalQuantile::fit(&scores, 0.4)?.threshold(), Some(0.3));
    /// // k = ⌈5·0.9⌉ = 5: too few scores to exclude anything.
    /// assert_eq!(ConformalQuantile::fit(&scores, 0.1)?.threshold(), None);
    /// # Ok::<(), bayes_core::calibration::Error>(())
    /// ```
    pub fn fit(scores: &[f64], alpha: f64) -> Result<Self, Error> {
        check_alpha(alpha)?;
        if scores.is_empty() {
            return Err(MetricError::Empty { what: "scores" }.into());
        }
        check_all("scores", scores.iter().copied(), finite())?;
        let mut sorted = scores.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        Ok(Self {
            alpha,
            examples: scores.len(),
            threshold: sorted.get(rank(scores.len(), alpha) - 1).copied(),
        })
    }

    /// Whether a score is not excluded.
    pub fn admits(&self, score: f64) -> bool {
        self.threshold.is_none_or(|threshold| score <= threshold)
    }

    /// The largest score that is admitted; none where every one is.
    pub fn threshold(&self) -> Option<f64> {
        self.threshold
    }

    /// The error rate.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// n, the number of calibration examples.
    pub fn examples(&self) -> usize {
        self.examples
    }
}

fn check_alpha(alpha: f64) -> Result<(), Error> {
    if alpha > 0.0 && alpha < 1.0 {
        return Ok(());
    }
    Err(Error::Alpha { found: alpha })
}

/// `⌈(n + 1)(1 − alpha)⌉`, from 1 to n + 1.
pub(super) fn rank(examples: usize, alpha: f64) -> usize {
    // 1 − alpha is rounded, and its product with n + 1 may miss a whole number by that: (n + 1)·alpha misses it less.
    let excluded = (examples as f64 + 1.0) * alpha;
    let nearest = excluded.round();
    let is_whole = (excluded - nearest).abs() <= 4.0 * f64::EPSILON * nearest;
    let excluded = if is_whole { nearest } else { excluded.floor() };
    examples + 1 - (excluded as usize).min(examples)
}

/// A quantile as a file states it, not yet checked.
#[derive(Deserialize)]
struct Fields {
    alpha: f64,
    examples: usize,
    threshold: Option<f64>,
}

impl TryFrom<Fields> for ConformalQuantile {
    type Error = Error;

    fn try_from(fields: Fields) -> Result<Self, Error> {
        check_alpha(fields.alpha)?;
        Ok(Self {
            alpha: fields.alpha,
            examples: fields.examples,
            threshold: fields.threshold,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_exact_where_decimals_are_not() {
        // Every alpha = j/d with (n + 1)·(d − j)/d by integers.
        for denominator in [10_usize, 20, 100, 1000] {
            for excluded in 1..denominator {
                let alpha = excluded as f64 / denominator as f64;
                for examples in [1, 2, 9, 10, 19, 50, 99, 100, 999, 1000, 12_345] {
                    let want = ((examples + 1) * (denominator - excluded)).div_ceil(denominator);
                    assert_eq!(rank(examples, alpha), want, "{examples} examples, {alpha}");
                }
            }
        }
    }

    #[test]
    fn ranks_at_the_ends() {
        assert_eq!(rank(1, f64::MIN_POSITIVE), 2);
        assert_eq!(rank(100, 1.0_f64.next_down()), 1);
    }

    #[test]
    fn ties_are_admitted() {
        let quantile = ConformalQuantile::fit(&[1.0, 1.0, 2.0], 0.5).unwrap();
        assert_eq!(quantile.threshold(), Some(1.0));
        assert!(quantile.admits(1.0) && !quantile.admits(1.0_f64.next_up()));
        let all = ConformalQuantile::fit(&[1.0], 0.1).unwrap();
        assert!(all.admits(f64::INFINITY));
    }

    #[test]
    fn bad_input_is_an_error() {
        for alpha in [0.0, 1.0, -0.1, f64::NAN] {
            assert!(matches!(
                ConformalQuantile::fit(&[1.0], alpha),
                Err(Error::Alpha { .. })
            ));
        }
        assert!(ConformalQuantile::fit(&[], 0.1).is_err());
        assert!(ConformalQuantile::fit(&[f64::NAN], 0.1).is_err());
    }
}
