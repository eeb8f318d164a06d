//! Metrics of classification under uncertainty: accuracy, likelihood, calibration, entropies and
//! detection.
//!
//! Conventions that hold for every function here:
//!
//! - Tables are flat, row-major `f64` slices with their dimensions stated: N×C probabilities with
//!   `classes` = C, S×N×C Monte Carlo or ensemble probabilities with an [`McShape`].
//! - `p_s(n, c)` is sample s's probability of class c for example n, and `p̄` its mean over the S
//!   samples. [`accuracy`], [`nll`], [`brier`] and [`ece`] take `p̄` (or the output of a
//!   deterministic network).
//! - Logarithms are natural, so entropies are in nats, and `0 log 0 = 0` exactly: no epsilon sits
//!   inside a logarithm.
//! - The predicted class is the one of highest probability, the first of them on a tie.
//! - Every input is checked first and a bad one is a [`MetricError`]. Rows must sum to 1 within
//!   [`ROW_SUM_TOLERANCE`]. They are not renormalised, so a stated range holds up to that
//!   tolerance.
//!
//! ```
//! use bayes_core::metrics::{McShape, accuracy, mutual_information, nll, predictive_uncertainty};
//!
//! // Two samples, two examples, two classes: the samples agree on the first example only.
//! let mc = [0.9, 0.1, /**/ 1.0, 0.0, /* second sample */ 0.9, 0.1, /**/ 0.0, 1.0];
//! let shape = McShape { samples: 2, examples: 2, classes: 2 };
//!
//! let mean = predictive_uncertainty(&mc, shape)?.mean_probabilities;
//! assert_eq!(accuracy(&mean, 2, &[0, 0])?, 1.0);
//! assert!((nll(&mean, 2, &[0, 0])? + (0.9_f64.ln() + 0.5_f64.ln()) / 2.0).abs() < 1e-12);
//!
//! let mi = mutual_information(&mc, shape)?;
//! assert!(mi[0] < 1e-12 && (mi[1] - 2.0_f64.ln()).abs() < 1e-12);
//! # Ok::<(), bayes_core::metrics::MetricError>(())
//! ```

mod calibration;
mod classification;
mod detection;
mod entropy;
mod error;
mod moments;
mod rows;
mod summary;
mod uncertainty;

pub use calibration::{DEFAULT_ECE_BINS, ece};
pub use classification::{accuracy, brier, nll};
pub use detection::auroc;
pub use entropy::{entropy, xlogx};
pub use error::MetricError;
pub use moments::{PredictiveMoments, PredictiveUncertainty};
pub use summary::ClassificationReport;
pub use uncertainty::{
    McShape, expected_entropy, mutual_information, predictive_entropy, predictive_uncertainty,
};

/// How far the sum of one row of probabilities may be from 1.
///
/// Wide enough for a softmax computed in `f32` over thousands of classes, narrow enough to catch
/// logits, unnormalised weights and rows cut at the wrong place.
pub const ROW_SUM_TOLERANCE: f64 = 1e-5;
