//! The one error type of the metrics.

use super::ROW_SUM_TOLERANCE;

/// Why a metric could not be computed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MetricError {
    /// A slice does not have the length that the other arguments imply.
    #[error("{what}: expected {expected} values from the other arguments, found {found}")]
    Length {
        /// The argument that has the wrong length.
        what: &'static str,
        /// The length that the other arguments imply (`usize::MAX` where their product overflows).
        expected: usize,
        /// The length that it has.
        found: usize,
    },

    /// A dimension is zero: a mean over nothing has no value.
    #[error("there are no {what}: pass at least one")]
    Empty {
        /// What there is none of, in the plural.
        what: &'static str,
    },

    /// There are too few of something for a curve to have an area.
    #[error("found {found} {what}, expected at least {least}")]
    TooFew {
        /// What there are too few of, in the plural.
        what: &'static str,
        /// The smallest number that will do.
        least: usize,
        /// The number found.
        found: usize,
    },

    /// A label names a class that does not exist.
    #[error("label {label} at position {position} is not below the number of classes, {classes}")]
    LabelOutOfRange {
        /// Index into the labels.
        position: usize,
        /// The label found there.
        label: usize,
        /// Number of classes; labels count from 0.
        classes: usize,
    },

    /// An entry of a probability table is NaN or negative.
    #[error(
        "probability {value} at row {row}, class {class} is NaN or negative: pass probabilities, not logits"
    )]
    InvalidProbability {
        /// Row of the table passed; for S×N×C tables row s·N + n.
        row: usize,
        /// Column of the table.
        class: usize,
        /// The value found there.
        value: f64,
    },

    /// A row of a probability table does not sum to 1 within [`ROW_SUM_TOLERANCE`].
    #[error(
        "row {row} of the probabilities sums to {sum}, expected 1 within {ROW_SUM_TOLERANCE:e}"
    )]
    RowSum {
        /// Row of the table passed; for S×N×C tables row s·N + n.
        row: usize,
        /// The sum found.
        sum: f64,
    },

    /// A score, confidence or uncertainty is NaN and so has no rank.
    #[error("score at position {position} is NaN and cannot be ranked")]
    NanScore {
        /// Index into the scores.
        position: usize,
    },

    /// An uncertainty is infinite, so that no thresholds can be spread over the range.
    #[error("uncertainty {value} at position {position} is not finite")]
    InfiniteUncertainty {
        /// Index into the uncertainties.
        position: usize,
        /// The value found there.
        value: f64,
    },

    /// A threshold is NaN, so that nothing is above or below it.
    #[error("the threshold is NaN")]
    NanThreshold,

    /// A number is not what it must be: NaN, infinite, or on the wrong side of 0.
    #[error("{what}: {value} at position {position}, expected a number that is {must}")]
    Number {
        /// The argument that holds it.
        what: &'static str,
        /// What it must be.
        must: &'static str,
        /// Index into the argument.
        position: usize,
        /// The value found there.
        value: f64,
    },

    /// The level of a quantile or interval is no probability between 0 and 1.
    #[error("level {level}: expected a probability above 0 and below 1")]
    Level {
        /// The level found.
        level: f64,
    },

    /// A detection metric was given only positives or only negatives.
    #[error(
        "detection needs both kinds of examples, found {positives} positive and {negatives} negative"
    )]
    OneClassOnly {
        /// Number of positive (out-of-distribution) examples.
        positives: usize,
        /// Number of negative (in-distribution) examples.
        negatives: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_place_found_and_expected() {
        let cases = [
            (
                MetricError::Length {
                    what: "labels",
                    expected: 3,
                    found: 2,
                },
                "labels: expected 3 values from the other arguments, found 2",
            ),
            (
                MetricError::LabelOutOfRange {
                    position: 4,
                    label: 10,
                    classes: 10,
                },
                "label 10 at position 4 is not below the number of classes, 10",
            ),
            (
                MetricError::TooFew {
                    what: "thresholds",
                    least: 2,
                    found: 1,
                },
                "found 1 thresholds, expected at least 2",
            ),
            (
                MetricError::RowSum { row: 7, sum: 1.5 },
                "row 7 of the probabilities sums to 1.5, expected 1 within 1e-5",
            ),
        ];
        for (error, message) in cases {
            assert_eq!(error.to_string(), message);
        }
    }
}
