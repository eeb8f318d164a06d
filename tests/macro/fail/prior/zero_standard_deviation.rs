use bayes_core::prelude::*;

#[bayesian(prior = Gaussian(0.0, 0.0))]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
