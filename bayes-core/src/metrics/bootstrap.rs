//! How much of a metric is the luck of the test set.

use super::{Interval, MetricError, check_level};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// The usual number of resamples for [`bootstrap`].
pub const DEFAULT_RESAMPLES: usize = 1000;

/// The percentile bootstrap interval of a metric: where it lies in the middle `level` of test sets that are drawn from
/// this one, with replacement (Efron 1979).
///
/// `groups` are the sizes of the groups of examples that are resampled each for itself: `[n]` of a test set, `[n, m]`
/// of n examples in and m out of distribution. `metric` is given the indices of a resample, counted through all groups,
/// and gives the metric's value of these examples. The resamples are those of `rand` 0.8's `StdRng` with `seed`; the
/// ends are the quantiles (1 ∓ `level`)/2 of the `resamples` values, interpolated linearly.
///
/// It tells what other examples of the same kind might have given, not what another training would.
///
/// # Errors
/// [`MetricError::Empty`] for a group without examples or no resamples, [`MetricError::Level`] for a level that is not
/// between 0 and 1, and those of `metric`.
///
/// ```
/// use bayes_core::metrics::{DEFAULT_RESAMPLES, bootstrap};
///
/// let right = [1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0];
/// let accuracy = |indices: &[usize]| Ok(indices.iter().map(|&i| right[i]).sum::<f64>() / 10.0);
/// let interval = bootstrap(&[10], 0.95, DEFAULT_RESAMPLES, 0, accuracy)?;
/// assert_eq!((interval.low, interval.high), (0.5, 1.0));
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn bootstrap(
    groups: &[usize],
    level: f64,
    resamples: usize,
    seed: u64,
    mut metric: impl FnMut(&[usize]) -> Result<f64, MetricError>,
) -> Result<Interval, MetricError> {
    check_level(level)?;
    if groups.is_empty() || groups.contains(&0) {
        return Err(MetricError::Empty { what: "examples" });
    }
    if resamples == 0 {
        return Err(MetricError::Empty { what: "resamples" });
    }
    let mut rng = StdRng::seed_from_u64(seed);
    let mut indices = Vec::with_capacity(groups.iter().sum());
    let mut values = Vec::with_capacity(resamples);
    for _ in 0..resamples {
        indices.clear();
        let mut first = 0;
        for &size in groups {
            indices.extend((0..size).map(|_| first + rng.gen_range(0..size)));
            first += size;
        }
        values.push(metric(&indices)?);
    }
    values.sort_by(f64::total_cmp);
    let tail = (1.0 - level) / 2.0;
    Ok(Interval {
        low: quantile(&values, tail),
        high: quantile(&values, 1.0 - tail),
    })
}

/// The quantile at `p` of sorted values, of which there is at least one.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let at = p * (sorted.len() - 1) as f64;
    let (below, part) = (at.floor() as usize, at.fract());
    match sorted.get(below + 1) {
        // Not where both are the same infinity.
        Some(&above) if part > 0.0 && above != sorted[below] => {
            sorted[below] + part * (above - sorted[below])
        }
        _ => sorted[below],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(values: &[f64]) -> impl Fn(&[usize]) -> Result<f64, MetricError> + '_ {
        |indices| Ok(indices.iter().map(|&i| values[i]).sum::<f64>() / indices.len() as f64)
    }

    #[test]
    fn quantiles_lie_between_the_values() {
        let sorted = [0.0, 1.0, 2.0, 4.0, f64::INFINITY];
        let got = [0.0, 0.25, 0.375, 0.5, 0.625, 1.0].map(|p| quantile(&sorted, p));
        assert_eq!(got, [0.0, 1.0, 1.5, 2.0, 3.0, f64::INFINITY]);
        assert_eq!(quantile(&[f64::INFINITY; 3], 0.3), f64::INFINITY);
        assert_eq!(quantile(&[7.0], 0.4), 7.0);
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_its_standard_error() {
        // Values 0 to 399: standard deviation √((400² − 1)/12), of the mean 20 times less.
        let values: Vec<f64> = (0..400).map(f64::from).collect();
        let interval = bootstrap(&[400], 0.95, 4000, 1, mean(&values)).unwrap();
        let error = (159_999.0_f64 / 12.0).sqrt() / 20.0;
        let want = [199.5 - 1.96 * error, 199.5 + 1.96 * error];
        // The 2.5 % quantile of 4000 values has a standard error of √(0.025·0.975/4000)/φ(1.96) = 0.042 deviations.
        for (got, want) in [interval.low, interval.high].into_iter().zip(want) {
            assert!(
                (got - want).abs() < 4.0 * 0.042 * error,
                "{got}, not {want}"
            );
        }
        let again = bootstrap(&[400], 0.95, 4000, 1, mean(&values)).unwrap();
        let other = bootstrap(&[400], 0.95, 4000, 2, mean(&values)).unwrap();
        assert_eq!(interval, again);
        assert_ne!(interval, other);
    }

    #[test]
    fn each_group_keeps_its_size() {
        let seen = |indices: &[usize]| {
            assert_eq!(indices.len(), 8);
            assert!(indices[..5].iter().all(|&i| i < 5));
            assert!(indices[5..].iter().all(|&i| (5..8).contains(&i)));
            Ok(0.0)
        };
        bootstrap(&[5, 3], 0.9, 100, 0, seen).unwrap();
    }

    #[test]
    fn bad_input_is_an_error() {
        let none = |_: &[usize]| Ok(0.0);
        let level = |level| bootstrap(&[3], level, 10, 0, none);
        for bad in [0.0, 1.0, f64::NAN] {
            assert!(
                matches!(level(bad), Err(MetricError::Level { .. })),
                "{bad}"
            );
        }
        let empty = |what| Err(MetricError::Empty { what });
        assert_eq!(bootstrap(&[], 0.9, 10, 0, none), empty("examples"));
        assert_eq!(bootstrap(&[3, 0], 0.9, 10, 0, none), empty("examples"));
        assert_eq!(bootstrap(&[3], 0.9, 0, 0, none), empty("resamples"));
        let failed = |_: &[usize]| Err(MetricError::NanThreshold);
        assert_eq!(
            bootstrap(&[3], 0.9, 10, 0, failed),
            Err(MetricError::NanThreshold)
        );
    }
}
