//! Checked probability tables: every metric reads its input through this file.

use super::{MetricError, ROW_SUM_TOLERANCE};

/// Checks that `table` holds exactly `dimensions`, none of them zero.
///
/// Each dimension comes with its name in the plural, for the error.
pub(crate) fn check_shape(
    what: &'static str,
    table: &[f64],
    dimensions: &[(&'static str, usize)],
) -> Result<(), MetricError> {
    if let Some(&(what, _)) = dimensions.iter().find(|(_, size)| *size == 0) {
        return Err(MetricError::Empty { what });
    }
    // No slice is usize::MAX long, so a product that saturates can only be reported as a mismatch.
    let expected = dimensions
        .iter()
        .fold(1_usize, |product, (_, size)| product.saturating_mul(*size));
    if table.len() != expected {
        return Err(MetricError::Length {
            what,
            expected,
            found: table.len(),
        });
    }
    Ok(())
}

/// Checks that each row of `classes` entries (at least 1) is a distribution over the classes.
pub(super) fn check_rows(table: &[f64], classes: usize) -> Result<(), MetricError> {
    for (row, probabilities) in table.chunks_exact(classes).enumerate() {
        let invalid = probabilities.iter().position(|p| p.is_nan() || *p < 0.0);
        if let Some(class) = invalid {
            return Err(MetricError::InvalidProbability {
                row,
                class,
                value: probabilities[class],
            });
        }
        let sum: f64 = probabilities.iter().sum();
        if (sum - 1.0).abs() > ROW_SUM_TOLERANCE {
            return Err(MetricError::RowSum { row, sum });
        }
    }
    Ok(())
}

/// Checks that `probabilities` is rows of `classes` entries, at least one of each, and that each row
/// is a distribution.
pub(crate) fn check_table(probabilities: &[f64], classes: usize) -> Result<(), MetricError> {
    let rows = if classes == 0 {
        0
    } else {
        probabilities.len().div_ceil(classes)
    };
    check_shape(
        "probabilities",
        probabilities,
        &[("classes", classes), ("rows", rows)],
    )?;
    check_rows(probabilities, classes)
}

/// Checks that labels count from 0 and are below `classes`.
pub(crate) fn check_labels(labels: &[usize], classes: usize) -> Result<(), MetricError> {
    match labels.iter().position(|label| *label >= classes) {
        Some(position) => Err(MetricError::LabelOutOfRange {
            position,
            label: labels[position],
            classes,
        }),
        None => Ok(()),
    }
}

/// N rows of class probabilities, each with its true label; checked when made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LabelledRows<'a> {
    probabilities: &'a [f64],
    classes: usize,
    labels: &'a [usize],
}

impl<'a> LabelledRows<'a> {
    /// Checks the dimensions, the labels and each row.
    pub(crate) fn new(
        probabilities: &'a [f64],
        classes: usize,
        labels: &'a [usize],
    ) -> Result<Self, MetricError> {
        check_shape(
            "probabilities",
            probabilities,
            &[("classes", classes), ("labels", labels.len())],
        )?;
        check_labels(labels, classes)?;
        check_rows(probabilities, classes)?;
        Ok(Self {
            probabilities,
            classes,
            labels,
        })
    }

    /// Number of examples, at least 1.
    pub(super) fn examples(&self) -> usize {
        self.labels.len()
    }

    /// Each example's row of probabilities and its label.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a [f64], usize)> {
        self.probabilities
            .chunks_exact(self.classes)
            .zip(self.labels.iter().copied())
    }

    /// Each example's confidence, and whether its predicted class is the true one.
    pub(crate) fn top_class_events(&self) -> impl Iterator<Item = (f64, bool)> {
        self.iter().map(|(row, label)| {
            let (class, confidence) = top_class(row);
            (confidence, class == label)
        })
    }

    /// Each example's probability of `class`, and whether that is the true one.
    pub(super) fn class_events(&self, class: usize) -> impl Iterator<Item = (f64, bool)> {
        self.iter()
            .map(move |(row, label)| (row[class], class == label))
    }

    /// The mean over examples of a per-example loss or score.
    pub(super) fn mean(&self, per_example: impl Fn(&[f64], usize) -> f64) -> f64 {
        let total: f64 = self
            .iter()
            .map(|(row, label)| per_example(row, label))
            .sum();
        total / self.examples() as f64
    }
}

/// The class of highest probability and that probability; the first such class on a tie.
pub(crate) fn top_class(row: &[f64]) -> (usize, f64) {
    row.iter()
        .copied()
        .enumerate()
        .fold((0, f64::NEG_INFINITY), |best, (class, p)| {
            if p > best.1 { (class, p) } else { best }
        })
}

/// Turns rows of `classes` logits (at least 1) into probabilities: `exp(z − max z)/Σ exp(z − max z)`.
pub(crate) fn softmax(logits: &mut [f64], classes: usize) {
    for row in logits.chunks_exact_mut(classes) {
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        row.iter_mut().for_each(|z| *z = (*z - largest).exp());
        let sum: f64 = row.iter().sum();
        row.iter_mut().for_each(|p| *p /= sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(probabilities: &[f64], classes: usize, labels: &[usize]) -> MetricError {
        LabelledRows::new(probabilities, classes, labels).expect_err("the input is bad")
    }

    #[test]
    fn lengths_that_differ_are_reported_with_both() {
        assert_eq!(
            error_of(&[0.5, 0.5, 1.0], 2, &[0, 1]),
            MetricError::Length {
                what: "probabilities",
                expected: 4,
                found: 3
            }
        );
        assert_eq!(
            error_of(&[1.0], usize::MAX, &[0, 0]),
            MetricError::Length {
                what: "probabilities",
                expected: usize::MAX,
                found: 1
            }
        );
    }

    #[test]
    fn empty_input_is_an_error() {
        assert_eq!(error_of(&[], 2, &[]), MetricError::Empty { what: "labels" });
        assert_eq!(
            error_of(&[], 0, &[0]),
            MetricError::Empty { what: "classes" }
        );
    }

    #[test]
    fn label_out_of_range_is_located() {
        assert_eq!(
            error_of(&[0.5, 0.5, 0.5, 0.5], 2, &[1, 2]),
            MetricError::LabelOutOfRange {
                position: 1,
                label: 2,
                classes: 2
            }
        );
    }

    #[test]
    fn rows_that_are_no_distribution_are_located() {
        // The second row sums to 1, so only the sign gives it away.
        assert_eq!(
            error_of(&[0.5, 0.5, 1.5, -0.5], 2, &[0, 0]),
            MetricError::InvalidProbability {
                row: 1,
                class: 1,
                value: -0.5
            }
        );
        assert!(matches!(
            error_of(&[f64::NAN, 0.5], 2, &[0]),
            MetricError::InvalidProbability { row: 0, class: 0, value } if value.is_nan()
        ));
        assert_eq!(
            error_of(&[0.5, 0.5, 0.5, 0.25], 2, &[0, 0]),
            MetricError::RowSum { row: 1, sum: 0.75 }
        );
        assert_eq!(
            error_of(&[f64::INFINITY, 0.5], 2, &[0]),
            MetricError::RowSum {
                row: 0,
                sum: f64::INFINITY
            }
        );
    }

    #[test]
    fn row_sum_tolerance_is_kept_on_both_sides() {
        for miss in [0.99e-5, -0.99e-5] {
            assert!(check_rows(&[0.5, 0.5 + miss], 2).is_ok(), "{miss}");
        }
        for miss in [1.01e-5, -1.01e-5] {
            assert!(check_rows(&[0.5, 0.5 + miss], 2).is_err(), "{miss}");
        }
    }

    #[test]
    fn first_class_wins_a_tie() {
        assert_eq!(top_class(&[0.2, 0.4, 0.4]), (1, 0.4));
        assert_eq!(top_class(&[1.0]), (0, 1.0));
    }
}
