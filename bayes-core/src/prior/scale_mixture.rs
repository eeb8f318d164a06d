//! The scale mixture of two Gaussians.

use super::{LN_SQRT_2PI, Mean, Prior, number};
use dfdx::prelude::{Device, Dtype, Shape, Tape, Tensor, TryAdd, TryDiv, TryMul, TrySub};

/// `p(w) = pi·N(w; 0, std1²) + (1 − pi)·N(w; 0, std2²)` for each weight, independently (Blundell et al. 2015).
///
/// With a small `std2` most weights are held near 0, and `std1` lets some be large. Its KL has no closed form and is
/// sampled from the draw's weights, by [`kl_in`](crate::kl::kl_in).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleMixture {
    /// Share of the first part.
    pub pi: f64,
    /// Standard deviation of the first part.
    pub std1: f64,
    /// Standard deviation of the second part.
    pub std2: f64,
}

impl ScaleMixture {
    /// A mixture of two Gaussians around 0.
    ///
    /// # Panics
    /// In a constant, hence at compile time, where `pi` is not between 0 and 1 or a standard deviation is not positive.
    #[must_use]
    pub const fn new(pi: f64, std1: f64, std2: f64) -> Self {
        assert!(
            pi > 0.0 && pi < 1.0,
            "the share of a mixture's first part must be between 0 and 1"
        );
        assert!(
            std1 > 0.0 && std1.is_finite() && std2 > 0.0 && std2.is_finite(),
            "a prior's std must be positive and finite"
        );
        Self { pi, std1, std2 }
    }
}

impl Prior for ScaleMixture {
    /// With a and b the logarithms of the two parts: `b + ln(1 + e^(a − b))`, taken from the larger of them.
    fn log_prob<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
        &self,
        distance: Tensor<S, E, D, T>,
    ) -> Result<Tensor<S, E, D, T>, D::Err> {
        let part = |share: f64, std: f64| -> Result<Tensor<S, E, D, T>, D::Err> {
            let z = distance.retaped::<T>().try_div(number::<E>(std))?;
            let height = share.ln() - std.ln() - LN_SQRT_2PI;
            z.try_square()?
                .try_mul(number::<E>(-0.5))?
                .try_add(number::<E>(height))
        };
        let (a, b) = (part(self.pi, self.std1)?, part(1.0 - self.pi, self.std2)?);
        let larger = a.retaped::<T>().try_maximum(b.retaped::<T>())?;
        let apart = a.try_sub(b)?.try_abs()?.try_negate()?;
        let more = apart.try_exp()?.try_add(number::<E>(1.0))?.try_ln()?;
        // The distance's own history comes in once, by a sum that adds nothing.
        let nothing = distance.try_mul(number::<E>(0.0))?;
        larger.try_add(more)?.try_add(nothing)
    }

    fn text(&self, mean: Mean) -> String {
        let Self { pi, std1, std2 } = self;
        let mean = match mean {
            Mean::Value => "0",
            Mean::Tensor => "prior_mean",
        };
        format!("ScaleMixture(mean {mean}, pi {pi}, std {std1} and {std2})")
    }
}
