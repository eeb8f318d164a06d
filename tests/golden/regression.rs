//! Metrics of regression: `regression_goldens.json`, computed by their formulas in double precision.

use crate::fixture::{self, compare};
use crate::metrics::{numbers, single_numbers, tolerance};
use bayes_core::metrics::{
    GaussianMixture, GaussianUncertainty, coverage, crps_mixture, mae, mean_width, nll_mixture,
    nll_moment_matched, quantile_calibration_error, rmse,
};
use serde_json::Value;

/// Values without which a file would prove nothing.
const NEEDED: [&str; 10] = [
    "rmse",
    "mae",
    "nll_mixture",
    "nll_moment_matched",
    "aleatoric",
    "epistemic",
    "crps_mixture",
    "coverage_90",
    "width_90",
    "quantile_calibration_error",
];

#[test]
fn golden_regression_goldens() {
    let text = fixture::read("regression_goldens.json");
    let file: Value = serde_json::from_slice(&text).expect("the file is JSON");
    let samples = file["mu"].as_array().expect("samples").len();
    let (mu, sigma) = (numbers(&file["mu"]), numbers(&file["sigma"]));
    let mixture = GaussianMixture::new(mu, sigma, samples).expect("a mixture");
    let prediction = Prediction {
        moments: mixture.moments(),
        mixture,
        y: numbers(&file["y"]),
    };
    let mut seen = Vec::new();
    for (name, want) in single_numbers("", &file) {
        if let Some(got) = prediction.metric(&name) {
            compare(&name, &want, &[got], tolerance(&name));
            seen.push(name);
        }
    }
    for name in NEEDED {
        assert!(seen.iter().any(|seen| seen == name), "no value of {name}");
    }
}

/// What the metrics of a file are of.
struct Prediction {
    mixture: GaussianMixture,
    moments: GaussianUncertainty,
    y: Vec<f64>,
}

impl Prediction {
    /// The metric that the value `name` is of.
    fn metric(&self, name: &str) -> Option<f64> {
        let (mean, y) = (&self.moments.mean, &self.y);
        let value = match name {
            "rmse" => rmse(mean, y),
            "mae" => mae(mean, y),
            "nll_mixture" => nll_mixture(&self.mixture, y),
            "nll_moment_matched" => nll_moment_matched(mean, &self.moments.total(), y),
            "aleatoric" => Ok(average(&self.moments.aleatoric)),
            "epistemic" => Ok(average(&self.moments.epistemic)),
            "crps_mixture" => crps_mixture(&self.mixture, y),
            "quantile_calibration_error" => quantile_calibration_error(&self.mixture, y),
            _ => {
                let (metric, percent) = name.split_once('_')?;
                let level = percent.parse::<f64>().ok()? / 100.0;
                let intervals = self.mixture.intervals(level).expect("a level");
                match metric {
                    "coverage" => coverage(&intervals, y),
                    "width" => mean_width(&intervals),
                    _ => return None,
                }
            }
        };
        Some(value.expect(name))
    }
}

fn average(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
