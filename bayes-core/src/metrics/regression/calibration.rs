//! Calibration of regressions: are quantiles and standard deviations what they say?

use super::checked::{check_values, finite, positive};
use super::mixture::GaussianMixture;
use crate::metrics::MetricError;
use crate::metrics::bins::{check_bins, equal_runs};

/// The usual number of bins for [`ence`].
pub const DEFAULT_ENCE_BINS: usize = 10;

/// The levels of [`quantile_calibration_error`], in tenths.
const TENTHS: std::ops::RangeInclusive<u32> = 1..=9;

/// Quantile calibration error: `mean_p |p − mean_n 1[y_n < q_n(p)]|` over the levels p = 0.1, …, 0.9, `q_n(p)` the
/// quantile of mixture n (Kuleshov, Fenner & Ermon 2018).
///
/// `y` has N entries. Range 0 to 0.5, lower is better; of N calibrated examples some 0.34/√N.
///
/// # Errors
/// [`MetricError::Length`] if `y` does not have N entries, [`MetricError::Number`] for one that is not finite.
///
/// ```
/// use bayes_core::metrics::{GaussianMixture, quantile_calibration_error};
///
/// // Each y far above what was predicted: all quantiles are too low, by (0.1 + … + 0.9)/9.
/// let mixture = GaussianMixture::new(vec![0.0, 1.0], vec![1.0, 1.0], 1)?;
/// let got = quantile_calibration_error(&mixture, &[9.0, 9.0])?;
/// assert!((got - 0.5).abs() < 1e-15);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn quantile_calibration_error(
    mixture: &GaussianMixture,
    y: &[f64],
) -> Result<f64, MetricError> {
    // y is below the quantile at p where its own level is below p: no quantile has to be found.
    let levels = mixture.cdf(y)?;
    let gap = |tenths: u32| {
        let p = f64::from(tenths) / 10.0;
        let below = levels.iter().filter(|level| **level < p).count();
        (p - below as f64 / levels.len() as f64).abs()
    };
    Ok(TENTHS.map(gap).sum::<f64>() / f64::from(*TENTHS.end()))
}

/// Expected normalised calibration error: `mean_b |RMV_b − RMSE_b|/RMV_b` over groups of equal size by predicted
/// variance (Levi et al. 2019).
///
/// `mean`, `variance` (the total predicted one) and `y` have N entries. The examples are sorted by variance and cut
/// into `bins` groups whose sizes differ by at most one, the larger first; with fewer examples each is a group.
/// `RMV_b` is the root of a group's mean variance and `RMSE_b` its root mean square error. At least 0, lower is
/// better.
///
/// # Errors
/// [`MetricError::Empty`] for no examples or bins, [`MetricError::Length`] if the lengths differ,
/// [`MetricError::Number`] for an entry that is not finite or a variance that is not above 0.
///
/// ```
/// use bayes_core::metrics::{DEFAULT_ENCE_BINS, ence};
///
/// // Errors of half of what is predicted, whatever the variance.
/// let got = ence(&[0.0, 0.0], &[1.0, 4.0], &[0.5, -1.0], DEFAULT_ENCE_BINS)?;
/// assert_eq!(got, 0.5);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn ence(mean: &[f64], variance: &[f64], y: &[f64], bins: usize) -> Result<f64, MetricError> {
    check_bins(bins)?;
    check_values("y", y, y.len(), finite())?;
    check_values("means", mean, y.len(), finite())?;
    check_values("variances", variance, y.len(), positive())?;
    let errors = mean.iter().zip(y).map(|(mean, y)| (y - mean).powi(2));
    let mut sorted: Vec<(f64, f64)> = variance.iter().copied().zip(errors).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let gap = |group: &[(f64, f64)]| {
        let root = |of: fn(&(f64, f64)) -> f64| {
            let sum: f64 = group.iter().map(of).sum();
            (sum / group.len() as f64).sqrt()
        };
        let (predicted, found) = (root(|pair| pair.0), root(|pair| pair.1));
        (predicted - found).abs() / predicted
    };
    let gaps: Vec<f64> = equal_runs(&sorted, bins).map(gap).collect();
    Ok(gaps.iter().sum::<f64>() / gaps.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::seeded::{MIXED, draw_from, mixture};
    use super::*;

    #[test]
    fn levels_are_found_without_their_quantiles() {
        let mixture = mixture(8, MIXED);
        let y = draw_from(&mixture, 9);
        let mut want = 0.0;
        for tenths in TENTHS {
            let p = f64::from(tenths) / 10.0;
            let quantiles = mixture.quantiles(p).unwrap();
            let below = quantiles.iter().zip(&y).filter(|(q, y)| y < q).count();
            want += (p - below as f64 / y.len() as f64).abs() / 9.0;
        }
        let got = quantile_calibration_error(&mixture, &y).unwrap();
        assert!((got - want).abs() < 1e-15 && want > 0.0);
    }

    #[test]
    fn numbers_of_the_mixture_itself_are_calibrated() {
        let mixture = mixture(10, (4, 20_000));
        let y = draw_from(&mixture, 11);
        // The share below a level misses it by a standard error of at most ½/√20000 = 0.0035.
        let right = quantile_calibration_error(&mixture, &y).unwrap();
        assert!(right < 0.01, "{right}");
        let moments = mixture.moments();
        let right = ence(&moments.mean, &moments.total(), &y, DEFAULT_ENCE_BINS).unwrap();
        // Root mean squares of 2000 miss by some √(1/4000) = 0.016, more with the tails of a mixture.
        assert!(right < 0.05, "{right}");
        let half: Vec<f64> = moments.total().iter().map(|v| v / 4.0).collect();
        let wrong = ence(&moments.mean, &half, &y, DEFAULT_ENCE_BINS).unwrap();
        assert!((wrong - 1.0).abs() < 0.1, "twice the deviation: {wrong}");
    }

    #[test]
    fn ence_by_its_formula() {
        // Sorted variances 1, 4 | 9: errors² 1, 0 | 36.
        let got = ence(&[0.0; 3], &[9.0, 1.0, 4.0], &[6.0, 1.0, 0.0], 2).unwrap();
        let first = (2.5_f64.sqrt() - 0.5_f64.sqrt()) / 2.5_f64.sqrt();
        assert!((got - 0.5 * (first + 1.0)).abs() < 1e-15, "{got}");
    }

    #[test]
    fn bad_input_is_an_error() {
        let none = MetricError::Empty { what: "bins" };
        assert_eq!(ence(&[0.0], &[1.0], &[0.0], 0), Err(none));
        assert!(ence(&[], &[], &[], 3).is_err());
        assert!(ence(&[0.0], &[0.0], &[0.0], 3).is_err());
        assert!(ence(&[0.0], &[1.0], &[0.0, 1.0], 3).is_err());
        let mixture = mixture(1, MIXED);
        assert!(quantile_calibration_error(&mixture, &[0.0]).is_err());
    }
}
