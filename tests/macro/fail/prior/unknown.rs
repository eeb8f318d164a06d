use bayes_core::prelude::*;

#[bayesian(prior = Normal(0.0, 1.0))]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
