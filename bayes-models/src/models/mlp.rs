//! Multilayer perceptrons: for classes, and for one number with its variance.

use bayes_core::prelude::*;

/// Three linear layers with ReLUs between them, from `I` features to `O` numbers.
///
/// Tensors have the names `fc1.weight`, `fc1.bias`, … of the same net in PyTorch.
///
/// ```
/// use bayes_core::prelude::*;
/// use bayes_models::models::mlp::MlpNetMember;
///
/// assert_eq!(MlpNetMember::Mlp.parameters(), 784 * 128 + 128 + 128 * 128 + 128 + 128 * 10 + 10);
/// ```
#[bayesian(
    prior = Gaussian(0.0, 1.0),
    estimator = Flipout,
    members(
        /// 10 classes of 28×28 images: MNIST and its kin.
        Mlp = <784, 128, 10>,
        /// 10 classes of 8×8 images: the digits of this crate.
        MlpDigits = <64, 128, 10>,
        /// The mean and the logarithm of the variance of one number, from up to 16 features.
        MlpRegression = <16, 64, 2>,
    ),
    export
)]
pub struct MlpNet<const I: usize, const H: usize, const O: usize> {
    /// `H` features.
    pub fc1: Linear<I, H>,
    /// Non-linearity.
    pub act1: ReLU,
    /// `H` features.
    pub fc2: Linear<H, H>,
    /// Non-linearity.
    pub act2: ReLU,
    /// `O` numbers.
    pub fc3: Linear<H, O>,
}

/// Our name of a tensor that the same net in PyTorch names `name`: the same.
pub fn from_torch(name: &str) -> String {
    name.to_owned()
}

/// The name in PyTorch of our tensor `name`: the same.
pub fn to_torch(name: &str) -> String {
    name.to_owned()
}
