//! Reports of made-up models for tests: logits that favour the right class, more or less.

use super::*;
use crate::data::Digits;
use crate::evaluate::Evaluation;
use bayes_core::metrics::{ClassificationReport, GaussianMixture, PredictiveMoments, auroc};
use bayes_core::predict::Classification;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// What draws of logits say of `labels`: the label's logit stands out by `signal`, each draw differs by `noise`.
pub(super) fn classification(
    labels: &[usize],
    signal: f64,
    noise: f64,
    rng: &mut StdRng,
) -> Classification {
    let (rows, samples) = (labels.len(), 8);
    let mut moments = PredictiveMoments::new(rows, Digits::CLASSES);
    let mean: Vec<f64> = (0..rows * Digits::CLASSES)
        .map(|i| {
            let true_class = f64::from(i % Digits::CLASSES == labels[i / Digits::CLASSES]);
            signal * true_class + rng.gen_range(-2.0..2.0)
        })
        .collect();
    for _ in 0..samples {
        let logits = mean
            .iter()
            .map(|mean| mean + noise * rng.gen_range(-1.0..1.0));
        let weights: Vec<f64> = logits.map(f64::exp).collect();
        let softmax = |row: &[f64]| {
            let sum: f64 = row.iter().sum();
            row.iter().map(|weight| weight / sum).collect::<Vec<_>>()
        };
        let rows = weights.chunks_exact(Digits::CLASSES).flat_map(softmax);
        moments.push(&rows.collect::<Vec<_>>()).unwrap();
    }
    let uncertainty = moments.finish().unwrap();
    Classification {
        samples,
        classes: Digits::CLASSES,
        probabilities: uncertainty.mean_probabilities,
        predictive_entropy: uncertainty.predictive_entropy,
        expected_entropy: uncertainty.expected_entropy,
        mutual_information: uncertainty.mutual_information,
    }
}

/// A layer of `weights` posteriors, a few of them far from the others.
fn layer(name: &str, weights: usize, rng: &mut StdRng) -> LayerPosterior {
    LayerPosterior {
        name: name.to_owned(),
        mu: (0..weights).map(|_| rng.gen_range(-0.3..0.3)).collect(),
        sigma: (0..weights)
            .map(|_| 10_f32.powf(rng.gen_range(-3.0..-0.5)))
            .collect(),
        kl: rng.gen_range(0.0..2000.0),
    }
}

/// What draws say of a wave with noise that grows.
fn forecast(model: &str, rng: &mut StdRng) -> Forecast {
    let (n, samples) = (60, 8);
    let x: Vec<f64> = (0..n).map(|i| 1950.0 + f64::from(i)).collect();
    let wave: Vec<f64> = x.iter().map(|x| 80.0 + 70.0 * (x / 1.75).sin()).collect();
    let y = wave
        .iter()
        .map(|y| y + rng.gen_range(-30.0..30.0))
        .collect::<Vec<_>>();
    let draws = 0..samples * n;
    let mu = draws.clone().map(|i| {
        let t = i % n;
        wave[t as usize] + f64::from(t) * rng.gen_range(-0.6..0.6)
    });
    let mu = mu.collect();
    let sigma = draws.map(|_| 20.0).collect();
    let mixture = GaussianMixture::new(mu, sigma, samples as usize).unwrap();
    Forecast::new(model, ["year", "sunspots"], &x, &y, &mixture).unwrap()
}

/// All sections, of so many models and layers.
pub(super) fn report(models: &[&str], layers: usize) -> Report {
    let (rng, test) = (
        &mut StdRng::seed_from_u64(5),
        Digits::embedded().unwrap().test,
    );
    let mut report = Report {
        title: "Digits".to_owned(),
        summary: "Nets that learned 1437 digits.".to_owned(),
        posteriors: (0..layers)
            .map(|i| layer(&format!("conv{i}.weight"), 300, rng))
            .collect(),
        inspection: Inspection {
            explanation: "The layers.".to_owned(),
            columns: ["layer", "scale"].map(str::to_owned).to_vec(),
            rows: vec![["conv1", "0.0042"].map(str::to_owned).to_vec()],
        },
        ..Report::default()
    };
    for (i, model) in models.iter().enumerate() {
        let said = classification(&test.labels, 3.5 + i as f64, 2.0, rng);
        let of_patches = classification(&[0; 300], 1.0, 2.0, rng);
        let scores = [&said.predictive_entropy[..], &of_patches.predictive_entropy].concat();
        let is_patch: Vec<bool> = (0..scores.len()).map(|i| i >= test.len()).collect();
        let evaluation = Evaluation {
            report: ClassificationReport::new(&said.probabilities, 10, &test.labels).unwrap(),
            auroc_ood: auroc(&scores, &is_patch).unwrap(),
            images_per_second: 12_345.6,
            test: said,
            out_of_distribution: of_patches,
        };
        let Evaluation {
            test: said,
            out_of_distribution: of_patches,
            ..
        } = &evaluation;
        report.rows.push(Row::new(*model, &evaluation, 153_712));
        report
            .predictions
            .push(Predictions::new(*model, &test.labels, said, of_patches));
        report.forecasts.push(forecast(model, rng));
        report.least_sure = LeastSure::of_digits(*model, &test, said, 12).unwrap();
    }
    report
}
