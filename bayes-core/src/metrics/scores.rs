//! Checked scores: the input of every metric that ranks examples.

use super::MetricError;

/// Each score with the flag of its example.
///
/// Negative zero becomes zero, so that `total_cmp` sees the two as the tie that they are. `what`
/// names the flags for the error.
pub(super) fn flagged_scores(
    scores: &[f64],
    what: &'static str,
    flags: &[bool],
) -> Result<Vec<(f64, bool)>, MetricError> {
    if scores.is_empty() {
        return Err(MetricError::Empty { what: "scores" });
    }
    if scores.len() != flags.len() {
        return Err(MetricError::Length {
            what,
            expected: scores.len(),
            found: flags.len(),
        });
    }
    if let Some(position) = scores.iter().position(|score| score.is_nan()) {
        return Err(MetricError::NanScore { position });
    }
    let without_sign_of_zero = scores.iter().map(|score| score + 0.0);
    Ok(without_sign_of_zero.zip(flags.iter().copied()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_lose_their_sign_and_nothing_else_changes() {
        let scores = [-0.0, 0.0, f64::NEG_INFINITY, -1.5e-300];
        let got = flagged_scores(&scores, "flags", &[true, false, true, false]).unwrap();
        assert_eq!(got[0].0.to_bits(), 0.0_f64.to_bits());
        assert_eq!(
            got,
            [
                (0.0, true),
                (0.0, false),
                (f64::NEG_INFINITY, true),
                (-1.5e-300, false)
            ]
        );
    }

    #[test]
    fn bad_scores_are_errors() {
        let of = |scores: &[f64], flags: &[bool]| flagged_scores(scores, "flags", flags);
        assert_eq!(of(&[], &[]), Err(MetricError::Empty { what: "scores" }));
        assert_eq!(
            of(&[1.0, 2.0], &[true]),
            Err(MetricError::Length {
                what: "flags",
                expected: 2,
                found: 1
            })
        );
        assert_eq!(
            of(&[1.0, f64::NAN], &[true, false]),
            Err(MetricError::NanScore { position: 1 })
        );
    }
}
