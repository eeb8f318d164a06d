//! Two models that several properties are tested on.

use bayes_core::prelude::*;

/// A perceptron whose widths are no multiple of any vector's or block's.
#[bayesian]
pub struct Dense {
    pub fc1: Linear<20, 37>,
    pub act: ReLU,
    pub fc2: Linear<37, 5>,
}

/// A convolutional net with every kind of layer that prediction runs.
#[bayesian(input = (2, 10, 9))]
pub struct Images {
    pub conv: (Conv2D<2, 6, 3, 1, 1>, Bias2D<6>),
    pub norm: BatchNorm2D<6>,
    pub act1: ReLU,
    pub pool: MaxPool2D<2, 2>,
    pub block: Residual<(Conv2D<6, 6, 3, 1, 1, 1, 2>, Tanh)>,
    pub drop: Dropout,
    pub flatten: Flatten,
    #[bayes(estimator = LocalReparameterization)]
    pub fc1: Linear<120, 11>,
    pub more: Repeated<(Sigmoid, Linear<11, 11>), 2>,
    pub fc2: Linear<11, 4>,
}
