//! Seeded predictions for the tests of the metrics.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// N×C probabilities with N labels.
#[derive(Debug, Clone)]
pub(super) struct Predictions {
    pub(super) classes: usize,
    pub(super) probabilities: Vec<f64>,
    pub(super) labels: Vec<usize>,
}

impl Predictions {
    /// Each row with its label.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&[f64], usize)> {
        self.probabilities
            .chunks_exact(self.classes)
            .zip(self.labels.iter().copied())
    }

    /// The same labels with every probability squared and renormalised: overconfident.
    pub(super) fn sharpened(&self) -> Self {
        let sharpen = |row: &[f64]| {
            let total: f64 = row.iter().map(|p| p * p).sum();
            row.iter().map(|p| p * p / total).collect::<Vec<f64>>()
        };
        Self {
            probabilities: self
                .probabilities
                .chunks_exact(self.classes)
                .flat_map(sharpen)
                .collect(),
            ..self.clone()
        }
    }
}

/// Rows of multiples of 1/20, so with zeros, ones, ties and values on bin edges; labels at random.
pub(super) fn predictions(seed: u64, examples: usize, classes: usize) -> Predictions {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut probabilities = Vec::with_capacity(examples * classes);
    for _ in 0..examples {
        // Most of the twenty balls fall on a favourite.
        let (favourite, share) = (rng.gen_range(0..classes), rng.r#gen::<f64>());
        let mut balls = vec![0_u8; classes];
        for _ in 0..20 {
            let any = rng.gen_range(0..classes);
            balls[if rng.r#gen::<f64>() < share {
                favourite
            } else {
                any
            }] += 1;
        }
        probabilities.extend(balls.into_iter().map(|count| f64::from(count) / 20.0));
    }
    let labels = (0..examples).map(|_| rng.gen_range(0..classes)).collect();
    Predictions {
        classes,
        probabilities,
        labels,
    }
}

/// Rows of continuous probabilities, each with a label drawn from it: calibrated by construction.
pub(super) fn calibrated(seed: u64, examples: usize, classes: usize) -> Predictions {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut probabilities = Vec::with_capacity(examples * classes);
    let mut labels = Vec::with_capacity(examples);
    for _ in 0..examples {
        let weights: Vec<f64> = (0..classes)
            .map(|_| rng.r#gen::<f64>().powi(3) + 1e-6)
            .collect();
        let mut left = rng.r#gen::<f64>() * weights.iter().sum::<f64>();
        let total: f64 = weights.iter().sum();
        let drawn = weights.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        labels.push(drawn.unwrap_or(classes - 1));
        probabilities.extend(weights.into_iter().map(|weight| weight / total));
    }
    Predictions {
        classes,
        probabilities,
        labels,
    }
}
