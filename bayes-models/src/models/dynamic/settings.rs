//! What calls of a model are told, and what they tell.

use bayes_core::estimator::EstimatorKind;
use bayes_core::prelude::Key;
use std::fmt;

/// How a prediction draws.
///
/// ```
/// use bayes_models::models::Drawing;
///
/// let sure = Drawing { samples: 100, seed: 7, ..Drawing::default() };
/// assert_eq!(sure.estimator, None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// Number of draws; those of a plain model are all the same, unless dropout drops.
    pub samples: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// The estimator, where it is not the model's own.
    pub estimator: Option<EstimatorKind>,
    /// Whether dropout drops, so that each draw is a subnetwork (Gal and Ghahramani 2016).
    pub mc_dropout: bool,
    /// Which example of a larger batch the first row is: its noise is that of the larger batch.
    pub first_example: usize,
}

impl Default for Drawing {
    /// 20 draws with seed 0 by the model's estimator.
    fn default() -> Self {
        Self {
            samples: 20,
            seed: 0,
            estimator: None,
            mc_dropout: false,
            first_example: 0,
        }
    }
}

/// One pass of training: which draw, and what is added to its loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The draw of the weights, and of dropout.
    pub key: Key,
    /// The estimator, where it is not the model's own.
    pub estimator: Option<EstimatorKind>,
    /// What the KL is multiplied with: beta/n for n training examples. A plain model has none.
    pub kl_weight: f64,
    /// What the sum of both is multiplied with: 1/S where the gradients of S draws are taken before an update.
    pub scale: f64,
}

impl Step {
    /// The pass of step `step` of a run: draw `step` of `seed`, with the KL weighed by `kl_weight`.
    pub fn new(seed: u64, step: u64, kl_weight: f64) -> Self {
        Self {
            key: Key::new(seed, step),
            estimator: None,
            kl_weight,
            scale: 1.0,
        }
    }
}

/// What a pass of training found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepLoss {
    /// What the loss function gave: the mean over the examples.
    pub data: f64,
    /// KL(posterior ‖ prior) of all weights, in nats; 0 of a plain model, and where its weight is 0.
    pub kl: f64,
    /// `scale·(data + kl_weight·kl)`: what the gradients are of.
    pub total: f64,
}

/// Where a twin starts.
///
/// Its means are the plain model's weights. With MOPED sigma is delta·|w| and the prior's mean is w (Krishnan et al.
/// 2020), else both are as the model's attribute says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Start {
    /// MOPED's delta.
    pub moped: Option<f64>,
    /// rho of all weights, sigma = ln(1 + e^rho), where it is neither MOPED's nor the model's own.
    pub rho: Option<f64>,
}

/// One of a model's three forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// One number for each weight.
    Plain,
    /// A posterior for each weight.
    Bayesian,
    /// A posterior in 8-bit integers.
    Int8,
}

impl Form {
    /// The form as a word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Bayesian => "bayesian",
            Self::Int8 => "int8",
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A tensor of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// Dotted name.
    pub name: String,
    /// Sizes.
    pub shape: Vec<usize>,
    /// Whether training moves it.
    pub trained: bool,
}
