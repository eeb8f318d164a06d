//! Parameter passes of a mean-field Gaussian posterior N(mu, sigma²) with sigma = softplus(rho).
//!
//! Every pass goes over the parameters once and is bit-for-bit the same on every instruction set.
//! `rho` is clamped to ±1e4 (see [`super::real::SOFTPLUS_LIMIT`]); its gradient is the slope at the
//! clamped value. `mu` is not clamped: nothing overflows before its square leaves the range of f64.

mod kl;
mod moped;
mod sample;
mod softplus;

pub use self::kl::{
    GaussianPrior, PriorMean, kl, kl_gradients, kl_gradients_on, kl_on, kl_with_slope,
    kl_with_slope_on,
};
pub use self::moped::moped_rho;
pub use self::sample::{
    delta, delta_backward, delta_backward_on, delta_on, sample, sample_backward,
    sample_backward_on, sample_on, spread, spread_on, variance, variance_backward,
    variance_backward_on, variance_on,
};

/// Parameters in one unit of parallel work and of summation.
const CHUNK: usize = 8192;

/// Floating-point operations of a product that take as long as a pass over one parameter, roughly, to judge whether it is worth
/// sharing.
const OPERATIONS: usize = 128;
