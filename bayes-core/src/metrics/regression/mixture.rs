//! The predictive distribution of a regression: each example's mixture of Gaussians, one of each draw.

use super::checked::{check_level, check_values, finite, non_negative};
use super::intervals::Interval;
use super::moments::{GaussianMoments, GaussianUncertainty};
use super::normal::distribution;
use crate::metrics::MetricError;

/// How many standard deviations away Φ is 0 in double precision.
const REACH: f64 = 39.0;

/// Halvings after which an interval is below the spacing of numbers at its ends, unless these are near 0.
const HALVINGS: usize = 100;

/// The predictive distribution of each of N numbers: `p(y_n) = mean_s N(y_n; mu_s,n, sigma_s,n²)`, the mixture with
/// equal weights of the Gaussians of S draws or ensemble members (Lakshminarayanan et al. 2017).
///
/// A sigma of 0 is a draw that is sure of its number: the mixture then has jumps there, which all but the density
/// bear. With several outputs per row N counts rows × outputs.
///
/// ```
/// use bayes_core::metrics::GaussianMixture;
///
/// // Two draws of one number: N(−1, 1) and N(1, 1).
/// let mixture = GaussianMixture::new(vec![-1.0, 1.0], vec![1.0, 1.0], 2)?;
/// let moments = mixture.moments();
/// assert_eq!((moments.mean[0], moments.aleatoric[0], moments.epistemic[0]), (0.0, 1.0, 1.0));
/// let [interval] = mixture.intervals(0.5)?[..] else { panic!("one number") };
/// assert!(interval.low < -0.9 && (interval.low + interval.high).abs() < 1e-12);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct GaussianMixture {
    examples: usize,
    mu: Vec<f64>,
    sigma: Vec<f64>,
}

impl GaussianMixture {
    /// From `mu` and `sigma`, both S×N with S = `samples`.
    ///
    /// # Errors
    /// [`MetricError::Empty`] for no samples or examples, [`MetricError::Length`] if the tables differ or are not
    /// whole, [`MetricError::Number`] for a mu that is not finite or a sigma that is not finite and at least 0.
    pub fn new(mu: Vec<f64>, sigma: Vec<f64>, samples: usize) -> Result<Self, MetricError> {
        if samples == 0 {
            return Err(MetricError::Empty { what: "samples" });
        }
        let examples = mu.len().div_ceil(samples);
        check_values("mu", &mu, samples.saturating_mul(examples), finite())?;
        check_values("sigma", &sigma, mu.len(), non_negative())?;
        Ok(Self {
            examples,
            mu,
            sigma,
        })
    }

    /// The distribution of `shift + scale·y`: of a number whose model was trained on another scale.
    ///
    /// # Errors
    /// [`MetricError::Number`] for a shift that is not finite, a scale that is not finite and at least 0, or a mu or
    /// sigma that is then not finite.
    ///
    /// ```
    /// use bayes_core::metrics::GaussianMixture;
    ///
    /// let standard = GaussianMixture::new(vec![0.5], vec![1.0], 1)?;
    /// let celsius = standard.scaled(20.0, 4.0)?;
    /// assert_eq!(celsius, GaussianMixture::new(vec![22.0], vec![4.0], 1)?);
    /// # Ok::<(), bayes_core::metrics::MetricError>(())
    /// ```
    pub fn scaled(&self, shift: f64, scale: f64) -> Result<Self, MetricError> {
        check_values("shift", &[shift], 1, finite())?;
        check_values("scale", &[scale], 1, non_negative())?;
        let mu = self.mu.iter().map(|mu| shift + scale * mu).collect();
        let sigma = self.sigma.iter().map(|sigma| scale * sigma).collect();
        Self::new(mu, sigma, self.samples())
    }

    /// N, the number of mixtures.
    pub fn examples(&self) -> usize {
        self.examples
    }

    /// S, the number of Gaussians in each.
    pub fn samples(&self) -> usize {
        self.mu.len() / self.examples
    }

    /// Mean and variance of each mixture, the variance split into its two parts.
    pub fn moments(&self) -> GaussianUncertainty {
        let mut moments = GaussianMoments::new(self.examples);
        let draws = self.mu.chunks_exact(self.examples);
        for (mu, sigma) in draws.zip(self.sigma.chunks_exact(self.examples)) {
            moments.add(mu, sigma.iter().map(|sigma| sigma * sigma));
        }
        moments.of_some()
    }

    /// `P(Y_n ≤ y_n) = mean_s Φ((y_n − mu_s,n)/sigma_s,n)` for each n: the probability integral transform, uniform
    /// where the prediction is calibrated (Dawid 1984).
    ///
    /// # Errors
    /// [`MetricError::Length`] if `y` does not have N entries, [`MetricError::Number`] for one that is not finite.
    pub fn cdf(&self, y: &[f64]) -> Result<Vec<f64>, MetricError> {
        check_values("y", y, self.examples, finite())?;
        let at = |(n, y): (usize, &f64)| self.cdf_of(n, *y);
        Ok(y.iter().enumerate().map(at).collect())
    }

    /// Each mixture's quantile: the least x with `P(Y_n ≤ x) ≥ level`, by bisection.
    ///
    /// # Errors
    /// [`MetricError::Level`] for a level that is not between 0 and 1.
    pub fn quantiles(&self, level: f64) -> Result<Vec<f64>, MetricError> {
        check_level(level)?;
        Ok((0..self.examples)
            .map(|n| self.quantile_of(n, level))
            .collect())
    }

    /// Each mixture's central interval of probability `level`: from its quantile at `(1 − level)/2` to that at
    /// `(1 + level)/2`.
    ///
    /// # Errors
    /// As [`quantiles`](Self::quantiles).
    pub fn intervals(&self, level: f64) -> Result<Vec<Interval>, MetricError> {
        check_level(level)?;
        let tail = 0.5 * (1.0 - level);
        let interval = |n| Interval {
            low: self.quantile_of(n, tail),
            high: self.quantile_of(n, 1.0 - tail),
        };
        Ok((0..self.examples).map(interval).collect())
    }

    /// The mu and sigma of each Gaussian of mixture `n`.
    pub(super) fn components(&self, n: usize) -> impl Iterator<Item = (f64, f64)> + Clone {
        let of_draw = move |s| {
            (
                self.mu[s * self.examples + n],
                self.sigma[s * self.examples + n],
            )
        };
        (0..self.samples()).map(of_draw)
    }

    /// The sigmas, S×N.
    pub(super) fn sigma(&self) -> &[f64] {
        &self.sigma
    }

    fn cdf_of(&self, n: usize, y: f64) -> f64 {
        let sum: f64 = self.components(n).map(|gaussian| below(gaussian, y)).sum();
        sum / self.samples() as f64
    }

    fn quantile_of(&self, n: usize, level: f64) -> f64 {
        let ends = self.components(n).map(|(mu, sigma)| {
            let reach = REACH * sigma;
            (mu - reach, mu + reach)
        });
        // One number below all jumps, at which the probability is 0 where every sigma is 0.
        let (mut low, mut high) = ends.fold(
            (f64::INFINITY, f64::NEG_INFINITY),
            |(low, high), (least, most)| (low.min(least.next_down()), high.max(most)),
        );
        for _ in 0..HALVINGS {
            let middle = low + 0.5 * (high - low);
            if middle <= low || middle >= high {
                break;
            }
            if self.cdf_of(n, middle) < level {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }
}

/// The probability that a Gaussian, or with sigma 0 the number mu, is at most y.
fn below((mu, sigma): (f64, f64), y: f64) -> f64 {
    if sigma > 0.0 {
        return distribution((y - mu) / sigma);
    }
    f64::from(u8::from(mu <= y))
}

#[cfg(test)]
mod tests {
    use super::super::seeded::{MIXED, mixture};
    use super::*;

    #[test]
    fn quantiles_invert_the_distribution() {
        let mixture = mixture(1, MIXED);
        for level in [1e-9, 0.01, 0.25, 0.5, 0.9, 0.999] {
            let quantiles = mixture.quantiles(level).unwrap();
            for (n, got) in mixture.cdf(&quantiles).unwrap().into_iter().enumerate() {
                assert!((got - level).abs() < 1e-12, "{level}, example {n}: {got}");
            }
        }
    }

    #[test]
    fn one_gaussian_has_the_quantiles_of_tables() {
        let mixture = GaussianMixture::new(vec![10.0, -2.0], vec![2.0, 0.5], 1).unwrap();
        let got = mixture.quantiles(0.975).unwrap();
        assert!((got[0] - (10.0 + 2.0 * 1.959963984540054)).abs() < 1e-13);
        assert!((got[1] - (-2.0 + 0.5 * 1.959963984540054)).abs() < 1e-13);
        let [first, _] = mixture.intervals(0.95).unwrap()[..] else {
            panic!("two intervals")
        };
        assert!((first.low - (10.0 - 2.0 * 1.959963984540054)).abs() < 1e-13);
        assert!((first.high - got[0]).abs() < 1e-13);
    }

    #[test]
    fn draws_that_are_sure_give_the_quantiles_of_a_sample() {
        let draws = vec![3.0, 1.0, 4.0, 1.5, 5.0];
        let mixture = GaussianMixture::new(draws, vec![0.0; 5], 5).unwrap();
        let cases = [
            (0.01, 1.0),
            (0.2, 1.0),
            (0.21, 1.5),
            (0.5, 3.0),
            (0.99, 5.0),
        ];
        for (level, want) in cases {
            assert_eq!(mixture.quantiles(level).unwrap(), [want], "{level}");
        }
        assert_eq!(mixture.cdf(&[1.0]).unwrap(), [0.2]);
        // One draw of which nothing is uncertain: an interval without width.
        let sure = GaussianMixture::new(vec![-7.0], vec![0.0], 1).unwrap();
        let point = Interval {
            low: -7.0,
            high: -7.0,
        };
        assert_eq!(sure.intervals(0.9).unwrap(), [point]);
    }

    #[test]
    fn scales_far_apart_are_no_trouble() {
        let mixture = GaussianMixture::new(vec![0.0, 1e6], vec![1e-6, 1e6], 2).unwrap();
        let got = mixture.quantiles(0.25).unwrap()[0];
        // Φ(−1) of the wide one is 0.1587 here; the narrow one gives what is missing to twice the level.
        let want = 0.5 - distribution(-1.0);
        assert!((distribution(got / 1e-6) - want).abs() < 1e-9, "{got}");
    }

    #[test]
    fn bad_tables_are_errors() {
        let of = |mu: &[f64], sigma: &[f64], samples| {
            GaussianMixture::new(mu.to_vec(), sigma.to_vec(), samples).unwrap_err()
        };
        assert_eq!(of(&[], &[], 0), MetricError::Empty { what: "samples" });
        assert_eq!(of(&[], &[], 2), MetricError::Empty { what: "mu" });
        let length = |what, expected, found| MetricError::Length {
            what,
            expected,
            found,
        };
        assert_eq!(of(&[0.0; 3], &[1.0; 3], 2), length("mu", 4, 3));
        assert_eq!(of(&[0.0; 4], &[1.0; 2], 2), length("sigma", 4, 2));
        let sigma = of(&[0.0; 2], &[1.0, -1.0], 2);
        assert!(matches!(sigma, MetricError::Number { what: "sigma", .. }));
        let mu = of(&[f64::NAN], &[1.0], 1);
        assert!(matches!(mu, MetricError::Number { what: "mu", .. }));
        let good = GaussianMixture::new(vec![0.0], vec![1.0], 1).unwrap();
        for (shift, scale) in [
            (f64::NAN, 1.0),
            (0.0, -1.0),
            (0.0, f64::INFINITY),
            (1e308, 1e308),
        ] {
            let got = good.scaled(shift, scale);
            assert_eq!(got.is_ok(), shift == 1e308, "{shift} + {scale} y: {got:?}");
        }
        assert_eq!(good.intervals(1.0), Err(MetricError::Level { level: 1.0 }));
        assert_eq!(good.cdf(&[0.0, 1.0]), Err(length("y", 1, 2)));
    }
}
