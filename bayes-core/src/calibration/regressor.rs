//! Split conformal prediction of a regression: intervals that hold the truth as often as promised.

use super::{ConformalQuantile, Error};
use crate::metrics::{Interval, MetricError, check_all, finite, positive};
use serde::{Deserialize, Serialize};

/// Intervals `mean ± q` or, where a scale is given for each example, `mean ± q·scale`, with q the conformal quantile of
/// the scores |y − mean| or |y − mean|/scale (Lei et al. 2018).
///
/// Scales make intervals wide where the model is uncertain: pass predicted standard deviations, such as the root of
/// [`Regression::total`](crate::predict::Regression). The coverage is at least 1 − alpha whatever the model; see
/// [`ConformalQuantile`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ConformalRegressor {
    quantile: ConformalQuantile,
    normalized: bool,
}

impl ConformalRegressor {
    /// Fits to the predictions of a calibration set, which the model has not been trained on; `mean`, the scales if
    /// any, and `y` have n entries.
    ///
    /// # Errors
    /// [`Error::Alpha`]; no examples, lengths that differ, a mean or y that is not finite, a scale that is not finite
    /// and above 0.
    ///
    /// ```
    /// use bayes_core::calibration::ConformalRegressor;
    ///
    /// // Residuals 1, 2, 3, 4: k = ⌈5·0.8⌉ = 4.
    /// let fitted = ConformalRegressor::fit(&[0.0; 4], None, &[1.0, -2.0, 3.0, -4.0], 0.2)?;
    /// let interval = fitted.intervals(&[10.0], None)?[0];
    /// assert_eq!((interval.low, interval.high), (6.0, 14.0));
    /// # Ok::<(), bayes_core::calibration::Error>(())
    /// ```
    pub fn fit(mean: &[f64], scale: Option<&[f64]>, y: &[f64], alpha: f64) -> Result<Self, Error> {
        check_length("y", y, mean.len())?;
        check_all("y", y.iter().copied(), finite())?;
        let scales = scales(mean, scale)?;
        let residuals = mean.iter().zip(y).map(|(mean, y)| (y - mean).abs());
        let scores: Vec<f64> = residuals.zip(scales).map(|(r, scale)| r / scale).collect();
        Ok(Self {
            quantile: ConformalQuantile::fit(&scores, alpha)?,
            normalized: scale.is_some(),
        })
    }

    /// The interval of each new example; (−∞, ∞) where the calibration set was too small to exclude anything.
    ///
    /// # Errors
    /// [`Error::Scales`] where scales are given here and were not to [`fit`](Self::fit), or the other way round;
    /// otherwise as `fit`.
    pub fn intervals(&self, mean: &[f64], scale: Option<&[f64]>) -> Result<Vec<Interval>, Error> {
        if scale.is_some() != self.normalized {
            let word = |there| if there { "with" } else { "without" };
            return Err(Error::Scales {
                fitted: word(self.normalized),
                asked: word(scale.is_some()),
            });
        }
        let threshold = self.quantile.threshold().unwrap_or(f64::INFINITY);
        let interval = |(mean, scale): (&f64, f64)| Interval {
            low: mean - threshold * scale,
            high: mean + threshold * scale,
        };
        Ok(mean
            .iter()
            .zip(scales(mean, scale)?)
            .map(interval)
            .collect())
    }

    /// The threshold of the scores.
    pub fn quantile(&self) -> ConformalQuantile {
        self.quantile
    }
}

/// Checked scales, or 1 for each mean.
fn scales(mean: &[f64], scale: Option<&[f64]>) -> Result<Vec<f64>, Error> {
    check_all("means", mean.iter().copied(), finite())?;
    let Some(scale) = scale else {
        return Ok(vec![1.0; mean.len()]);
    };
    check_length("scales", scale, mean.len())?;
    check_all("scales", scale.iter().copied(), positive())?;
    Ok(scale.to_vec())
}

fn check_length(what: &'static str, values: &[f64], expected: usize) -> Result<(), MetricError> {
    if values.len() == expected {
        return Ok(());
    }
    Err(MetricError::Length {
        what,
        expected,
        found: values.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::splits::{SPLITS, assert_beta, assert_coverage, rng};
    use super::*;
    use rand::Rng;
    use rand_distr::StandardNormal;

    const CALIBRATION: usize = 60;
    const TEST: usize = 20;
    const ALPHA: f64 = 0.15;

    /// Predictions 0 of numbers N(0, scale²), the scales from 0.5 to 2.
    fn numbers(rng: &mut impl Rng, len: usize) -> (Vec<f64>, Vec<f64>) {
        (0..len)
            .map(|_| {
                let scale: f64 = rng.gen_range(0.5..2.0);
                (scale, scale * rng.sample::<f64, _>(StandardNormal))
            })
            .unzip()
    }

    #[test]
    fn coverage_of_many_splits_follows_its_beta_law() {
        let mut rng = rng(1);
        let (mut coverages, mut hits) = (Vec::new(), [0; 2]);
        for _ in 0..SPLITS {
            let (scale, y) = numbers(&mut rng, CALIBRATION);
            let zeros = vec![0.0; CALIBRATION];
            let normalized = ConformalRegressor::fit(&zeros, Some(&scale), &y, ALPHA).unwrap();
            // |y|/scale is half-normal: what a threshold covers is known exactly.
            let threshold = normalized.quantile().threshold().unwrap();
            coverages.push(libm::erf(threshold * std::f64::consts::FRAC_1_SQRT_2));
            let plain = ConformalRegressor::fit(&zeros, None, &y, ALPHA).unwrap();
            let (scale, y) = numbers(&mut rng, TEST);
            let zeros = vec![0.0; TEST];
            let intervals = [
                normalized.intervals(&zeros, Some(&scale)).unwrap(),
                plain.intervals(&zeros, None).unwrap(),
            ];
            for (hits, intervals) in hits.iter_mut().zip(intervals) {
                let pairs = intervals.iter().zip(&y);
                *hits += pairs.filter(|(interval, y)| interval.contains(**y)).count();
            }
        }
        assert_beta(&coverages, CALIBRATION, ALPHA);
        for hits in hits {
            assert_coverage(hits, TEST, CALIBRATION, ALPHA);
        }
    }

    #[test]
    fn too_few_examples_exclude_nothing() {
        let fitted = ConformalRegressor::fit(&[0.0; 5], None, &[1.0; 5], 0.1).unwrap();
        let all = Interval {
            low: f64::NEG_INFINITY,
            high: f64::INFINITY,
        };
        assert_eq!(fitted.intervals(&[3.0], None).unwrap(), [all]);
    }

    #[test]
    fn bad_input_is_an_error() {
        let fit = |mean: &[f64], scale, y: &[f64], alpha| {
            ConformalRegressor::fit(mean, scale, y, alpha).map(|_| ())
        };
        assert!(matches!(
            fit(&[0.0], None, &[0.0], 1.0),
            Err(Error::Alpha { .. })
        ));
        assert!(fit(&[], None, &[], 0.1).is_err());
        assert!(fit(&[0.0], None, &[0.0, 1.0], 0.1).is_err());
        assert!(fit(&[f64::NAN], None, &[0.0], 0.1).is_err());
        assert!(fit(&[0.0], Some(&[0.0]), &[0.0], 0.1).is_err());
        assert!(fit(&[0.0], Some(&[1.0, 1.0]), &[0.0], 0.1).is_err());
        let plain = ConformalRegressor::fit(&[0.0], None, &[1.0], 0.5).unwrap();
        let error = plain.intervals(&[0.0], Some(&[1.0])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the intervals were fitted without scales and are asked for with: pass scales to both or to neither"
        );
    }
}
