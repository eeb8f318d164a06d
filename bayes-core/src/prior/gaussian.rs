//! The Gaussian prior.

use super::{LN_SQRT_2PI, Mean, Prior, number};
use dfdx::prelude::{Device, Dtype, Rank0, Shape, SumTo, Tape, Tensor, TryAdd, TryDiv, TryMul};
use dfdx::shapes::HasShape;
use std::fmt;

/// `p(w) = N(mean, std²)` for each weight, independently.
///
/// With MOPED the mean is a saved copy of the pretrained weights, and [`mean`](Gaussian::mean) is not used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaussian {
    /// Mean of each weight.
    pub mean: f64,
    /// Standard deviation of each weight (not its variance).
    pub std: Std,
}

/// The standard deviation of a prior.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Std {
    /// The same number for every layer.
    Value(f64),
    /// `1/√fan_in` of each layer: the prior's pre-activations keep their scale at any width (Neal 1996).
    FanIn,
    /// A number for each tensor of weights that is trained with the posterior.
    Learned(Learned),
}

/// A standard deviation that is trained: `std = floor + exp(s)` with s a parameter of each tensor, saved as
/// `prior_log_std`.
///
/// Where the posterior does not move, the KL is least at `std = √(mean(sigma² + (mu − m)²))`. With MOPED the distances
/// `mu − m` begin at 0 and that number is little more than sigma's: a learned prior then shrinks with sigma, and both
/// towards 0. The floor stops that; without MOPED there is no need of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Learned {
    /// Where it starts.
    pub start: f64,
    /// What it never falls below.
    pub floor: f64,
}

impl Learned {
    /// A standard deviation that is trained from `start` and stays above `floor`.
    ///
    /// # Panics
    /// In a constant, hence at compile time, where `floor` is negative or `start` not above it.
    #[must_use]
    pub const fn new(start: f64, floor: f64) -> Self {
        assert!(
            floor >= 0.0 && start > floor && start.is_finite(),
            "a learned std starts at a finite number above its floor, which is at least 0"
        );
        Self { start, floor }
    }
}

impl Gaussian {
    /// A prior with the given mean and standard deviation.
    ///
    /// # Panics
    /// In a constant, hence at compile time, where `mean` is not finite or a number for `std` is not positive.
    #[must_use]
    pub const fn new(mean: f64, std: Std) -> Self {
        assert!(mean.is_finite(), "a prior's mean must be finite");
        if let Std::Value(std) = std {
            assert!(
                std > 0.0 && std.is_finite(),
                "a prior's std must be positive and finite"
            );
        }
        Self { mean, std }
    }

    /// The standard deviation for a tensor whose outputs sum over `fan_in` inputs; of a learned one, where it starts.
    pub fn std_for(&self, fan_in: usize) -> f64 {
        match self.std {
            Std::Value(std) | Std::Learned(Learned { start: std, .. }) => std,
            Std::FanIn => 1.0 / (fan_in.max(1) as f64).sqrt(),
        }
    }

    /// How the standard deviation is learned, where it is.
    pub const fn learned(&self) -> Option<Learned> {
        match self.std {
            Std::Learned(learned) => Some(learned),
            Std::Value(_) | Std::FanIn => None,
        }
    }
}

impl Prior for Gaussian {
    fn mean(&self) -> f64 {
        self.mean
    }

    fn for_fan_in(self, fan_in: usize) -> Self {
        match self.std {
            Std::FanIn => Self {
                std: Std::Value(self.std_for(fan_in)),
                ..self
            },
            Std::Value(_) | Std::Learned(_) => self,
        }
    }

    fn log_prob<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
        &self,
        distance: Tensor<S, E, D, T>,
    ) -> Result<Tensor<S, E, D, T>, D::Err> {
        let std = self.std_for(1);
        let z = distance.try_div(number::<E>(std))?.try_square()?;
        z.try_mul(number::<E>(-0.5))?
            .try_add(number::<E>(-std.ln() - LN_SQRT_2PI))
    }

    fn cross_entropy<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
        &self,
        distance: Tensor<S, E, D, T>,
        std: Tensor<S, E, D, T>,
    ) -> Option<Result<Tensor<Rank0, E, D, T>, D::Err>> {
        let prior = self.std_for(1);
        let sum = |distance: Tensor<S, E, D, T>, std: Tensor<S, E, D, T>| {
            let constant = (prior.ln() + LN_SQRT_2PI) * distance.shape().num_elements() as f64;
            let scaled = |x: Tensor<S, E, D, T>| x.try_div(number::<E>(prior))?.try_square();
            let squares = scaled(distance)?.try_add(scaled(std)?)?;
            let sum: Tensor<Rank0, E, D, T> = squares.try_sum::<Rank0, S::AllAxes>()?;
            sum.try_mul(number::<E>(0.5))?
                .try_add(number::<E>(constant))
        };
        Some(sum(distance, std))
    }

    fn text(&self, mean: Mean) -> String {
        let std = self.std;
        match mean {
            Mean::Value => format!("Gaussian(mean {}, std {std})", self.mean),
            Mean::Tensor => format!("Gaussian(mean prior_mean, std {std})"),
        }
    }

    fn as_gaussian(&self) -> Option<Gaussian> {
        Some(*self)
    }
}

impl fmt::Display for Std {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(std) => write!(f, "{std}"),
            Self::FanIn => f.write_str("1/sqrt(fan-in)"),
            Self::Learned(Learned { start, floor }) => {
                write!(f, "learned from {start}, floor {floor}")
            }
        }
    }
}

impl fmt::Display for Gaussian {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gaussian(mean {}, std {})", self.mean, self.std)
    }
}
