//! The table that compares models: one row per model, in text or as JSON.

use crate::evaluate::Evaluation;
use serde::Serialize;
use std::fmt;

/// One model's line of a comparison. As JSON it is an object with these fields.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Which model.
    pub model: String,
    /// Share of test images whose most probable class is theirs, 0 to 1.
    pub accuracy: f64,
    /// Negative log-likelihood of the test labels, in nats.
    pub nll: f64,
    /// Expected calibration error, 15 bins, 0 to 1.
    pub ece: f64,
    /// Brier score, summed over classes, 0 to 2.
    pub brier: f64,
    /// Area under the ROC curve of out-of-distribution images by predictive entropy.
    pub auroc_ood: f64,
    /// Size of the checkpoint.
    pub bytes: u64,
    /// Test images predicted in a second.
    pub images_per_second: f64,
}

impl Row {
    /// The row of `model` by its evaluation and the size of its checkpoint.
    pub fn new(model: impl Into<String>, evaluation: &Evaluation, bytes: u64) -> Self {
        Self {
            model: model.into(),
            accuracy: evaluation.report.accuracy,
            nll: evaluation.report.nll,
            ece: evaluation.report.ece,
            brier: evaluation.report.brier,
            auroc_ood: evaluation.auroc_ood,
            bytes,
            images_per_second: evaluation.images_per_second,
        }
    }

    /// The mean of one model's rows, such as of several seeds, under the name of the first; `None` of no rows.
    pub fn mean(rows: &[Self]) -> Option<Self> {
        let mean =
            |field: fn(&Self) -> f64| rows.iter().map(field).sum::<f64>() / rows.len() as f64;
        Some(Self {
            model: rows.first()?.model.clone(),
            accuracy: mean(|row| row.accuracy),
            nll: mean(|row| row.nll),
            ece: mean(|row| row.ece),
            brier: mean(|row| row.brier),
            auroc_ood: mean(|row| row.auroc_ood),
            bytes: mean(|row| row.bytes as f64).round() as u64,
            images_per_second: mean(|row| row.images_per_second),
        })
    }
}

/// Rows under their headings, aligned.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a>(pub &'a [Row]);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<10}{:>9}{:>8}{:>8}{:>8}{:>11}{:>9}{:>10}",
            "model", "accuracy", "NLL", "ECE", "Brier", "AUROC OOD", "bytes", "images/s"
        )?;
        for row in self.0 {
            write!(
                f,
                "\n{:<10}{:>7.2} %{:>8.4}{:>8.4}{:>8.4}{:>11.4}{:>9}{:>10.0}",
                row.model,
                100.0 * row.accuracy,
                row.nll,
                row.ece,
                row.brier,
                row.auroc_ood,
                row.bytes,
                row.images_per_second
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bayes_core::metrics::ClassificationReport;
    use bayes_core::predict::Classification;

    fn row(model: &str, scale: f64) -> Row {
        let seen = Classification {
            samples: 1,
            classes: 1,
            probabilities: vec![1.0],
            predictive_entropy: vec![0.0],
            expected_entropy: vec![0.0],
            mutual_information: vec![0.0],
        };
        let evaluation = Evaluation {
            test: seen.clone(),
            out_of_distribution: seen,
            report: ClassificationReport {
                accuracy: 0.5 * scale,
                nll: 2.0 * scale,
                ece: 0.25 * scale,
                brier: 0.75 * scale,
            },
            auroc_ood: 0.625 * scale,
            images_per_second: 1000.0 * scale,
        };
        Row::new(model, &evaluation, 4096)
    }

    #[test]
    fn json_has_the_fields_in_order() {
        assert_eq!(
            serde_json::to_string(&row("plain", 1.0)).unwrap(),
            r#"{"model":"plain","accuracy":0.5,"nll":2.0,"ece":0.25,"brier":0.75,"auroc_ood":0.625,"bytes":4096,"images_per_second":1000.0}"#
        );
    }

    #[test]
    fn the_mean_is_taken_field_by_field() {
        let mean = Row::mean(&[row("plain", 1.0), row("plain", 0.5)]).unwrap();
        assert_eq!(mean, row("plain", 0.75));
        assert_eq!(Row::mean(&[]), None);
    }

    #[test]
    fn columns_line_up() {
        let table = Table(&[row("plain", 1.0), row("bayesian", 1.6)]).to_string();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(
            lines.iter().all(|line| line.len() == lines[0].len()),
            "{table}"
        );
        assert!(
            lines[1].starts_with("plain       50.00 %  2.0000"),
            "{table}"
        );
    }
}
