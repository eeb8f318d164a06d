//! What the coverage of split conformal prediction must be, over many calibration sets.

use super::quantile::rank;
use rand::SeedableRng;
use rand::rngs::StdRng;

/// Calibration sets.
pub(super) const SPLITS: usize = 1000;

pub(super) fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// P(Beta(k, n + 1 − k) ≤ x), which is the probability that at least k of n uniform numbers are at most x.
fn beta_cdf(k: usize, n: usize, x: f64) -> f64 {
    let mut term = (1.0 - x).powi(n as i32);
    let mut below = 0.0;
    for j in 0..k {
        below += term;
        term *= (n - j) as f64 / (j + 1) as f64 * x / (1.0 - x);
    }
    1.0 - below
}

/// Asserts by the test of Kolmogorov and Smirnov that coverages, one of each split, are Beta(k, n + 1 − k) numbers, and
/// that those of the next ranks would not have passed.
pub(super) fn assert_beta(coverages: &[f64], examples: usize, alpha: f64) {
    let mut sorted = coverages.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let count = sorted.len() as f64;
    let distance = |k: usize| {
        let gap = |(i, x): (usize, &f64)| {
            let want = beta_cdf(k, examples, *x);
            (want - i as f64 / count).max((i + 1) as f64 / count - want)
        };
        sorted.iter().enumerate().map(gap).fold(0.0, f64::max)
    };
    // By chance larger once in a thousand times.
    let bound = 1.95 / count.sqrt();
    let k = rank(examples, alpha);
    let found = distance(k);
    assert!(
        found < bound,
        "distance {found} from the law, bound {bound}"
    );
    for other in [k - 1, k + 1] {
        assert!(distance(other) > bound, "rank {other} would pass as {k}");
    }
}

/// Asserts that of [`SPLITS`] × `per_split` new examples as many are covered as the law's mean k/(n + 1) says.
pub(super) fn assert_coverage(hits: usize, per_split: usize, examples: usize, alpha: f64) {
    let (k, n) = (rank(examples, alpha) as f64, examples as f64);
    let mean = k / (n + 1.0);
    // Of each split: the variance of a Beta, and that of its new examples given it.
    let beta = mean * (1.0 - mean) / (n + 2.0);
    let of_split = beta + (mean * (1.0 - mean) - beta) / per_split as f64;
    let found = hits as f64 / (SPLITS * per_split) as f64;
    let bound = 4.0 * (of_split / SPLITS as f64).sqrt();
    assert!(bound < 1.0 / (n + 1.0), "too coarse to see a wrong rank");
    assert!(
        (found - mean).abs() < bound,
        "{found} instead of {mean} ± {bound}"
    );
}

#[test]
fn the_law_is_the_integral_of_its_density() {
    // Beta(3, 2): density 12x²(1 − x), distribution 4x³ − 3x⁴.
    for x in [0.1_f64, 0.5, 0.9] {
        let want = 4.0 * x.powi(3) - 3.0 * x.powi(4);
        assert!((beta_cdf(3, 4, x) - want).abs() < 1e-14);
    }
}
