//! Intervals: how often they hold the truth, and how wide they are.

use super::checked::{check_values, finite};
use crate::metrics::MetricError;

/// A closed interval of numbers; its ends may be infinite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end, which belongs to it.
    pub low: f64,
    /// The upper end, which belongs to it.
    pub high: f64,
}

impl Interval {
    /// Whether `y` lies in it.
    pub fn contains(&self, y: f64) -> bool {
        self.low <= y && y <= self.high
    }

    /// `high − low`.
    pub fn width(&self) -> f64 {
        self.high - self.low
    }
}

/// Share of examples whose interval holds the truth: `mean_n 1[low_n ≤ y_n ≤ high_n]`; 0 to 1, near the intervals'
/// level where they are calibrated.
///
/// # Errors
/// [`MetricError::Empty`] for no intervals, [`MetricError::Length`] if `y` has not as many entries,
/// [`MetricError::Number`] for one that is not finite.
///
/// ```
/// use bayes_core::metrics::{GaussianMixture, coverage, mean_width};
///
/// let mixture = GaussianMixture::new(vec![0.0, 0.0], vec![1.0, 2.0], 1)?;
/// let intervals = mixture.intervals(0.95)?;
/// assert_eq!(coverage(&intervals, &[2.5, 2.5])?, 0.5);
/// assert!((mean_width(&intervals)? - 3.0 * 1.959964).abs() < 1e-5);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn coverage(intervals: &[Interval], y: &[f64]) -> Result<f64, MetricError> {
    check_values("y", y, intervals.len(), finite())?;
    let pairs = intervals.iter().zip(y);
    let hits = pairs.filter(|(interval, y)| interval.contains(**y)).count();
    Ok(hits as f64 / y.len() as f64)
}

/// Mean width of intervals, in the units of y; at equal coverage lower is better. +∞ where one is unbounded.
///
/// # Errors
/// [`MetricError::Empty`] for no intervals.
pub fn mean_width(intervals: &[Interval]) -> Result<f64, MetricError> {
    if intervals.is_empty() {
        return Err(MetricError::Empty { what: "intervals" });
    }
    Ok(intervals.iter().map(Interval::width).sum::<f64>() / intervals.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_belong_to_an_interval() {
        let interval = |low, high| Interval { low, high };
        let intervals = [
            interval(0.0, 1.0),
            interval(0.0, 1.0),
            interval(0.0, 1.0),
            interval(f64::NEG_INFINITY, 2.0),
        ];
        let y = [0.0, 1.0, 1.0_f64.next_up(), -1e300];
        assert_eq!(coverage(&intervals, &y).unwrap(), 0.75);
        assert_eq!(mean_width(&intervals[..3]).unwrap(), 1.0);
        assert_eq!(mean_width(&intervals).unwrap(), f64::INFINITY);
    }

    #[test]
    fn nothing_to_measure_is_an_error() {
        let none = MetricError::Empty { what: "intervals" };
        assert_eq!(mean_width(&[]), Err(none));
        assert!(coverage(&[], &[]).is_err());
        let one = Interval {
            low: 0.0,
            high: 1.0,
        };
        assert!(coverage(&[one], &[f64::NAN]).is_err());
    }
}
