use bayes_core::prelude::*;

#[bayesian(prior = Own(0.5))]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
