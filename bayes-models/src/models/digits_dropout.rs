//! The classifier of 8×8 digits with dropout.

use bayes_core::prelude::*;

/// [`DigitsNet`](super::digits::DigitsNet) with dropout behind the pooling and before the last layer, as in the usual net for
/// MNIST: for Monte Carlo dropout (Gal and Ghahramani 2016). Tensors have the same names.
///
/// ```
/// use bayes_core::prelude::*;
/// use bayes_models::models::digits_dropout::DigitsDropoutNet;
///
/// let net = Cpu::seed_from_u64(0).build_module::<DigitsDropoutNet, f32>();
/// let x: Tensor<(usize, Const<1>, Const<8>, Const<8>), f32, _> = Cpu::default().zeros_like(&(2, Const, Const, Const));
/// let seen = predict(&net, x, 8, 7).mc_dropout().classify()?;
/// assert!(seen.mutual_information[0] > 0.0);
/// # Ok::<(), Error>(())
/// ```
#[bayesian(input = (1, 8, 8), prior = Gaussian(0.0, 0.2), estimator = Flipout, moped = 1.0)]
pub struct DigitsDropoutNet {
    /// 16 channels of 8×8.
    pub conv1: (Conv2D<1, 16, 3, 1, 1>, Bias2D<16>),
    /// Non-linearity.
    pub act1: ReLU,
    /// 32 channels of 8×8.
    pub conv2: (Conv2D<16, 32, 3, 1, 1>, Bias2D<32>),
    /// Non-linearity.
    pub act2: ReLU,
    /// 32 channels of 4×4.
    pub pool: MaxPool2D<2, 2>,
    /// A quarter is dropped.
    pub dropout1: DropoutOneIn<4>,
    /// 512 features.
    pub flatten: Flatten,
    /// 64 features.
    pub fc1: Linear<512, 64>,
    /// Non-linearity.
    pub act3: ReLU,
    /// Half is dropped.
    pub dropout2: DropoutOneIn<2>,
    /// 10 logits.
    pub fc2: Linear<64, 10>,
}
