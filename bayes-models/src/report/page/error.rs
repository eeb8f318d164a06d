//! Why a report was not made.

use bayes_core::metrics::MetricError;
use std::io;
use std::path::PathBuf;

/// Why a report was not made or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A model's probabilities or labels do not go together or are none.
    #[error("model `{model}`: {source}")]
    Metric {
        /// Which model.
        model: String,
        /// What the metric says.
        source: MetricError,
    },
    /// A list has another length than what it goes with.
    #[error("{what}: expected {expected} values, found {found}; pass lists that belong together")]
    Length {
        /// Which list, and of what.
        what: String,
        /// The length that the rest implies.
        expected: usize,
        /// Its length.
        found: usize,
    },
    /// A number that has no place in a plot.
    #[error("{what}, position {position}: expected {expected}, found {found}; did a run diverge?")]
    Value {
        /// Which list, and of what.
        what: String,
        /// Index into it.
        position: usize,
        /// What the number should be.
        expected: &'static str,
        /// The number.
        found: f64,
    },
    /// A plot was not drawn.
    #[error("expected a plot, found: {0}")]
    Plot(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The operating system refused.
    #[error("cannot {action} `{path}`: {source}; check the path, its rights and the free space")]
    Write {
        /// What was tried.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}
