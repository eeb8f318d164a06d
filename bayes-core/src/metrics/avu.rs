//! Accuracy against uncertainty: is the model certain where it is right and uncertain where it is
//! wrong?

use super::MetricError;
use super::scores::flagged_scores;
use super::trapezoid::mean_height;

/// The usual number of thresholds for [`auc_avu`].
pub const DEFAULT_AVU_THRESHOLDS: usize = 21;

/// How many examples are accurate or not and certain or not, at one uncertainty threshold.
///
/// An example is certain where its uncertainty is at most the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AvuCounts {
    /// n_AC: right and certain.
    pub accurate_certain: usize,
    /// n_AU: right and uncertain.
    pub accurate_uncertain: usize,
    /// n_IC: wrong and certain.
    pub inaccurate_certain: usize,
    /// n_IU: wrong and uncertain.
    pub inaccurate_uncertain: usize,
}

impl AvuCounts {
    /// Accuracy versus uncertainty, AvU or PAvPU: `(n_AC + n_IU)/(n_AC + n_AU + n_IC + n_IU)`
    /// (Mukhoti & Gal 2018; Krishnan & Tickoo 2020).
    ///
    /// Range 0 to 1, higher is better; NaN where all counts are 0, which no function here returns.
    #[doc(alias = "PAvPU")]
    pub fn avu(&self) -> f64 {
        let all = self.certain() + self.inaccurate_uncertain + self.accurate_uncertain;
        (self.accurate_certain + self.inaccurate_uncertain) as f64 / all as f64
    }

    /// `p(accurate | certain) = n_AC/(n_AC + n_IC)`, none where nothing is certain (Mukhoti & Gal
    /// 2018). Range 0 to 1, higher is better.
    pub fn accurate_given_certain(&self) -> Option<f64> {
        share(self.accurate_certain, self.certain())
    }

    /// `p(uncertain | inaccurate) = n_IU/(n_IC + n_IU)`, none where nothing is wrong (Mukhoti & Gal
    /// 2018). Range 0 to 1, higher is better.
    pub fn uncertain_given_inaccurate(&self) -> Option<f64> {
        let inaccurate = self.inaccurate_certain + self.inaccurate_uncertain;
        share(self.inaccurate_uncertain, inaccurate)
    }

    fn certain(&self) -> usize {
        self.accurate_certain + self.inaccurate_certain
    }
}

/// One point of an [`avu_curve`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AvuPoint {
    /// The uncertainty threshold `u_min + t·(u_max − u_min)`.
    pub threshold: f64,
    /// The counts at that threshold.
    pub counts: AvuCounts,
}

/// The four counts of accuracy and certainty at one threshold, from which [`AvuCounts::avu`] is made
/// (Mukhoti & Gal 2018; Krishnan & Tickoo 2020).
///
/// `uncertainty` has N entries, higher meaning less certain: a predictive entropy or a mutual
/// information. An example is certain where `u_n ≤ threshold`, in the units of `uncertainty`;
/// infinities compare as usual. `correct` has N entries, as from
/// [`correct_predictions`](super::correct_predictions).
///
/// # Errors
/// [`MetricError::Empty`] for no examples, [`MetricError::Length`] if the lengths differ,
/// [`MetricError::NanScore`] and [`MetricError::NanThreshold`].
///
/// ```
/// use bayes_core::metrics::avu_counts;
///
/// let counts = avu_counts(&[0.1, 0.5, 0.6, 0.2], &[true, true, false, false], 0.5)?;
/// assert_eq!((counts.accurate_certain, counts.accurate_uncertain), (2, 0));
/// assert_eq!((counts.inaccurate_certain, counts.inaccurate_uncertain), (1, 1));
/// assert_eq!(counts.avu(), 0.75);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn avu_counts(
    uncertainty: &[f64],
    correct: &[bool],
    threshold: f64,
) -> Result<AvuCounts, MetricError> {
    let examples = Sorted::new(uncertainty, correct)?;
    if threshold.is_nan() {
        return Err(MetricError::NanThreshold);
    }
    Ok(examples.counts(threshold))
}

/// The counts at thresholds `u_min + t·(u_max − u_min)`, one point for each of `normalized` = t.
///
/// t = 0 is the smallest uncertainty of the examples and t = 1 the largest, at which all are
/// certain; other t are allowed. `uncertainty` and `correct` are as for [`avu_counts`]. Where all
/// uncertainties are equal, all are certain at every t in 0 to 1.
///
/// # Errors
/// [`MetricError::InfiniteUncertainty`], [`MetricError::NanThreshold`] for a t that is NaN or gives
/// such a threshold; otherwise as [`avu_counts`].
///
/// ```
/// use bayes_core::metrics::avu_curve;
///
/// let curve = avu_curve(&[0.5, 1.5, 1.25], &[true, false, true], &[0.0, 0.5, 1.0])?;
/// assert_eq!(curve[1].threshold, 1.0);
/// assert_eq!(curve.iter().map(|point| point.counts.avu()).collect::<Vec<f64>>(),
///     [2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0]);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn avu_curve(
    uncertainty: &[f64],
    correct: &[bool],
    normalized: &[f64],
) -> Result<Vec<AvuPoint>, MetricError> {
    let examples = Sorted::new(uncertainty, correct)?;
    let (least, most) = examples.finite_range(uncertainty)?;
    let point = |t: &f64| {
        let threshold = between(least, most, *t);
        if t.is_nan() || threshold.is_nan() {
            return Err(MetricError::NanThreshold);
        }
        Ok(AvuPoint {
            threshold,
            counts: examples.counts(threshold),
        })
    };
    normalized.iter().map(point).collect()
}

/// Area under AvU over normalised thresholds: the trapezoidal area of [`AvuCounts::avu`] over t = 0,
/// 1/(T−1), …, 1 with T = `thresholds` and the thresholds of [`avu_curve`] (Krishnan & Tickoo 2020).
///
/// `uncertainty` and `correct` are as for [`avu_counts`]; [`DEFAULT_AVU_THRESHOLDS`] is usual. Range
/// 0 to 1, higher is better. At t = 1 every example is certain and AvU is the accuracy.
///
/// # Errors
/// [`MetricError::TooFew`] for fewer than two thresholds, [`MetricError::InfiniteUncertainty`];
/// otherwise as [`avu_counts`].
///
/// ```
/// use bayes_core::metrics::{DEFAULT_AVU_THRESHOLDS, auc_avu};
///
/// // Right at uncertainty 0, wrong at 1: AvU is 1 up to the last threshold, where it is 1/2.
/// let got = auc_avu(&[0.0, 1.0], &[true, false], DEFAULT_AVU_THRESHOLDS)?;
/// assert!((got - (19.0 + 0.75) / 20.0).abs() < 1e-15);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn auc_avu(
    uncertainty: &[f64],
    correct: &[bool],
    thresholds: usize,
) -> Result<f64, MetricError> {
    let too_few = MetricError::TooFew {
        what: "thresholds",
        least: 2,
        found: thresholds,
    };
    if thresholds < 2 {
        return Err(too_few);
    }
    let examples = Sorted::new(uncertainty, correct)?;
    let (least, most) = examples.finite_range(uncertainty)?;
    let avu = |i: usize| {
        let t = i as f64 / (thresholds - 1) as f64;
        examples.counts(between(least, most, t)).avu()
    };
    mean_height((0..thresholds).map(avu)).ok_or(too_few)
}

/// `part/whole`, none for an empty whole.
fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// `low + t·(high − low)`, exactly `low` at t = 0 and `high` at t = 1.
pub(crate) fn between(low: f64, high: f64, t: f64) -> f64 {
    // Two products round: of equal ends they could fall below both.
    if low == high {
        return low;
    }
    low * (1.0 - t) + high * t
}

/// Examples in order of uncertainty, so that the counts at a threshold take a binary search.
struct Sorted {
    ascending: Vec<f64>,
    /// Entry i: how many of the i least uncertain examples are right.
    accurate_before: Vec<usize>,
}

impl Sorted {
    fn new(uncertainty: &[f64], correct: &[bool]) -> Result<Self, MetricError> {
        let mut examples = flagged_scores(uncertainty, "correct", correct)?;
        examples.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let running = examples.iter().scan(0, |accurate, (_, correct)| {
            *accurate += usize::from(*correct);
            Some(*accurate)
        });
        Ok(Self {
            accurate_before: std::iter::once(0).chain(running).collect(),
            ascending: examples.iter().map(|(u, _)| *u).collect(),
        })
    }

    fn counts(&self, threshold: f64) -> AvuCounts {
        let all = self.ascending.len();
        let certain = self.ascending.partition_point(|u| *u <= threshold);
        let accurate_certain = self.accurate_before[certain];
        let accurate_uncertain = self.accurate_before[all] - accurate_certain;
        AvuCounts {
            accurate_certain,
            accurate_uncertain,
            inaccurate_certain: certain - accurate_certain,
            inaccurate_uncertain: all - certain - accurate_uncertain,
        }
    }

    /// The least and the largest uncertainty; `uncertainty` is as passed, to name the place of one
    /// that is not finite.
    fn finite_range(&self, uncertainty: &[f64]) -> Result<(f64, f64), MetricError> {
        if let Some(position) = uncertainty.iter().position(|u| !u.is_finite()) {
            return Err(MetricError::InfiniteUncertainty {
                position,
                value: uncertainty[position],
            });
        }
        Ok((self.ascending[0], self.ascending[self.ascending.len() - 1]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition read aloud.
    fn counts_reference(uncertainty: &[f64], correct: &[bool], threshold: f64) -> AvuCounts {
        let count = |accurate: bool, certain: bool| {
            let examples = uncertainty.iter().zip(correct);
            examples
                .filter(|(u, correct)| **correct == accurate && (**u <= threshold) == certain)
                .count()
        };
        AvuCounts {
            accurate_certain: count(true, true),
            accurate_uncertain: count(true, false),
            inaccurate_certain: count(false, true),
            inaccurate_uncertain: count(false, false),
        }
    }

    fn examples(n: usize, levels: usize) -> (Vec<f64>, Vec<bool>) {
        let uncertainty = |i: usize| ((i * i * 31 + i * 17 + 5) % levels) as f64 / 7.0;
        (
            (0..n).map(uncertainty).collect(),
            (0..n).map(|i| i % 3 != 0).collect(),
        )
    }

    #[test]
    fn agree_with_counting_on_a_grid() {
        for levels in [1, 2, 5, 1009] {
            for n in [1, 2, 10, 61] {
                let (uncertainty, correct) = examples(n, levels);
                let least = uncertainty.iter().copied().fold(f64::INFINITY, f64::min);
                let most = uncertainty.iter().copied().fold(0.0, f64::max);
                for steps in [1, 2, 7, 20] {
                    let normalized: Vec<f64> =
                        (0..=steps).map(|i| i as f64 / steps as f64).collect();
                    let curve = avu_curve(&uncertainty, &correct, &normalized).unwrap();
                    assert_eq!(curve[0].threshold, least);
                    assert_eq!(curve[steps].threshold, most);
                    let mut area = 0.0;
                    for (i, point) in curve.iter().enumerate() {
                        let want = counts_reference(&uncertainty, &correct, point.threshold);
                        assert_eq!(point.counts, want, "{levels} levels, {n} examples, {i}");
                        assert_eq!(
                            avu_counts(&uncertainty, &correct, point.threshold),
                            Ok(want)
                        );
                        let ends = if i == 0 || i == steps { 0.5 } else { 1.0 };
                        let agree = want.accurate_certain + want.inaccurate_uncertain;
                        area += ends * agree as f64 / n as f64 / steps as f64;
                    }
                    let got = auc_avu(&uncertainty, &correct, steps + 1).unwrap();
                    assert!((got - area).abs() < 1e-14, "got {got}, want {area}");
                }
            }
        }
    }

    #[test]
    fn the_threshold_itself_is_certain() {
        let at = |threshold: f64| avu_counts(&[0.5], &[true], threshold).unwrap();
        assert_eq!(at(0.5).accurate_certain, 1);
        assert_eq!(at(0.5_f64.next_down()).accurate_uncertain, 1);
        // At t = 1 the most uncertain example is certain, however the range rounds.
        let (uncertainty, correct) = ([0.1, 0.7, 1.0 / 3.0], [true, true, false]);
        let curve = avu_curve(&uncertainty, &correct, &[1.0]).unwrap();
        assert_eq!(curve[0].counts.certain(), 3);
        assert!((curve[0].counts.avu() - 2.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn equal_uncertainties_are_certain_at_every_threshold() {
        for u in [0.0, 0.1, 1.0 / 3.0, 0.7] {
            assert_eq!(auc_avu(&[u; 4], &[true, true, true, false], 21), Ok(0.75));
        }
    }

    #[test]
    fn conditional_shares() {
        let counts = AvuCounts {
            accurate_certain: 4,
            accurate_uncertain: 13,
            inaccurate_certain: 1,
            inaccurate_uncertain: 22,
        };
        assert_eq!(counts.avu(), 0.65);
        assert_eq!(counts.accurate_given_certain(), Some(0.8));
        assert_eq!(counts.uncertain_given_inaccurate(), Some(22.0 / 23.0));
        let none_certain = avu_counts(&[0.5], &[true], 0.0).unwrap();
        assert_eq!(none_certain.accurate_given_certain(), None);
        assert_eq!(none_certain.uncertain_given_inaccurate(), None);
    }

    #[test]
    fn bad_input_is_an_error() {
        let length = MetricError::Length {
            what: "correct",
            expected: 2,
            found: 1,
        };
        assert_eq!(avu_counts(&[0.1, 0.2], &[true], 0.5), Err(length.clone()));
        assert_eq!(auc_avu(&[0.1, 0.2], &[true], 21), Err(length));
        assert_eq!(
            avu_counts(&[0.1], &[true], f64::NAN),
            Err(MetricError::NanThreshold)
        );
        for t in [f64::NAN, f64::INFINITY] {
            assert_eq!(
                avu_curve(&[0.1, 0.2], &[true, true], &[t]),
                Err(MetricError::NanThreshold),
                "{t}"
            );
        }
        assert_eq!(
            avu_curve(&[0.1, 0.1], &[true, true], &[f64::NAN]),
            Err(MetricError::NanThreshold)
        );
        let infinite = MetricError::InfiniteUncertainty {
            position: 1,
            value: f64::INFINITY,
        };
        let uncertainty = [0.1, f64::INFINITY];
        assert_eq!(auc_avu(&uncertainty, &[true; 2], 3), Err(infinite.clone()));
        assert_eq!(avu_curve(&uncertainty, &[true; 2], &[0.5]), Err(infinite));
        assert_eq!(
            avu_counts(&uncertainty, &[true; 2], f64::INFINITY)
                .unwrap()
                .certain(),
            2
        );
        for thresholds in [0, 1] {
            assert_eq!(
                auc_avu(&[0.1], &[true], thresholds),
                Err(MetricError::TooFew {
                    what: "thresholds",
                    least: 2,
                    found: thresholds
                })
            );
        }
    }
}
