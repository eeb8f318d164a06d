//! The families of posteriors, and where they start.

/// What is believed of the weights after the data: a distribution with mean mu around which this is drawn.
///
/// | family | a draw of the weights | estimators |
/// |---|---|---|
/// | `MeanField` | `mu + sigma∘epsilon`, each weight by itself (Blundell et al. 2015) | all |
/// | `Radial` | `mu + sigma∘epsilon/‖epsilon‖·r`, r one normal number for the tensor (Farquhar et al. 2020) | Reparameterization, Flipout |
/// | `LowRank` | `mu + U·epsilon₁ + sigma∘epsilon₂`, U with `rank` columns over all weights of the tensor | Reparameterization |
///
/// `sigma = softplus(rho) = ln(1 + exp(rho))`; tensors are named `mu`, `rho` and, for `LowRank`, `factor`.
///
/// In high dimensions almost all of a Gaussian lies on a thin shell far from its mean; a radial draw is as far from the
/// mean as one normal number, so that draws near mu are common. Its weights are not Gaussian: the standard deviation of
/// each is `sigma/√n` with n weights in the tensor. A low-rank draw lets weights move together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Family {
    /// Independent Gaussian weights.
    MeanField {
        /// Where rho starts without MOPED.
        rho: Rho,
    },
    /// A direction of which no weight knows the length.
    Radial {
        /// Where rho starts without MOPED.
        rho: Rho,
    },
    /// Independent Gaussian weights and a Gaussian in a few directions.
    LowRank {
        /// Where rho starts without MOPED.
        rho: Rho,
        /// Number of directions, for each tensor of weights.
        rank: usize,
    },
}

/// Where a posterior's rho starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rho {
    /// At this number, whatever the layer: −3 is sigma = 0.0486, −5 is 0.0067.
    Value(f64),
    /// Where sigma is a tenth of `1/√fan_in`, so that noise changes the scale of a layer's outputs by little at any
    /// width.
    FanIn,
}

impl Family {
    /// The largest |rho| that the arithmetic distinguishes: beyond it rho is clamped.
    pub const LIMIT: f64 = 1e4;

    /// Independent Gaussian weights.
    ///
    /// # Panics
    /// In a constant, hence at compile time, where a number for `rho` is not finite or beyond [`LIMIT`](Self::LIMIT).
    #[must_use]
    pub const fn mean_field(rho: Rho) -> Self {
        Self::MeanField { rho: rho.checked() }
    }

    /// Radial weights.
    ///
    /// # Panics
    /// As [`mean_field`](Self::mean_field).
    #[must_use]
    pub const fn radial(rho: Rho) -> Self {
        Self::Radial { rho: rho.checked() }
    }

    /// Gaussian weights with a covariance of this rank beside their variances.
    ///
    /// # Panics
    /// As [`mean_field`](Self::mean_field), and where `rank` is 0.
    #[must_use]
    pub const fn low_rank(rank: usize, rho: Rho) -> Self {
        assert!(
            rank > 0,
            "a low-rank posterior has a rank of at least 1; without one it is MeanField"
        );
        Self::LowRank {
            rho: rho.checked(),
            rank,
        }
    }

    /// Where rho starts without MOPED.
    pub const fn rho(&self) -> Rho {
        match *self {
            Self::MeanField { rho } | Self::Radial { rho } | Self::LowRank { rho, .. } => rho,
        }
    }

    /// Columns of the factor: 0 where there is none.
    pub const fn rank(&self) -> usize {
        match *self {
            Self::MeanField { .. } | Self::Radial { .. } => 0,
            Self::LowRank { rank, .. } => rank,
        }
    }

    /// Whether this is [`Family::Radial`].
    pub const fn is_radial(&self) -> bool {
        matches!(self, Self::Radial { .. })
    }

    /// Whether this is [`Family::MeanField`].
    pub const fn is_mean_field(&self) -> bool {
        matches!(self, Self::MeanField { .. })
    }
}

/// `sigma·√fan_in` at the start, where it goes by the fan-in.
const SIGMA_OF_FAN_IN: f64 = 0.1;

impl Rho {
    const fn checked(self) -> Self {
        if let Self::Value(rho) = self {
            assert!(
                rho.is_finite() && rho.abs() <= Family::LIMIT,
                "rho must be finite and at most 10000 in size"
            );
        }
        self
    }

    /// rho of weights whose outputs sum over `fan_in` inputs.
    pub fn for_fan_in(self, fan_in: usize) -> f64 {
        match self {
            Self::Value(rho) => rho,
            // softplus(rho) = sigma
            Self::FanIn => {
                let sigma = SIGMA_OF_FAN_IN / (fan_in.max(1) as f64).sqrt();
                sigma + (-(-sigma).exp_m1()).ln()
            }
        }
    }
}

/// How the tensors of a posterior start where no pretrained weights are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Init {
    /// mu uniform in `±1/√fan_in`, as dfdx's and PyTorch's layers start; rho where the posterior says.
    #[default]
    FanIn,
    /// As bayesian-torch: `mu ~ N(0, 0.1²)` and `rho ~ N(rho₀, 0.1²)` whatever the fan-in, with rho₀ = −3 where the
    /// posterior names no number. The outputs of wide nets then start large.
    BayesianTorch,
}
