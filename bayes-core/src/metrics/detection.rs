//! Detection of out-of-distribution examples from an uncertainty score.

use super::MetricError;
use super::scores::flagged_scores;

/// Area under the ROC curve, out-of-distribution examples being the positives: the probability that
/// a random out-of-distribution example scores above a random in-distribution one, ties counting ½.
///
/// `(#{i ∈ OOD, j ∈ ID: s_i > s_j} + ½ #{s_i = s_j}) / (|OOD| · |ID|)`, the rank statistic (Hanley
/// & McNeil 1982), computed by sorting in O(N log N). Used for detection by Hendrycks & Gimpel
/// (2017).
///
/// `scores` has N entries, higher meaning more likely out of distribution (an entropy, a mutual
/// information; confidences must be negated); infinities are ranked. `out_of_distribution` has N
/// entries. Range 0 to 1: 1 separates perfectly, ½ is chance, below ½ the score points the wrong
/// way.
///
/// # Errors
/// [`MetricError::Length`] if the lengths differ, [`MetricError::Empty`] for no scores,
/// [`MetricError::NanScore`], and [`MetricError::OneClassOnly`] unless both kinds of examples are
/// present.
///
/// ```
/// use bayes_core::metrics::auroc;
///
/// // Of the four pairs (OOD, ID) two are in the right order, one is tied and one is wrong.
/// let scores = [0.5, 0.1, 0.5, 0.3];
/// let out_of_distribution = [true, false, false, true];
/// assert_eq!(auroc(&scores, &out_of_distribution)?, 2.5 / 4.0);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn auroc(scores: &[f64], out_of_distribution: &[bool]) -> Result<f64, MetricError> {
    let ranking = Ranking::new(scores, out_of_distribution)?;
    let mut negatives_below = 0;
    let mut ordered_pairs = 0.0;
    for tie in &ranking.ascending {
        ordered_pairs +=
            tie.positives as f64 * (negatives_below as f64 + 0.5 * tie.negatives as f64);
        negatives_below += tie.negatives;
    }
    Ok(ordered_pairs / (ranking.positives as f64 * ranking.negatives as f64))
}

/// Area under the precision–recall curve, out-of-distribution examples being the positives, as
/// average precision: `Σ_k (R_k − R_{k−1}) P_k`.
///
/// k runs over the distinct scores from the highest down; `P_k` and `R_k` are precision and recall of
/// flagging every example whose score is at least the k-th, so tied examples are flagged together
/// and their order does not matter. Step interpolation: no line is drawn between points, which would
/// be too optimistic (Davis & Goadrich 2006). Used for detection by Hendrycks & Gimpel (2017).
///
/// `scores` and `out_of_distribution` are as for [`auroc`]. Range 0 to 1, higher is better; the
/// score of chance is the share of positives, so values compare only at equal shares.
///
/// # Errors
/// As [`auroc`].
///
/// ```
/// use bayes_core::metrics::aupr_out;
///
/// // From the top: a positive (precision 1), a negative, a positive (precision 2/3).
/// let got = aupr_out(&[0.9, 0.5, 0.7], &[true, true, false])?;
/// assert!((got - 0.5 * (1.0 + 2.0 / 3.0)).abs() < 1e-15);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn aupr_out(scores: &[f64], out_of_distribution: &[bool]) -> Result<f64, MetricError> {
    let ranking = Ranking::new(scores, out_of_distribution)?;
    let descending = ranking.ascending.iter().rev();
    Ok(average_precision(
        descending.map(|tie| (tie.positives, tie.negatives)),
        ranking.positives,
    ))
}

/// Area under the precision–recall curve, *in*-distribution examples being the positives, as average
/// precision; see [`aupr_out`].
///
/// `scores` and `out_of_distribution` are as for [`auroc`], scores again higher where an example is
/// more likely out of distribution: the lowest are flagged as in-distribution first. Range 0 to 1,
/// higher is better.
///
/// # Errors
/// As [`auroc`].
///
/// ```
/// use bayes_core::metrics::aupr_in;
///
/// // From the bottom: an out-of-distribution example, then the in-distribution one.
/// assert_eq!(aupr_in(&[0.9, 0.5, 0.7], &[true, true, false])?, 0.5);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn aupr_in(scores: &[f64], out_of_distribution: &[bool]) -> Result<f64, MetricError> {
    let ranking = Ranking::new(scores, out_of_distribution)?;
    let ascending = ranking.ascending.iter();
    Ok(average_precision(
        ascending.map(|tie| (tie.negatives, tie.positives)),
        ranking.negatives,
    ))
}

/// False positive rate at 95 % true positive rate, out-of-distribution examples being the positives
/// (Liang, Li & Srikant 2018).
///
/// Among the thresholds that flag an example where its score is at least the threshold, the highest
/// one with `TP/(TP + FN) ≥ 0.95` is taken, and the value is its `FP/(FP + TN)`: the share of
/// in-distribution examples flagged when 95 % of the out-of-distribution ones are caught. Thresholds
/// are the scores themselves, without interpolation, and tied examples are flagged together. Range
/// 0 to 1, lower is better. Papers that count in-distribution examples as positives report another
/// number under this name.
///
/// `scores` and `out_of_distribution` are as for [`auroc`].
///
/// # Errors
/// As [`auroc`].
///
/// ```
/// use bayes_core::metrics::fpr95;
///
/// // Catching both positives flags one of the two negatives.
/// assert_eq!(fpr95(&[0.9, 0.5, 0.7, 0.1], &[true, true, false, false])?, 0.5);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn fpr95(scores: &[f64], out_of_distribution: &[bool]) -> Result<f64, MetricError> {
    let ranking = Ranking::new(scores, out_of_distribution)?;
    let (mut caught, mut false_alarms) = (0, 0);
    for tie in ranking.ascending.iter().rev() {
        caught += tie.positives;
        false_alarms += tie.negatives;
        // A quotient and not a product: 19/20 is the same number as 0.95.
        if caught as f64 / ranking.positives as f64 >= 0.95 {
            break;
        }
    }
    Ok(false_alarms as f64 / ranking.negatives as f64)
}

/// `Σ_k (R_k − R_{k−1}) P_k` over (positives, negatives) of each distinct score, the first flagged
/// first; `positives` is the number of all positives.
fn average_precision(ties: impl Iterator<Item = (usize, usize)>, positives: usize) -> f64 {
    let (mut caught, mut flagged) = (0, 0);
    let mut sum = 0.0;
    for (tied_positives, tied_negatives) in ties {
        caught += tied_positives;
        flagged += tied_positives + tied_negatives;
        sum += tied_positives as f64 * (caught as f64 / flagged as f64);
    }
    sum / positives as f64
}

/// The examples that share one score.
struct Tie {
    positives: usize,
    negatives: usize,
}

/// Examples in order of their scores; there is at least one of each kind.
struct Ranking {
    ascending: Vec<Tie>,
    positives: usize,
    negatives: usize,
}

impl Ranking {
    /// Checks and sorts the scores.
    fn new(scores: &[f64], out_of_distribution: &[bool]) -> Result<Self, MetricError> {
        let mut ranked = flagged_scores(scores, "out_of_distribution", out_of_distribution)?;
        let positives = ranked.iter().filter(|(_, ood)| *ood).count();
        let negatives = ranked.len() - positives;
        if positives == 0 || negatives == 0 {
            return Err(MetricError::OneClassOnly {
                positives,
                negatives,
            });
        }
        ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let tie = |tied: &[(f64, bool)]| {
            let positives = tied.iter().filter(|(_, ood)| *ood).count();
            Tie {
                positives,
                negatives: tied.len() - positives,
            }
        };
        Ok(Self {
            ascending: ranked.chunk_by(|a, b| a.0 == b.0).map(tie).collect(),
            positives,
            negatives,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition read aloud: every pair is compared.
    fn auroc_reference(scores: &[f64], out_of_distribution: &[bool]) -> f64 {
        let (mut wins, mut pairs) = (0.0, 0.0);
        for (ood_score, _) in scores
            .iter()
            .zip(out_of_distribution)
            .filter(|(_, ood)| **ood)
        {
            for (id_score, _) in scores
                .iter()
                .zip(out_of_distribution)
                .filter(|(_, ood)| !**ood)
            {
                pairs += 1.0;
                if ood_score > id_score {
                    wins += 1.0;
                } else if ood_score == id_score {
                    wins += 0.5;
                }
            }
        }
        wins / pairs
    }

    /// True positives, false positives of each distinct threshold from the highest down, every one
    /// counted over all examples.
    fn thresholds_reference(scores: &[f64], positive: &[bool]) -> Vec<(f64, f64)> {
        let mut thresholds = scores.to_vec();
        thresholds.sort_by(|a, b| b.total_cmp(a));
        thresholds.dedup();
        let flagged = |threshold: f64, kind: bool| {
            let pairs = scores.iter().zip(positive);
            pairs
                .filter(|(s, p)| **s >= threshold && **p == kind)
                .count() as f64
        };
        thresholds
            .into_iter()
            .map(|threshold| (flagged(threshold, true), flagged(threshold, false)))
            .collect()
    }

    fn average_precision_reference(scores: &[f64], positive: &[bool]) -> f64 {
        let positives = positive.iter().filter(|p| **p).count() as f64;
        let (mut sum, mut recall_before) = (0.0, 0.0);
        for (caught, false_alarms) in thresholds_reference(scores, positive) {
            let recall = caught / positives;
            sum += (recall - recall_before) * caught / (caught + false_alarms);
            recall_before = recall;
        }
        sum
    }

    fn fpr95_reference(scores: &[f64], positive: &[bool]) -> f64 {
        let positives = positive.iter().filter(|p| **p).count() as f64;
        let negatives = scores.len() as f64 - positives;
        thresholds_reference(scores, positive)
            .into_iter()
            .find(|(caught, _)| caught / positives >= 0.95)
            .map_or(1.0, |(_, false_alarms)| false_alarms / negatives)
    }

    #[test]
    fn agree_with_the_definitions_on_a_grid() {
        // From almost every score tied (2 levels) to almost none (1009 levels).
        for levels in [2, 3, 17, 1009] {
            for n in [2_usize, 3, 10, 61, 101] {
                let scores: Vec<f64> = (0..n)
                    .map(|i| ((i * i * 31 + i * 17 + 5) % levels) as f64 / 8.0)
                    .collect();
                let ood: Vec<bool> = (0..n).map(|i| i % 3 == 0).collect();
                let negated: Vec<f64> = scores.iter().map(|s| -s).collect();
                let within: Vec<bool> = ood.iter().map(|o| !o).collect();
                for (name, got, want) in [
                    (
                        "auroc",
                        auroc(&scores, &ood),
                        auroc_reference(&scores, &ood),
                    ),
                    (
                        "aupr_out",
                        aupr_out(&scores, &ood),
                        average_precision_reference(&scores, &ood),
                    ),
                    (
                        "aupr_in",
                        aupr_in(&scores, &ood),
                        average_precision_reference(&negated, &within),
                    ),
                    (
                        "fpr95",
                        fpr95(&scores, &ood),
                        fpr95_reference(&scores, &ood),
                    ),
                ] {
                    let got = got.unwrap();
                    assert!(
                        (got - want).abs() < 1e-14,
                        "{name}, {levels} levels, {n} scores: got {got}, want {want}"
                    );
                }
            }
        }
    }

    #[test]
    fn fpr95_takes_exactly_19_of_20_as_enough() {
        // Twenty positives, the lowest of them below the one negative.
        let mut scores: Vec<f64> = (1..=20).map(f64::from).collect();
        scores.push(1.5);
        let mut ood = vec![true; 20];
        ood.push(false);
        assert_eq!(fpr95(&scores, &ood).unwrap(), 0.0);
        // Of nineteen all are needed.
        scores.remove(19);
        ood.remove(19);
        assert_eq!(fpr95(&scores, &ood).unwrap(), 1.0);
    }

    #[test]
    fn precision_recall_of_chance_and_of_perfect_order() {
        let ood = [false, false, false, true];
        // All tied: precision is the share of positives.
        assert_eq!(aupr_out(&[1.0; 4], &ood).unwrap(), 0.25);
        assert_eq!(aupr_in(&[1.0; 4], &ood).unwrap(), 0.75);
        assert_eq!(fpr95(&[1.0; 4], &ood).unwrap(), 1.0);
        let scores = [0.1, 0.2, 0.3, 0.4];
        assert_eq!(aupr_out(&scores, &ood).unwrap(), 1.0);
        assert_eq!(aupr_in(&scores, &ood).unwrap(), 1.0);
        assert_eq!(fpr95(&scores, &ood).unwrap(), 0.0);
        // The wrong way round, the positive is flagged last.
        let scores = [0.4, 0.3, 0.2, 0.1];
        assert_eq!(aupr_out(&scores, &ood).unwrap(), 0.25);
        assert_eq!(fpr95(&scores, &ood).unwrap(), 1.0);
    }

    #[test]
    fn orientation_and_ties() {
        let ood = [false, false, true];
        assert_eq!(auroc(&[0.1, 0.2, 0.3], &ood).unwrap(), 1.0);
        assert_eq!(auroc(&[0.3, 0.2, 0.1], &ood).unwrap(), 0.0);
        assert_eq!(auroc(&[0.2, 0.2, 0.2], &ood).unwrap(), 0.5);
        // Zero and negative zero are one value, infinities are ranked.
        assert_eq!(auroc(&[-0.0, 0.0, 0.0], &ood).unwrap(), 0.5);
        assert_eq!(
            auroc(&[f64::NEG_INFINITY, f64::INFINITY, 1.0], &ood).unwrap(),
            0.5
        );
    }

    #[test]
    fn bad_input_is_an_error_in_each_metric() {
        for metric in [auroc, aupr_out, aupr_in, fpr95] {
            assert_eq!(metric(&[], &[]), Err(MetricError::Empty { what: "scores" }));
            assert_eq!(
                metric(&[1.0, 2.0], &[true]),
                Err(MetricError::Length {
                    what: "out_of_distribution",
                    expected: 2,
                    found: 1
                })
            );
            assert_eq!(
                metric(&[1.0, f64::NAN], &[true, false]),
                Err(MetricError::NanScore { position: 1 })
            );
            assert_eq!(
                metric(&[1.0, 2.0], &[true, true]),
                Err(MetricError::OneClassOnly {
                    positives: 2,
                    negatives: 0
                })
            );
            assert_eq!(
                metric(&[1.0], &[false]),
                Err(MetricError::OneClassOnly {
                    positives: 0,
                    negatives: 1
                })
            );
        }
    }
}
