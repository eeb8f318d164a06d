//! The error of calibration.

use crate::metrics::MetricError;

/// Why nothing was fitted, or what was fitted cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Probabilities, labels or numbers that cannot be taken.
    #[error(transparent)]
    Input(#[from] MetricError),
    /// An error rate that is no probability.
    #[error("alpha must be above 0 and below 1, not {found}")]
    Alpha {
        /// What was given.
        found: f64,
    },
    /// A temperature that is not a positive number.
    #[error("a temperature must be finite and above 0, not {found}")]
    Temperature {
        /// What was given.
        found: f64,
    },
    /// No temperature is the best.
    #[error(
        "no temperature is best: these {examples} examples are likeliest in the limit {limit}; fit on more examples, some \
         of which the model gets right and some wrong"
    )]
    NoOptimum {
        /// Number of validation examples.
        examples: usize,
        /// Where they are likeliest.
        limit: &'static str,
    },
    /// A conformal predictor was fitted with scales and is used without, or the other way round.
    #[error(
        "the intervals were fitted {fitted} scales and are asked for {asked}: pass scales to both or to neither"
    )]
    Scales {
        /// `with` or `without`.
        fitted: &'static str,
        /// `with` or `without`.
        asked: &'static str,
    },
    /// A checkpoint without the entry.
    #[error("the checkpoint has no entry `{key}`: fit again, or load one that was saved with it")]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// An entry that cannot be read.
    #[error("the entry `{key}` cannot be read ({source}): fit again")]
    Entry {
        /// The key.
        key: &'static str,
        /// What is wrong.
        source: serde_json::Error,
    },
}
