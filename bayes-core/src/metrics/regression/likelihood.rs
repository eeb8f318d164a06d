//! Negative log-likelihood of regressions.

use super::checked::{check_all, check_values, finite, positive};
use super::mixture::GaussianMixture;
use super::normal::ln_sqrt_two_pi;
use crate::metrics::MetricError;

/// Negative log-likelihood in nats of the mixture: `−mean_n log mean_s N(y_n; mu_s,n, sigma_s,n²)` (logarithmic score,
/// Good 1952).
///
/// `y` has N entries. It is the log of the mean density, never larger than the mean of the draws' own; any real
/// number, lower is better.
///
/// # Errors
/// [`MetricError::Length`] if `y` does not have N entries, [`MetricError::Number`] for one that is not finite or for
/// a sigma of 0, which has no density.
///
/// ```
/// use bayes_core::metrics::{GaussianMixture, nll_mixture, nll_moment_matched};
///
/// let mixture = GaussianMixture::new(vec![-3.0, 3.0], vec![1.0, 1.0], 2)?;
/// // Two peaks: N(0, 10) has the same moments, and knows less of where y = 3 is.
/// let moments = mixture.moments();
/// let matched = nll_moment_matched(&moments.mean, &moments.total(), &[3.0])?;
/// assert!(nll_mixture(&mixture, &[3.0])? < matched);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn nll_mixture(mixture: &GaussianMixture, y: &[f64]) -> Result<f64, MetricError> {
    check_values("y", y, mixture.examples(), finite())?;
    check_all("sigma", mixture.sigma().iter().copied(), positive())?;
    let ln_samples = (mixture.samples() as f64).ln();
    let of_one = |(n, y): (usize, &f64)| {
        let logs = mixture
            .components(n)
            .map(|(mu, sigma)| -nll_gaussian(mu, sigma * sigma, *y));
        // The largest is taken out of the sum, so that densities too small for a number still count.
        let largest = logs.clone().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logs.map(|log| (log - largest).exp()).sum();
        ln_samples - largest - sum.ln()
    };
    Ok(y.iter().enumerate().map(of_one).sum::<f64>() / y.len() as f64)
}

/// Negative log-likelihood in nats of the Gaussians with the mixtures' moments: `mean_n ½[ln 2πv_n + (y_n − m_n)²/v_n]`.
///
/// `mean`, `variance` and `y` have N entries. An approximation of [`nll_mixture`] where that is not one Gaussian;
/// also the NLL of a single Gaussian prediction.
///
/// # Errors
/// [`MetricError::Empty`], [`MetricError::Length`], [`MetricError::Number`] for an entry that is not finite or a
/// variance that is not above 0.
pub fn nll_moment_matched(mean: &[f64], variance: &[f64], y: &[f64]) -> Result<f64, MetricError> {
    check_values("y", y, y.len(), finite())?;
    check_values("means", mean, y.len(), finite())?;
    check_values("variances", variance, y.len(), positive())?;
    let gaussians = mean.iter().zip(variance).zip(y);
    let sum: f64 = gaussians
        .map(|((mean, variance), y)| nll_gaussian(*mean, *variance, *y))
        .sum();
    Ok(sum / y.len() as f64)
}

/// `½[ln 2πv + (y − m)²/v]`.
fn nll_gaussian(mean: f64, variance: f64, y: f64) -> f64 {
    ln_sqrt_two_pi() + 0.5 * (variance.ln() + (y - mean).powi(2) / variance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_one_gaussian_both_are_the_formula() {
        let mixture = GaussianMixture::new(vec![1.0], vec![2.0], 1).unwrap();
        let want = 0.5 * ((8.0 * std::f64::consts::PI).ln() + 0.25);
        assert!((nll_mixture(&mixture, &[2.0]).unwrap() - want).abs() < 1e-15);
        assert!((nll_moment_matched(&[1.0], &[4.0], &[2.0]).unwrap() - want).abs() < 1e-15);
    }

    #[test]
    fn a_density_too_small_for_a_number_still_counts() {
        // Both densities at y = 100 are 0 in double precision; the nearer one decides.
        let mixture = GaussianMixture::new(vec![0.0, 10.0], vec![1.0, 1.0], 2).unwrap();
        let want = ln_sqrt_two_pi() + 4050.0 + 2f64.ln();
        assert!((nll_mixture(&mixture, &[100.0]).unwrap() - want).abs() < 1e-9);
    }

    #[test]
    fn a_point_has_no_density() {
        let mixture = GaussianMixture::new(vec![0.0], vec![0.0], 1).unwrap();
        assert!(matches!(
            nll_mixture(&mixture, &[0.0]),
            Err(MetricError::Number { what: "sigma", .. })
        ));
        assert!(matches!(
            nll_moment_matched(&[0.0], &[0.0], &[0.0]),
            Err(MetricError::Number {
                what: "variances",
                ..
            })
        ));
        assert!(nll_moment_matched(&[], &[], &[]).is_err());
    }
}
