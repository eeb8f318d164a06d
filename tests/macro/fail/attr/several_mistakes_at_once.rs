use bayes_core::prelude::*;

#[bayesian(
    moped = -0.5,
    estimater = Flipout,
    prior = Gaussian(0.0),
)]
struct Net {
    #[bayes(estimator = Flipuot)]
    fc1: Linear<4, 8>,
    #[bayes]
    fc2: Linear<8, 2>,
}

fn main() {}
