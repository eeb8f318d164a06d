//! Metrics of classification and regression under uncertainty.
//!
//! | question | metrics |
//! |---|---|
//! | Is it right, and likely? | [`accuracy`], [`nll`], [`expected_nll`], [`brier`], [`brier_decomposition`] |
//! | Is confidence what it says? | [`ece`], [`mce`], [`rmsce`], [`adaptive_ece`], [`ace_equal_width`], [`reliability_diagram`]; for all classes [`classwise_ece`], [`ace`] |
//! | How uncertain, and of which kind? | [`entropy`], [`predictive_uncertainty`], [`mutual_information`], [`variation_ratio`] |
//! | Does uncertainty find strange inputs? | [`auroc`], [`aupr_out`], [`aupr_in`], [`fpr95`] |
//! | Does uncertainty find errors? | [`risk_coverage_curve`], [`aurc`], [`aurc_trapezoid`], [`augrc`], [`e_aurc`], [`avu_counts`], [`avu_curve`], [`auc_avu`] |
//!
//! | of a regression | metrics |
//! |---|---|
//! | Is it near? | [`rmse`], [`mae`] |
//! | Is it likely? | [`nll_mixture`], [`nll_moment_matched`], [`crps_mixture`] |
//! | Are intervals and deviations what they say? | [`GaussianMixture::intervals`], [`coverage`], [`mean_width`], [`quantile_calibration_error`], [`ence`] |
//! | How uncertain, and of which kind? | [`GaussianMixture::moments`], [`GaussianMoments`] |
//!
//! How much of any of them is the luck of the test set tells [`bootstrap`].
//!
//! Conventions that hold for every function here:
//!
//! - Tables are flat, row-major `f64` slices with their dimensions stated: N×C probabilities with
//!   `classes` = C, S×N×C Monte Carlo or ensemble probabilities with an [`McShape`].
//! - `p_s(n, c)` is sample s's probability of class c for example n, and `p̄` its mean over the S
//!   samples. Metrics with `classes` and labels take `p̄` (or the output of a deterministic
//!   network). A regression's draws are a [`GaussianMixture`].
//! - Logarithms are natural, so entropies are in nats, and `0 log 0 = 0` exactly: no epsilon sits
//!   inside a logarithm.
//! - The predicted class is the one of highest probability, the first of them on a tie.
//! - Bins include their upper edge, the first bin 0 too; empty bins are skipped.
//! - In detection the positive examples are those out of distribution, in [`aupr_in`] alone those in
//!   distribution. Tied scores are flagged together. Metrics that rank examples one by one keep tied
//!   examples in the order of the input.
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

mod avu;
mod bins;
mod bootstrap;
mod calibration;
mod classification;
mod classwise;
mod detection;
mod entropy;
mod error;
mod moments;
mod murphy;
mod regression;
mod reliability;
mod rows;
mod scores;
#[cfg(test)]
mod seeded;
mod selective;
mod summary;
mod trapezoid;
mod uncertainty;

pub use avu::{AvuCounts, AvuPoint, DEFAULT_AVU_THRESHOLDS, auc_avu, avu_counts, avu_curve};
pub use bootstrap::{DEFAULT_RESAMPLES, bootstrap};
pub use calibration::{DEFAULT_ECE_BINS, ace_equal_width, adaptive_ece, ece, mce, rmsce};
pub use classification::{accuracy, brier, confidence, correct_predictions, nll};
pub use classwise::{ace, classwise_ece};
pub use detection::{aupr_in, aupr_out, auroc, fpr95};
pub use entropy::{entropy, xlogx};
pub use error::MetricError;
pub use moments::{PredictiveMoments, PredictiveUncertainty};
pub use murphy::{BrierDecomposition, brier_decomposition};
pub use regression::{
    DEFAULT_ENCE_BINS, GaussianMixture, GaussianMoments, GaussianUncertainty, Interval, coverage,
    crps_mixture, ence, mae, mean_width, nll_mixture, nll_moment_matched,
    quantile_calibration_error, rmse,
};
pub use reliability::{ReliabilityBin, reliability_diagram};
pub use selective::{RiskCoveragePoint, augrc, aurc, aurc_trapezoid, e_aurc, risk_coverage_curve};
pub use summary::ClassificationReport;
pub use uncertainty::{
    McShape, expected_entropy, expected_nll, mutual_information, predictive_entropy,
    predictive_uncertainty, variation_ratio,
};

pub(crate) use avu::between;
pub(crate) use entropy::row_entropy;
pub(crate) use regression::{
    Demand, check_all, check_level, finite, non_negative, positive, probability,
};
pub(crate) use rows::{LabelledRows, check_labels, check_shape, check_table, softmax, top_class};

/// How far the sum of one row of probabilities may be from 1.
///
/// Wide enough for a softmax computed in `f32` over thousands of classes, narrow enough to catch
/// logits, unnormalised weights and rows cut at the wrong place.
pub const ROW_SUM_TOLERANCE: f64 = 1e-5;
