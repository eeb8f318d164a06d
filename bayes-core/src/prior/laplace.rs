//! The Laplace prior.

use super::{Mean, Prior, number};
use crate::device::composed::{bell, distribution_of_size, moved};
use dfdx::prelude::{
    Device, Dtype, Rank0, Shape, SumTo, Tape, Tensor, TryAdd, TryDiv, TryMul, TrySub,
};
use dfdx::shapes::HasShape;
use dfdx::tensor::{PutTape, SplitTape};

/// `p(w) = exp(−|w − mean|/scale)/(2·scale)` for each weight, independently; its standard deviation is `√2·scale`.
///
/// Most weights near the mean, some far from it: its mode is the L1-regularised solution (Williams 1995).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Laplace {
    /// Mean of each weight.
    pub mean: f64,
    /// Mean absolute distance from it.
    pub scale: f64,
}

impl Laplace {
    /// A prior with the given mean and scale.
    ///
    /// # Panics
    /// In a constant, hence at compile time, where `mean` is not finite or `scale` not positive.
    #[must_use]
    pub const fn new(mean: f64, scale: f64) -> Self {
        assert!(mean.is_finite(), "a prior's mean must be finite");
        assert!(
            scale > 0.0 && scale.is_finite(),
            "a prior's scale must be positive and finite"
        );
        Self { mean, scale }
    }
}

/// Below this, a standard deviation counts as so much: it divides.
const LEAST_STD: f64 = 1e-15;

/// At so many standard deviations the sign of a normal number is known to the last digit.
const CERTAIN: f64 = 12.0;

impl Prior for Laplace {
    fn mean(&self) -> f64 {
        self.mean
    }

    fn log_prob<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
        &self,
        distance: Tensor<S, E, D, T>,
    ) -> Result<Tensor<S, E, D, T>, D::Err> {
        let z = distance.try_abs()?.try_div(number::<E>(-self.scale))?;
        z.try_sub(number::<E>((2.0 * self.scale).ln()))
    }

    /// `ln(2·scale) + E|x|/scale` per weight, with the closed form of `E|x|` for a normal number x.
    fn cross_entropy<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
        &self,
        distance: Tensor<S, E, D, T>,
        std: Tensor<S, E, D, T>,
    ) -> Option<Result<Tensor<Rank0, E, D, T>, D::Err>> {
        let constant = (2.0 * self.scale).ln() * distance.shape().num_elements() as f64;
        let sum = |sizes: Tensor<S, E, D, T>| {
            let sum: Tensor<Rank0, E, D, T> = sizes.try_sum::<Rank0, S::AllAxes>()?;
            sum.try_div(number::<E>(self.scale))?
                .try_add(number::<E>(constant))
        };
        Some(mean_size(distance, std).and_then(sum))
    }

    fn text(&self, mean: Mean) -> String {
        match mean {
            Mean::Value => format!("Laplace(mean {}, scale {})", self.mean, self.scale),
            Mean::Tensor => format!("Laplace(mean prior_mean, scale {})", self.scale),
        }
    }
}

/// `E|x|` of normal numbers x with mean d and standard deviation s: with `z = |d|/s`,
/// `|d| + s·(√(2/π)·exp(−z²/2) − 2z·(1 − Φ(z)))`, whose slopes are `2Φ(z) − 1` in |d| and `√(2/π)·exp(−z²/2)` in s.
///
/// Value and slopes are constants, and what is on the tape is [`moved`]: Φ has no gradient of its own.
fn mean_size<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    distance: Tensor<S, E, D, T>,
    std: Tensor<S, E, D, T>,
) -> Result<Tensor<S, E, D, T>, D::Err> {
    let (far, of_far) = distance.try_abs()?.split_tape();
    let (std, of_std) = std.split_tape();
    let least = std.clone().try_clamp(LEAST_STD, f64::from(f32::MAX))?;
    let z = far.clone().try_div(least)?.try_clamp(0.0, CERTAIN)?;
    let bell = bell(&z)?.try_mul(number::<E>(std::f64::consts::FRAC_2_PI.sqrt()))?;
    // 2Φ(z) − 1: how much surer the sign is than a coin's side.
    let sign = distribution_of_size(&z)?.try_mul(number::<E>(2.0))?;
    let sign = sign.try_sub(number::<E>(1.0))?;
    let tail = z.clone().try_mul(sign.clone())?.try_sub(z)?;
    let around = bell.clone().try_add(tail)?.try_mul(std.clone())?;
    let value = far.clone().try_add(around)?;
    let far = moved(far.put_tape(of_far))?.try_mul(sign)?;
    let std = moved(std.put_tape(of_std))?.try_mul(bell)?;
    far.try_add(std)?.try_add(value)
}
