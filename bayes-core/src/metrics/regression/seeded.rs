//! Seeded mixtures for the tests of the regression metrics.

use super::GaussianMixture;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rand_distr::StandardNormal;

/// Draws and examples of a small mixture.
pub(super) const MIXED: (usize, usize) = (5, 7);

/// Mixtures of Gaussians with means around 0 and standard deviations from 0.3 to 1.5.
pub(super) fn mixture(seed: u64, (samples, examples): (usize, usize)) -> GaussianMixture {
    let mut rng = StdRng::seed_from_u64(seed);
    let len = samples * examples;
    let mu = (0..len).map(|_| rng.sample(StandardNormal)).collect();
    let sigma = (0..len).map(|_| rng.gen_range(0.3..1.5)).collect();
    GaussianMixture::new(mu, sigma, samples).expect("finite numbers")
}

/// One number of each mixture.
pub(super) fn draw_from(mixture: &GaussianMixture, seed: u64) -> Vec<f64> {
    let mut rng = StdRng::seed_from_u64(seed);
    let one = |n| {
        let gaussians: Vec<(f64, f64)> = mixture.components(n).collect();
        let (mu, sigma) = gaussians[rng.gen_range(0..gaussians.len())];
        mu + sigma * rng.sample::<f64, _>(StandardNormal)
    };
    (0..mixture.examples()).map(one).collect()
}
