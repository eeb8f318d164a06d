//! Calibration after training: temperatures, and conformal sets and intervals, fitted on data that the model has not
//! seen.
//!
//! | to | see |
//! |---|---|
//! | make a classifier's probabilities what they say | [`Temperature`] |
//! | give sets of classes that hold the true one with probability 1 − alpha | [`ConformalClassifier`] |
//! | give intervals that hold the truth with probability 1 − alpha | [`ConformalRegressor`] |
//!
//! What is fitted is small and serialises; as a [`Fitted`] value it is an entry of a
//! [`Checkpoint`](crate::checkpoint::Checkpoint) beside the weights that it was fitted for.
//!
//! ```
//! use bayes_core::calibration::{Fitted, Temperature};
//! use bayes_core::checkpoint::Checkpoint;
//!
//! // Sure of each, and wrong of one in four.
//! let logits = [4.0, 0.0].repeat(4);
//! let temperature = Temperature::fit(&logits, 2, &[0, 0, 0, 1])?;
//! assert!((temperature.probabilities(&logits[..2], 2)?[0] - 0.75).abs() < 1e-9);
//!
//! let (key, text) = temperature.to_entry()?;
//! let checkpoint = Checkpoint::new().with_entry(key, text);
//! assert_eq!(Temperature::from_entries(&checkpoint.metadata)?, temperature);
//! # Ok::<(), bayes_core::calibration::Error>(())
//! ```

mod classifier;
mod error;
mod fitted;
mod quantile;
mod regressor;
#[cfg(test)]
mod splits;
mod temperature;

pub use classifier::{ConformalClassifier, ConformalScore};
pub use error::Error;
pub use fitted::Fitted;
pub use quantile::ConformalQuantile;
pub use regressor::ConformalRegressor;
pub use temperature::Temperature;
