use bayes_core::prelude::*;

#[bayesian(prior = 0.5)]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
