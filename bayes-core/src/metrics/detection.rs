//! Detection of out-of-distribution examples from an uncertainty score.

use super::MetricError;

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
    let ranked = rank(scores, out_of_distribution)?;
    let positives = ranked.iter().filter(|(_, ood)| *ood).count();
    let negatives = ranked.len() - positives;
    if positives == 0 || negatives == 0 {
        return Err(MetricError::OneClassOnly {
            positives,
            negatives,
        });
    }

    let mut negatives_below = 0;
    let mut ordered_pairs = 0.0;
    for tied in ranked.chunk_by(|a, b| a.0 == b.0) {
        let tied_positives = tied.iter().filter(|(_, ood)| *ood).count();
        let tied_negatives = tied.len() - tied_positives;
        ordered_pairs +=
            tied_positives as f64 * (negatives_below as f64 + 0.5 * tied_negatives as f64);
        negatives_below += tied_negatives;
    }
    Ok(ordered_pairs / (positives as f64 * negatives as f64))
}

/// The scores with their kind, checked and in ascending order.
fn rank(scores: &[f64], out_of_distribution: &[bool]) -> Result<Vec<(f64, bool)>, MetricError> {
    if scores.is_empty() {
        return Err(MetricError::Empty { what: "scores" });
    }
    if scores.len() != out_of_distribution.len() {
        return Err(MetricError::Length {
            what: "out_of_distribution",
            expected: scores.len(),
            found: out_of_distribution.len(),
        });
    }
    if let Some(position) = scores.iter().position(|score| score.is_nan()) {
        return Err(MetricError::NanScore { position });
    }
    let mut ranked: Vec<(f64, bool)> = scores
        .iter()
        .copied()
        .zip(out_of_distribution.iter().copied())
        .collect();
    ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    Ok(ranked)
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

    #[test]
    fn agrees_with_counting_pairs() {
        // From almost every score tied (2 levels) to almost none (1009 levels).
        for levels in [2, 3, 17, 1009] {
            for n in [2_usize, 3, 10, 101] {
                let scores: Vec<f64> = (0..n)
                    .map(|i| ((i * i * 31 + i * 17 + 5) % levels) as f64 / 8.0)
                    .collect();
                let ood: Vec<bool> = (0..n).map(|i| i % 3 == 0).collect();
                let want = auroc_reference(&scores, &ood);
                let got = auroc(&scores, &ood).unwrap();
                assert!(
                    (got - want).abs() < 1e-15,
                    "{levels} levels, {n} scores: got {got}, want {want}"
                );
            }
        }
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
    fn bad_input_is_an_error() {
        assert_eq!(auroc(&[], &[]), Err(MetricError::Empty { what: "scores" }));
        assert_eq!(
            auroc(&[1.0, 2.0], &[true]),
            Err(MetricError::Length {
                what: "out_of_distribution",
                expected: 2,
                found: 1
            })
        );
        assert_eq!(
            auroc(&[1.0, f64::NAN], &[true, false]),
            Err(MetricError::NanScore { position: 1 })
        );
        assert_eq!(
            auroc(&[1.0, 2.0], &[true, true]),
            Err(MetricError::OneClassOnly {
                positives: 2,
                negatives: 0
            })
        );
        assert_eq!(
            auroc(&[1.0], &[false]),
            Err(MetricError::OneClassOnly {
                positives: 0,
                negatives: 1
            })
        );
    }
}
