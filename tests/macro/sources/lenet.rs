//! An image classifier: windows, batch normalisation, dropout, tuples of layers.

use bayes_core::prelude::*;

#[bayesian(input = (1, 8, 8), estimator = Reparameterization, moped = 0.2)]
pub struct LeNet {
    pub conv1: (Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>),
    pub act1: ReLU,
    pub pool1: MaxPool2D<2, 2>,
    pub flatten: Flatten,
    pub drop: DropoutOneIn<4>,
    pub fc1: Linear<64, 3>,
}
