use bayes_core::prelude::*;

#[bayesian(posterior = Radial(rho = -3.0))]
struct Net {
    fc1: Linear<4, 4>,
    #[bayes(estimator = LocalReparameterization)]
    fc2: Linear<4, 2>,
}

fn main() {}
