use bayes_core::prelude::*;

#[bayesian(estimator = Flipuot)]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
