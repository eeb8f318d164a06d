//! The simple CNN of bayesian-torch for 28×28 images.

use crate::models::names::{biases_from_torch, biases_to_torch};
use bayes_core::prelude::*;

/// Two convolutions of 3×3, dropout and two linear layers: 1 199 882 weights, 10 classes.
///
/// Prior and posterior are those of bayesian-torch with reparameterization, `N(0, 1)` and rho = −3.
#[bayesian(
    input = (1, 28, 28),
    prior = Gaussian(0.0, 1.0),
    posterior = MeanField(rho = -3.0),
    estimator = Flipout
)]
pub struct Scnn {
    /// 32 channels of 26×26.
    pub conv1: (Conv2D<1, 32, 3>, Bias2D<32>),
    /// Non-linearity.
    pub act1: ReLU,
    /// 64 channels of 24×24.
    pub conv2: (Conv2D<32, 64, 3>, Bias2D<64>),
    /// Non-linearity.
    pub act2: ReLU,
    /// 64 channels of 12×12.
    pub pool: MaxPool2D<2, 2>,
    /// A quarter is dropped in training.
    pub dropout1: DropoutOneIn<4>,
    /// 9216 features.
    pub flatten: Flatten,
    /// 128 features.
    pub fc1: Linear<9216, 128>,
    /// Non-linearity.
    pub act3: ReLU,
    /// Half is dropped in training.
    pub dropout2: DropoutOneIn<2>,
    /// 10 logits.
    pub fc2: Linear<128, 10>,
}

/// The layers that are a convolution and its bias.
const CONVOLUTIONS: [&str; 2] = ["conv1", "conv2"];

/// Our name of a tensor that the same net in PyTorch names `name`; a twin's `conv1.weight.mu` likewise.
pub fn from_torch(name: &str) -> String {
    biases_from_torch(&CONVOLUTIONS, name)
}

/// The name in PyTorch of our tensor `name`.
pub fn to_torch(name: &str) -> String {
    biases_to_torch(&CONVOLUTIONS, name)
}
