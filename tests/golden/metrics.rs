//! Metrics: `metrics_0`, and `metric_goldens.json` with values of other libraries.

use crate::fixture::{self, Fixture, Golden, compare};
use bayes_core::metrics::{
    McShape, PredictiveUncertainty, accuracy, auroc, brier, ece, nll, predictive_uncertainty,
};
use serde_json::Value;

/// The largest relative error where single precision or another library was used.
const TOLERANCE: f64 = 1e-6;

/// The largest relative error of a value that was computed in double precision by our definition.
const OWN_TOLERANCE: f64 = 1e-9;

/// Libraries in the names of values that are theirs.
const LIBRARIES: [&str; 4] = ["torchmetrics", "netcal", "torch_uncertainty", "sklearn"];

/// Names of values, and whether a file must have one.
const NAMES: [(&str, bool); 8] = [
    ("accuracy", false),
    ("ece", true),
    ("brier", true),
    ("nll", true),
    ("predictive_entropy", true),
    ("expected_entropy", false),
    ("mutual_information", true),
    ("auroc", true),
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
    predictions.compare(values.map(|(name, want)| (name, want, TOLERANCE)));
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
    let values: Vec<(&str, Golden)> = file
        .as_object()
        .expect("named values")
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), single(value.as_f64()?))))
        .collect();
    predictions.compare(values.iter().map(|(name, want)| {
        let theirs = LIBRARIES.iter().any(|library| name.contains(library));
        let tolerance = if theirs { TOLERANCE } else { OWN_TOLERANCE };
        (*name, want, tolerance)
    }));
}

/// All numbers of nested lists, in order.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        value => vec![value.as_f64().expect("a number")],
    }
}

fn single(value: f64) -> Golden {
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
    auroc: f64,
}

impl Predictions {
    fn new(
        mc: &[f64],
        shape: McShape,
        labels: Vec<usize>,
        ood_scores: &[f64],
        ood_labels: Vec<usize>,
    ) -> Self {
        let positive: Vec<bool> = ood_labels.into_iter().map(|label| label == 1).collect();
        Self {
            classes: shape.classes,
            labels,
            uncertainty: predictive_uncertainty(mc, shape).expect("distributions"),
            auroc: auroc(ood_scores, &positive).expect("both kinds of examples"),
        }
    }

    /// Compares each value whose name is of a metric of ours.
    fn compare<'a>(&self, values: impl Iterator<Item = (&'a str, &'a Golden, f64)>) {
        let mut seen = Vec::new();
        for (name, want, tolerance) in values {
            if let Some((metric, got)) = self.metric(name) {
                compare(name, want, &summary(got, want), tolerance);
                seen.push(metric);
            }
        }
        for (metric, needed) in NAMES {
            assert!(!needed || seen.contains(&metric), "no value of {metric}");
        }
    }

    /// The metric that the value `name` is of, and ours of it.
    fn metric(&self, name: &str) -> Option<(&'static str, Vec<f64>)> {
        let name = if name.starts_with("mi_") {
            "mutual_information"
        } else {
            name
        };
        let (metric, _) = NAMES
            .into_iter()
            .find(|(metric, _)| name.starts_with(metric))?;
        let (probabilities, labels) = (&self.uncertainty.mean_probabilities, &self.labels);
        let value = match metric {
            "accuracy" => vec![accuracy(probabilities, self.classes, labels).expect("accuracy")],
            "ece" => {
                let bins = bins(&name[metric.len()..])?;
                vec![ece(probabilities, self.classes, labels, bins).expect("ece")]
            }
            "brier" => vec![brier(probabilities, self.classes, labels).expect("brier")],
            "nll" => vec![nll(probabilities, self.classes, labels).expect("nll")],
            "predictive_entropy" => self.uncertainty.predictive_entropy.clone(),
            "expected_entropy" => self.uncertainty.expected_entropy.clone(),
            "mutual_information" => self.uncertainty.mutual_information.clone(),
            _ => vec![self.auroc],
        };
        Some((metric, value))
    }
}

/// The number of bins after the name of a calibration error: `15_netcal`, `_10`.
fn bins(rest: &str) -> Option<usize> {
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
