//! Metrics of regression, where each draw predicts a Gaussian and all draws together a mixture of them.

mod calibration;
mod checked;
mod crps;
mod intervals;
mod likelihood;
mod mixture;
mod moments;
mod normal;
mod point;
#[cfg(test)]
mod seeded;

pub use calibration::{DEFAULT_ENCE_BINS, ence, quantile_calibration_error};
pub use crps::crps_mixture;
pub use intervals::{Interval, coverage, mean_width};
pub use likelihood::{nll_mixture, nll_moment_matched};
pub use mixture::GaussianMixture;
pub use moments::{GaussianMoments, GaussianUncertainty};
pub use point::{mae, rmse};

pub(crate) use checked::{
    Demand, check_all, check_level, finite, non_negative, positive, probability,
};
