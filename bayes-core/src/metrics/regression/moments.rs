//! Mean and variance of mixtures of Gaussians, draw by draw: the law of total variance.

use super::checked::{check_values, finite, non_negative};
use crate::metrics::MetricError;

/// Running moments over draws or ensemble members, from which [`finish`](Self::finish) gives each number's
/// [`GaussianUncertainty`].
///
/// Memory is 3·N numbers whatever the number of draws (Welford 1962, so that a large mean costs the variance no
/// digits). The bits depend on the order of the draws, and not on how a batch is split into accumulators.
///
/// ```
/// use bayes_core::metrics::GaussianMoments;
///
/// let mut moments = GaussianMoments::new(1);
/// moments.push(&[1.0], &[0.5])?;
/// moments.push(&[3.0], &[1.5])?;
/// let got = moments.finish()?;
/// assert_eq!((got.mean[0], got.aleatoric[0], got.epistemic[0]), (2.0, 1.0, 1.0));
/// assert_eq!(got.total(), [2.0]);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
#[derive(Debug, Clone)]
pub struct GaussianMoments {
    samples: usize,
    mean: Vec<f64>,
    /// Σ_s (mu_s − mean)² over the draws so far.
    squares: Vec<f64>,
    variance_sums: Vec<f64>,
}

/// The mean of each of N predictive distributions, and its variance in two parts.
///
/// Law of total variance: `Var[y] = mean_s sigma_s² + var_s mu_s` (Kendall & Gal 2017; Depeweg et al. 2018).
#[derive(Debug, Clone, PartialEq)]
pub struct GaussianUncertainty {
    /// `mean_s mu_s`, N values.
    pub mean: Vec<f64>,
    /// Aleatoric: `mean_s sigma_s²`, the variance that no further data would remove; N values.
    pub aleatoric: Vec<f64>,
    /// Epistemic: `mean_s (mu_s − mean)²`, the population variance of what the draws disagree on; N values.
    pub epistemic: Vec<f64>,
}

impl GaussianUncertainty {
    /// The variance of each predictive distribution: aleatoric + epistemic.
    pub fn total(&self) -> Vec<f64> {
        let parts = self.aleatoric.iter().zip(&self.epistemic);
        parts
            .map(|(aleatoric, epistemic)| aleatoric + epistemic)
            .collect()
    }
}

impl GaussianMoments {
    /// An accumulator for `examples` numbers that has seen no draw.
    pub fn new(examples: usize) -> Self {
        Self {
            samples: 0,
            mean: vec![0.0; examples],
            squares: vec![0.0; examples],
            variance_sums: vec![0.0; examples],
        }
    }

    /// Adds one draw: N means, and N variances (not standard deviations).
    ///
    /// # Errors
    /// [`MetricError::Empty`] for N = 0, [`MetricError::Length`] for other than N of either,
    /// [`MetricError::Number`] for a mean that is not finite or a variance that is not finite and at least 0. After
    /// an error the moments are as before the call.
    pub fn push(&mut self, mean: &[f64], variance: &[f64]) -> Result<(), MetricError> {
        let examples = self.mean.len();
        check_values("means", mean, examples, finite())?;
        check_values("variances", variance, examples, non_negative())?;
        self.add(mean, variance.iter().copied());
        Ok(())
    }

    /// Adds one draw, already checked.
    pub(super) fn add(&mut self, mu: &[f64], variance: impl Iterator<Item = f64>) {
        self.samples += 1;
        let count = self.samples as f64;
        for (((mean, squares), sum), (mu, variance)) in self
            .mean
            .iter_mut()
            .zip(&mut self.squares)
            .zip(&mut self.variance_sums)
            .zip(mu.iter().zip(variance))
        {
            let before = mu - *mean;
            *mean += before / count;
            *squares += before * (mu - *mean);
            *sum += variance;
        }
    }

    /// Number of draws pushed so far.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Each number's mean and the two parts of its variance.
    ///
    /// # Errors
    /// [`MetricError::Empty`] if no draw was pushed.
    pub fn finish(self) -> Result<GaussianUncertainty, MetricError> {
        if self.samples == 0 {
            return Err(MetricError::Empty { what: "samples" });
        }
        Ok(self.of_some())
    }

    /// As [`finish`](Self::finish), where there is a draw.
    pub(super) fn of_some(self) -> GaussianUncertainty {
        let count = self.samples as f64;
        let mean = |sums: Vec<f64>| sums.into_iter().map(|sum| sum / count).collect();
        GaussianUncertainty {
            mean: self.mean,
            aleatoric: mean(self.variance_sums),
            epistemic: mean(self.squares),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::seeded::{MIXED, mixture};
    use super::*;
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};
    use rand_distr::StandardNormal;

    #[test]
    fn the_parts_sum_to_the_variance_of_the_mixture() {
        let mixture = mixture(3, MIXED);
        let got = mixture.moments();
        for n in 0..mixture.examples() {
            let count = mixture.samples() as f64;
            let mean = mixture.components(n).map(|(mu, _)| mu).sum::<f64>() / count;
            let square = |(mu, sigma): (f64, f64)| mu * mu + sigma * sigma;
            let second = mixture.components(n).map(square).sum::<f64>() / count;
            assert!((got.mean[n] - mean).abs() < 1e-13, "example {n}");
            let variance = second - mean * mean;
            assert!((got.total()[n] - variance).abs() < 1e-12, "example {n}");
            assert!(
                got.aleatoric[n] > 0.01 && got.epistemic[n] > 0.01,
                "example {n} tests nothing"
            );
        }
    }

    #[test]
    fn the_total_is_the_variance_of_numbers_drawn_from_the_mixture() {
        const NUMBERS: usize = 40_000;
        let mixture = mixture(4, MIXED);
        let got = mixture.moments();
        let mut rng = StdRng::seed_from_u64(5);
        for n in 0..mixture.examples() {
            let gaussians: Vec<(f64, f64)> = mixture.components(n).collect();
            let squares = (0..NUMBERS).map(|_| {
                let (mu, sigma) = gaussians[rng.gen_range(0..gaussians.len())];
                let y = mu + sigma * rng.sample::<f64, _>(StandardNormal);
                (y - got.mean[n]).powi(2)
            });
            let squares: Vec<f64> = squares.collect();
            let variance = squares.iter().sum::<f64>() / NUMBERS as f64;
            let spread: f64 = squares.iter().map(|x| (x - variance).powi(2)).sum();
            let bound = 5.0 * spread.sqrt() / NUMBERS as f64;
            let total = got.total()[n];
            assert!(
                (variance - total).abs() < bound,
                "example {n}: {variance} instead of {total} ± {bound}"
            );
            assert!(
                bound < got.aleatoric[n].min(got.epistemic[n]),
                "example {n}: too coarse to miss a part"
            );
        }
    }

    #[test]
    fn a_large_mean_costs_no_digits() {
        let mut moments = GaussianMoments::new(1);
        for step in 0..1000 {
            moments.push(&[1e9 + f64::from(step % 2)], &[0.25]).unwrap();
        }
        assert_eq!(moments.samples(), 1000);
        let got = moments.finish().unwrap();
        assert!((got.epistemic[0] - 0.25).abs() < 1e-9, "{got:?}");
        assert_eq!(got.aleatoric, [0.25]);
    }

    #[test]
    fn a_rejected_draw_leaves_no_trace() {
        let mut moments = GaussianMoments::new(2);
        moments.push(&[1.0, 2.0], &[0.0, 0.5]).unwrap();
        for (mean, variance) in [
            (&[1.0, f64::NAN][..], &[0.0, 0.0][..]),
            (&[1.0, 2.0], &[0.0, -1.0]),
            (&[1.0], &[0.0, 0.0]),
            (&[1.0, 2.0], &[0.0]),
        ] {
            assert!(moments.push(mean, variance).is_err());
        }
        let got = moments.finish().unwrap();
        assert_eq!(got.mean, [1.0, 2.0]);
        assert_eq!(got.total(), [0.0, 0.5]);
        assert_eq!(
            GaussianMoments::new(1).finish(),
            Err(MetricError::Empty { what: "samples" })
        );
        assert!(GaussianMoments::new(0).push(&[], &[]).is_err());
    }
}
