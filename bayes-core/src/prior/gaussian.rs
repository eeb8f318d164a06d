//! The Gaussian prior.

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

    /// The standard deviation for a tensor whose outputs sum over `fan_in` inputs.
    pub fn std_for(&self, fan_in: usize) -> f64 {
        match self.std {
            Std::Value(std) => std,
            Std::FanIn => 1.0 / (fan_in.max(1) as f64).sqrt(),
        }
    }
}

impl fmt::Display for Gaussian {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.std {
            Std::Value(std) => write!(f, "Gaussian(mean {}, std {std})", self.mean),
            Std::FanIn => write!(f, "Gaussian(mean {}, std 1/sqrt(fan-in))", self.mean),
        }
    }
}
