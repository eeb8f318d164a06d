//! Metrics: `metrics_0`, and `metric_goldens.json` with values of other libraries.

use crate::fixture::{self, Fixture, Golden, compare};
use bayes_core::metrics::{
    AvuPoint, McShape, PredictiveUncertainty, accuracy, ace, ace_equal_width, adaptive_ece,
    auc_avu, augrc, aupr_in, aupr_out, aurc, aurc_trapezoid, auroc, avu_curve, brier,
    classwise_ece, confidence, correct_predictions, e_aurc, ece, fpr95, mce, nll,
    predictive_uncertainty, rmsce, variation_ratio,
};
use serde_json::Value;

/// The largest relative error where single precision or another library was used.
const TOLERANCE: f64 = 1e-6;

/// The largest relative error of a value that was computed in double precision by our definition.
const OWN_TOLERANCE: f64 = 1e-9;

/// Libraries in the names of values that are theirs.
const LIBRARIES: [&str; 4] = ["torchmetrics", "netcal", "torch_uncertainty", "sklearn"];

/// What the names of values begin with, a name before the names that it begins with.
const NAMES: [&str; 24] = [
    "accuracy",
    "ece",
    "mce",
    "rmsce",
    "adaptive_ece",
    "ace_nixon_R",
    "ace",
    "classwise_ece",
    "brier",
    "nll",
    "predictive_entropy",
    "expected_entropy",
    "mutual_information",
    "variation_ratio",
    "auroc",
    "aupr_in",
    "aupr",
    "fpr95",
    "aurc_torch_uncertainty_trapz",
    "aurc",
    "augrc",
    "e_aurc",
    "avu_mid",
    "auc_avu",
];

/// Those of [`NAMES`] without which a file would prove nothing.
const NEEDED: [&str; 6] = [
    "ece",
    "brier",
    "nll",
    "predictive_entropy",
    "mutual_information",
    "auroc",
];

#[test]
fn golden_metrics_0() {
    let file = Fixture::open("metrics_0");
    let mc = file.tensor("mc_probs");
    let [samples, examples, classes] = mc.sizes();
    let integers = |name: &str| {
        file.tensor(name)
            .values
            .iter()
            .map(|&n| n as usize)
            .collect()
    };
    let predictions = Predictions::new(
        &mc.values,
        McShape {
            samples,
            examples,
            classes,
        },
        integers("labels"),
        &file.tensor("ood_scores").values,
        integers("ood_labels"),
    );
    let values = file.names().map(|name| (name, file.tensor(name)));
    predictions.compare(values.map(|(name, want)| (name, want, TOLERANCE)), &NEEDED);
}

#[test]
fn golden_metric_goldens() {
    let text = fixture::read("metric_goldens.json");
    let file: Value = serde_json::from_slice(&text).expect("the file is JSON");
    let samples = file["probs_snc"].as_array().expect("samples");
    let examples = samples[0].as_array().expect("examples");
    let shape = McShape {
        samples: samples.len(),
        examples: examples.len(),
        classes: examples[0].as_array().expect("classes").len(),
    };
    let integers = |key: &str| {
        numbers(&file[key])
            .into_iter()
            .map(|n| n as usize)
            .collect()
    };
    let predictions = Predictions::new(
        &numbers(&file["probs_snc"]),
        shape,
        integers("labels"),
        &numbers(&file["ood_scores"]),
        integers("ood_labels"),
    );
    let values = single_numbers("", &file);
    let values = values
        .iter()
        .map(|(name, want)| (name.as_str(), want, tolerance(name)));
    predictions.compare(values, &NEEDED);
}

/// The largest relative error of the value `name`, computed in double precision by our definition or by a library.
pub fn tolerance(name: &str) -> f64 {
    let theirs = LIBRARIES.iter().any(|library| name.contains(library));
    if theirs { TOLERANCE } else { OWN_TOLERANCE }
}

/// The numbers of nested objects that are no part of a list, with the names on the way to them.
pub fn single_numbers(before: &str, object: &Value) -> Vec<(String, Golden)> {
    let entries = object.as_object().expect("named values").iter();
    let named = |(name, value): (&String, &Value)| {
        let name = format!("{before}{name}");
        match value {
            Value::Object(_) => single_numbers(&format!("{name}."), value),
            value => value
                .as_f64()
                .map(|number| (name, single(number)))
                .into_iter()
                .collect(),
        }
    };
    entries.flat_map(named).collect()
}

/// All numbers of nested lists, in order.
pub fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        value => vec![value.as_f64().expect("a number")],
    }
}

pub fn single(value: f64) -> Golden {
    Golden {
        shape: vec![],
        values: vec![value],
    }
}

/// What the metrics of a file are of.
struct Predictions {
    classes: usize,
    labels: Vec<usize>,
    uncertainty: PredictiveUncertainty,
    variation_ratio: Vec<f64>,
    confidence: Vec<f64>,
    correct: Vec<bool>,
    ood_scores: Vec<f64>,
    out_of_distribution: Vec<bool>,
}

impl Predictions {
    fn new(
        mc: &[f64],
        shape: McShape,
        labels: Vec<usize>,
        ood_scores: &[f64],
        ood_labels: Vec<usize>,
    ) -> Self {
        let classes = shape.classes;
        let uncertainty = predictive_uncertainty(mc, shape).expect("distributions");
        let mean = &uncertainty.mean_probabilities;
        Self {
            classes,
            variation_ratio: variation_ratio(mc, shape).expect("distributions"),
            confidence: confidence(mean, classes).expect("distributions"),
            correct: correct_predictions(mean, classes, &labels).expect("labels of classes"),
            ood_scores: ood_scores.to_vec(),
            out_of_distribution: ood_labels.into_iter().map(|label| label == 1).collect(),
            labels,
            uncertainty,
        }
    }

    /// Compares each value whose name is of a metric of ours.
    fn compare<'a>(
        &self,
        values: impl Iterator<Item = (&'a str, &'a Golden, f64)>,
        needed: &[&str],
    ) {
        let mut seen = Vec::new();
        for (name, want, tolerance) in values {
            if let Some((metric, got)) = self.metric(name) {
                compare(name, want, &summary(got, want), tolerance);
                seen.push(metric);
            }
        }
        for metric in needed {
            assert!(seen.contains(metric), "no value of {metric}");
        }
    }

    /// The metric that the value `name` is of, and ours of it.
    fn metric(&self, name: &str) -> Option<(&'static str, Vec<f64>)> {
        let name = if name.starts_with("mi_") {
            "mutual_information"
        } else {
            name
        };
        let metric = NAMES.into_iter().find(|metric| name.starts_with(metric))?;
        let rest = &name[metric.len()..];
        let value = match metric {
            "predictive_entropy" => self.uncertainty.predictive_entropy.clone(),
            "expected_entropy" => self.uncertainty.expected_entropy.clone(),
            "mutual_information" => self.uncertainty.mutual_information.clone(),
            "variation_ratio" => self.variation_ratio.clone(),
            "accuracy" | "brier" | "nll" => vec![self.score(metric)],
            "auroc" | "aupr_in" | "aupr" | "fpr95" => vec![self.detection(metric)],
            "avu_mid" => vec![self.avu_at_mid_threshold(rest)?],
            "auc_avu" => {
                let uncertainty = &self.uncertainty.predictive_entropy;
                vec![auc_avu(uncertainty, &self.correct, count(rest)?).expect("auc_avu")]
            }
            "aurc_torch_uncertainty_trapz" | "aurc" | "augrc" | "e_aurc" => {
                vec![self.selective(metric)]
            }
            _ => vec![self.calibration(metric, count(rest)?)],
        };
        Some((metric, value))
    }

    fn score(&self, metric: &str) -> f64 {
        let score = match metric {
            "accuracy" => accuracy,
            "brier" => brier,
            _ => nll,
        };
        let probabilities = &self.uncertainty.mean_probabilities;
        score(probabilities, self.classes, &self.labels).expect(metric)
    }

    fn calibration(&self, metric: &str, bins: usize) -> f64 {
        let error = match metric {
            "ece" => ece,
            "mce" => mce,
            "rmsce" => rmsce,
            "adaptive_ece" => adaptive_ece,
            "ace_nixon_R" => ace,
            "ace" => ace_equal_width,
            "classwise_ece" => classwise_ece,
            other => panic!("{other} is no calibration error"),
        };
        let probabilities = &self.uncertainty.mean_probabilities;
        error(probabilities, self.classes, &self.labels, bins).expect(metric)
    }

    fn detection(&self, metric: &str) -> f64 {
        let detection = match metric {
            "auroc" => auroc,
            "aupr_in" => aupr_in,
            "aupr" => aupr_out,
            _ => fpr95,
        };
        detection(&self.ood_scores, &self.out_of_distribution).expect(metric)
    }

    fn selective(&self, metric: &str) -> f64 {
        let area = match metric {
            "aurc_torch_uncertainty_trapz" => aurc_trapezoid,
            "aurc" => aurc,
            "augrc" => augrc,
            _ => e_aurc,
        };
        area(&self.confidence, &self.correct).expect(metric)
    }

    /// What `field` calls of accuracy and certainty half-way through the predictive entropies.
    fn avu_at_mid_threshold(&self, field: &str) -> Option<f64> {
        let uncertainty = &self.uncertainty.predictive_entropy;
        let curve = avu_curve(uncertainty, &self.correct, &[0.5]).expect("avu_curve");
        let AvuPoint { threshold, counts } = curve[0];
        match field {
            ".th" => Some(threshold),
            ".n_ac" => Some(counts.accurate_certain as f64),
            ".n_au" => Some(counts.accurate_uncertain as f64),
            ".n_ic" => Some(counts.inaccurate_certain as f64),
            ".n_iu" => Some(counts.inaccurate_uncertain as f64),
            ".pavpu" => Some(counts.avu()),
            ".p_acc_given_cert" => counts.accurate_given_certain(),
            ".p_unc_given_inacc" => counts.uncertain_given_inaccurate(),
            _ => None,
        }
    }
}

/// The number of bins or thresholds after the name of a metric: `15_netcal`, `_10`, `_21pts`.
fn count(rest: &str) -> Option<usize> {
    let rest = rest.strip_prefix('_').unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_digit());
    rest[..end.unwrap_or(rest.len())].parse().ok()
}

/// Values per example as they are, or their mean where a file has one number.
fn summary(values: Vec<f64>, want: &Golden) -> Vec<f64> {
    if want.values.len() == values.len() {
        return values;
    }
    vec![values.iter().sum::<f64>() / values.len() as f64]
}
