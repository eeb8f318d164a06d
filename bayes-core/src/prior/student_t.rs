//! The Student t prior.

use super::{Mean, Prior, number};
use dfdx::prelude::{Device, Dtype, Shape, Tape, Tensor, TryAdd, TryDiv, TryMul};

/// `p(w) ∝ (1 + w²/(dof·scale²))^(−(dof + 1)/2)` for each weight, independently: a Gaussian whose variance is uncertain.
///
/// The smaller `dof`, the heavier the tails: 1 is the Cauchy distribution, and many are the Gaussian. Trained weights
/// of dense layers look like it (Fortuin et al. 2022). Its KL has no closed form and is sampled from the draw's
/// weights, by [`kl_in`](crate::kl::kl_in).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StudentT {
    /// Degrees of freedom.
    pub dof: f64,
    /// Scale: the standard deviation is `scale·√(dof/(dof − 2))` where dof is above 2.
    pub scale: f64,
}

impl StudentT {
    /// A prior around 0.
    ///
    /// # Panics
    /// In a constant, hence at compile time, where a number is not positive and finite.
    #[must_use]
    pub const fn new(dof: f64, scale: f64) -> Self {
        assert!(
            dof > 0.0 && dof.is_finite(),
            "a prior's degrees of freedom must be positive and finite"
        );
        assert!(
            scale > 0.0 && scale.is_finite(),
            "a prior's scale must be positive and finite"
        );
        Self { dof, scale }
    }
}

impl Prior for StudentT {
    fn log_prob<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
        &self,
        distance: Tensor<S, E, D, T>,
    ) -> Result<Tensor<S, E, D, T>, D::Err> {
        let Self { dof, scale } = *self;
        let height = libm::lgamma((dof + 1.0) / 2.0)
            - libm::lgamma(dof / 2.0)
            - (dof * std::f64::consts::PI).ln() / 2.0
            - scale.ln();
        let z = distance.try_div(number::<E>(scale * dof.sqrt()))?;
        let tail = z.try_square()?.try_add(number::<E>(1.0))?.try_ln()?;
        tail.try_mul(number::<E>(-(dof + 1.0) / 2.0))?
            .try_add(number::<E>(height))
    }

    fn text(&self, mean: Mean) -> String {
        let Self { dof, scale } = self;
        let mean = match mean {
            Mean::Value => "0",
            Mean::Tensor => "prior_mean",
        };
        format!("StudentT(mean {mean}, dof {dof}, scale {scale})")
    }
}
