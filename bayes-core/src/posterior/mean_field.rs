//! The mean-field Gaussian posterior.

/// `q(w) = N(mu, sigma²)` for each weight independently, with `sigma = softplus(rho) = ln(1 + exp(rho))`
/// (Blundell et al. 2015). This says where it starts; the tensors are in [`Variational`](super::Variational).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanField {
    /// rho of each weight at the start: −3 is sigma = 0.0486, −5 is 0.0067.
    pub rho: f64,
}

impl MeanField {
    /// The largest |rho| that the arithmetic distinguishes: beyond it rho is clamped.
    pub const LIMIT: f64 = 1e4;

    /// A posterior that starts at `rho`.
    ///
    /// # Panics
    /// In a constant, hence at compile time, where `rho` is not finite or beyond [`LIMIT`](Self::LIMIT).
    #[must_use]
    pub const fn new(rho: f64) -> Self {
        assert!(
            rho.is_finite() && rho.abs() <= Self::LIMIT,
            "rho must be finite and at most 10000 in size"
        );
        Self { rho }
    }
}
