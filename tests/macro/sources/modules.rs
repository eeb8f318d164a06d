//! Module form: layers on a device, dfdx's own among them.

use bayes_core::prelude::*;

#[bayesian(input = (4), prior = Laplace(0.0, 0.5))]
#[derive(Clone, Debug)]
pub struct Modules<E: Dtype, D: Device<E>, const H: usize> {
    pub fc1: modules::Linear<4, H, E, D>,
    pub act: Tanh,
    #[bayes(estimator = Reparameterization)]
    pub fc2: modules::Linear<H, 3, E, D>,
}
