//! A recurrent forecaster: the next value of a series and how sure it is.

use bayes_core::prelude::*;

/// An LSTM with 32 units over the last values of a series and a linear layer: the mean and the logarithm of the variance
/// of the next value. 4 546 weights; any number of steps.
///
/// Tensors have PyTorch's names, `lstm.weight_ih_l0` to `head.bias`. A twin draws its weights once for a whole sequence.
#[bayesian(prior = Gaussian(0.0, 1.0), estimator = Flipout)]
pub struct LstmForecaster {
    /// 32 features for each step.
    pub lstm: LSTM<1, 32>,
    /// Those of the last step.
    pub last: LastOutput,
    /// Mean and log variance.
    pub head: Linear<32, 2>,
}

/// Our name of a tensor that the same net in PyTorch names `name`: the same.
pub fn from_torch(name: &str) -> String {
    name.to_owned()
}

/// The name in PyTorch of our tensor `name`: the same.
pub fn to_torch(name: &str) -> String {
    name.to_owned()
}
