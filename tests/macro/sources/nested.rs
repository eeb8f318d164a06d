//! A struct in a struct, and a container of them.

use bayes_core::prelude::*;

/// States its estimator, and takes the rest from where it stands.
#[bayesian(estimator = Reparameterization)]
pub struct Layer {
    pub fc: Linear<6, 6>,
    pub act: ReLU,
}

#[bayesian(prior = Gaussian(0.0, 0.5), moped = 0.3)]
pub struct Nested {
    pub stem: Linear<4, 6>,
    pub layers: Repeated<Layer, 2>,
    #[bayes(skip)]
    pub head: Linear<6, 3>,
}
