//! How ranges of activations are chosen from calibration batches.

use super::histogram::Histogram;
use crate::error::Error;
use crate::estimator::EstimatorKind;

/// How a twin is quantized: which ranges its activations get, from how many draws on the calibration batches, and how the
/// int8 model draws.
///
/// ```
/// use bayes_core::int8::{Calibration, Range};
///
/// let clipped = Calibration { range: Range::Percentile(99.9), ..Calibration::default() };
/// assert_eq!(clipped.draws, 16);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// How a range is chosen from what was seen.
    pub range: Range,
    /// Draws of the model on each batch besides its mean; at least 2.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// How the int8 model draws; `None` for each layer's own way, that of its training.
    ///
    /// Flipout takes two products where `Reparameterization` takes one. `LocalReparameterization` holds for `Linear` on one
    /// vector per example; other layers draw by `Reparameterization` then.
    pub estimator: Option<EstimatorKind>,
}

impl Default for Calibration {
    /// The least mean squared error, 16 draws, seed 0, the layers' estimators.
    fn default() -> Self {
        Self {
            range: Range::MeanSquaredError,
            draws: 16,
            seed: 0,
            estimator: None,
        }
    }
}

impl Calibration {
    /// Whether it can be used.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.draws < 2 {
            return Err(Error::Number {
                name: "the number of calibration draws",
                must: "at least 2",
                found: self.draws as f64,
            });
        }
        if let Some(found) = self.range.problem() {
            return Err(Error::Number {
                name: "a calibration percentile",
                must: "above 50 and at most 100",
                found,
            });
        }
        Ok(())
    }
}

/// How the range of an activation is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// From the smallest to the largest value seen.
    MinMax,
    /// So that this percentage of the values seen is not clipped at either end; above 50, at most 100.
    Percentile(f64),
    /// The part of the range seen whose rounding and clipping errors have the least mean square.
    MeanSquaredError,
}

/// Ranges that are tried for the least mean squared error.
const CANDIDATES: usize = 100;

impl Range {
    pub(super) fn needs_histogram(self) -> bool {
        self != Self::MinMax
    }

    /// What is wrong with it, if anything is.
    pub(super) fn problem(self) -> Option<f64> {
        match self {
            Self::Percentile(percent) if !(percent > 50.0 && percent <= 100.0) => Some(percent),
            _ => None,
        }
    }

    /// The range for values with this histogram, to be stored in `levels + 1` numbers.
    pub(super) fn choose(self, histogram: &Histogram, levels: u16) -> (f32, f32) {
        match self {
            Self::MinMax => histogram.range(),
            Self::Percentile(percent) => {
                let clipped = 1.0 - percent / 100.0;
                (
                    histogram.quantile(clipped),
                    histogram.quantile(1.0 - clipped),
                )
            }
            Self::MeanSquaredError => {
                let (low, high) = histogram.range();
                let candidates = (0..CANDIDATES).map(|i| {
                    let part = 1.0 - 0.9 * i as f32 / CANDIDATES as f32;
                    let range = (low * part, high * part);
                    (histogram.squared_error(range, levels), range)
                });
                // The widest of equally good ones.
                let best =
                    candidates.reduce(|best, next| if next.0 < best.0 { next } else { best });
                best.map_or((low, high), |(_, range)| range)
            }
        }
    }
}
