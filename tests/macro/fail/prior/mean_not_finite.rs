use bayes_core::prelude::*;

#[bayesian(prior = Gaussian(f64::NAN, 1.0))]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
