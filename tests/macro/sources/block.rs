//! A forward pass of its own: a pre-activation residual block.

use bayes_core::dfdx::tensor::WithEmptyTape;
use bayes_core::prelude::*;

/// Normalisation and activation in front of each convolution.
#[bayesian(forward, estimator = Reparameterization)]
pub struct Block {
    pub bn1: BatchNorm2D<2>,
    pub conv1: Conv2D<2, 2, 3, 1, 1>,
    #[bayes(moped = 0.1)]
    pub conv2: Conv2D<2, 2, 3, 1, 1>,
}

#[bayesian(forward)]
impl Block {
    /// Adds what two convolutions make of `x`.
    fn forward<E: Dtype, D: Device<E>, B: Dim, H: Dim, W: Dim, T: Tape<E, D>>(
        &self,
        x: Tensor<(B, Const<2>, H, W), E, D, T>,
    ) -> Result<Tensor<(B, Const<2>, H, W), E, D, T>, D::Err> {
        let y = self.bn1.try_forward(x.with_empty_tape())?.try_relu()?;
        let y = self.conv1.try_forward(y)?.try_relu()?;
        x.try_add(self.conv2.try_forward(y)?)
    }
}
