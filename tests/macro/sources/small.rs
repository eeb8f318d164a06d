//! Three fields in spec form: keys on the struct and on a field, and a field that is skipped.

use bayes_core::prelude::*;

/// A classifier of four measurements.
#[bayesian(input = (4), prior = Gaussian(0.0, 1.0), estimator = Flipout, moped = 0.5)]
pub struct Small {
    /// Features.
    #[bayes(prior = Gaussian(0.0, FanIn), estimator = LocalReparameterization)]
    pub fc1: Linear<4, 8>,
    pub act: ReLU,
    #[bayes(skip)]
    pub fc2: Linear<8, 3>,
}
