use bayes_core::prelude::*;

#[bayesian(prior = Gaussian(0.0, Learned(1.0, 0.1)))]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
