//! LeNet-5 (LeCun et al. 1998) for 28×28 images, with ReLUs and maximum pooling.

use crate::models::names::{biases_from_torch, biases_to_torch};
use bayes_core::prelude::*;

/// Two convolutions of 5×5 and three linear layers: 61 706 weights, 10 classes.
#[bayesian(input = (1, 28, 28), prior = Gaussian(0.0, 1.0), estimator = Flipout)]
pub struct LeNet5 {
    /// 6 channels of 28×28.
    pub conv1: (Conv2D<1, 6, 5, 1, 2>, Bias2D<6>),
    /// Non-linearity.
    pub act1: ReLU,
    /// 6 channels of 14×14.
    pub pool1: MaxPool2D<2, 2>,
    /// 16 channels of 10×10.
    pub conv2: (Conv2D<6, 16, 5>, Bias2D<16>),
    /// Non-linearity.
    pub act2: ReLU,
    /// 16 channels of 5×5.
    pub pool2: MaxPool2D<2, 2>,
    /// 400 features.
    pub flatten: Flatten,
    /// 120 features.
    pub fc1: Linear<400, 120>,
    /// Non-linearity.
    pub act3: ReLU,
    /// 84 features.
    pub fc2: Linear<120, 84>,
    /// Non-linearity.
    pub act4: ReLU,
    /// 10 logits.
    pub fc3: Linear<84, 10>,
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
