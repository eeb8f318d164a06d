//! The continuous ranked probability score of mixtures of Gaussians, in closed form.

use super::checked::{check_values, finite};
use super::mixture::GaussianMixture;
use super::normal::{centred, density};
use crate::metrics::MetricError;

/// Continuous ranked probability score, averaged over examples: `∫ (F_n(x) − 1[x ≥ y_n])² dx`, in the units of y; at
/// least 0, lower is better (Gneiting & Raftery 2007).
///
/// In closed form (Grimit et al. 2006), with `A(x, s) = x(2Φ(x/s) − 1) + 2s·φ(x/s)`:
/// `mean_s A(y − mu_s, sigma_s) − ½ mean_{s,t} A(mu_s − mu_t, √(sigma_s² + sigma_t²))`. A sigma of 0 is allowed: of
/// draws that are all sure this is the score of an ensemble. The time grows with S².
///
/// # Errors
/// [`MetricError::Length`] if `y` does not have N entries, [`MetricError::Number`] for one that is not finite.
///
/// ```
/// use bayes_core::metrics::{GaussianMixture, crps_mixture};
///
/// // One draw that is sure: the absolute error.
/// let mixture = GaussianMixture::new(vec![1.0], vec![0.0], 1)?;
/// assert_eq!(crps_mixture(&mixture, &[3.5])?, 2.5);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn crps_mixture(mixture: &GaussianMixture, y: &[f64]) -> Result<f64, MetricError> {
    check_values("y", y, mixture.examples(), finite())?;
    let of_one = |(n, y): (usize, &f64)| of_mixture(mixture.components(n), *y);
    Ok(y.iter().enumerate().map(of_one).sum::<f64>() / y.len() as f64)
}

fn of_mixture(gaussians: impl Iterator<Item = (f64, f64)>, y: f64) -> f64 {
    let gaussians: Vec<(f64, f64)> = gaussians.collect();
    let (mut to_y, mut to_each_other) = (0.0, 0.0);
    for (s, &(mu, sigma)) in gaussians.iter().enumerate() {
        to_y += mean_distance(y - mu, sigma);
        to_each_other += 0.5 * mean_distance(0.0, sigma.hypot(sigma));
        for &(other_mu, other_sigma) in &gaussians[..s] {
            to_each_other += mean_distance(mu - other_mu, sigma.hypot(other_sigma));
        }
    }
    let count = gaussians.len() as f64;
    to_y / count - to_each_other / (count * count)
}

/// A(x, s), the mean of |x + s·Z| for Z from N(0, 1).
fn mean_distance(x: f64, s: f64) -> f64 {
    if s == 0.0 {
        return x.abs();
    }
    x * centred(x / s) + 2.0 * s * density(x / s)
}

#[cfg(test)]
mod tests {
    use super::super::seeded::{MIXED, mixture};
    use super::*;

    /// The definition: the integral, by the midpoint rule on each side of y, where the integrand is smooth.
    fn integral(mixture: &GaussianMixture, n: usize, y: f64) -> f64 {
        const STEPS: usize = 4000;
        let one = GaussianMixture::new(
            mixture.components(n).map(|(mu, _)| mu).collect(),
            mixture.components(n).map(|(_, sigma)| sigma).collect(),
            mixture.samples(),
        )
        .unwrap();
        let side = |low: f64, high: f64, step_at_y: f64| -> f64 {
            let h = (high - low) / STEPS as f64;
            let at = |i: usize| {
                let x = low + h * (i as f64 + 0.5);
                (one.cdf(&[x]).unwrap()[0] - step_at_y).powi(2)
            };
            (0..STEPS).map(at).sum::<f64>() * h
        };
        side(y - 40.0, y, 0.0) + side(y, y + 40.0, 1.0)
    }

    #[test]
    fn the_closed_form_is_the_integral() {
        let mixture = mixture(7, MIXED);
        let y: Vec<f64> = (0..mixture.examples())
            .map(|n| n as f64 * 0.7 - 2.0)
            .collect();
        let want: f64 = (0..y.len()).map(|n| integral(&mixture, n, y[n])).sum();
        let want = want / y.len() as f64;
        let got = crps_mixture(&mixture, &y).unwrap();
        assert!((got - want).abs() < 1e-5 * want, "{got} instead of {want}");
    }

    #[test]
    fn draws_that_are_sure_have_the_score_of_an_ensemble() {
        let mixture = GaussianMixture::new(vec![0.0, 1.0, 5.0], vec![0.0; 3], 3).unwrap();
        // mean |y − mu| = (2 + 1 + 3)/3 and ½ mean |mu − mu'| = (1 + 5 + 4)/9.
        let got = crps_mixture(&mixture, &[2.0]).unwrap();
        assert!((got - (2.0 - 10.0 / 9.0)).abs() < 1e-15);
        assert!(crps_mixture(&mixture, &[f64::NAN]).is_err());
    }
}
