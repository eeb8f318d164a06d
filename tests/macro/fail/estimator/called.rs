use bayes_core::prelude::*;

#[bayesian(estimator = Flipout())]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
