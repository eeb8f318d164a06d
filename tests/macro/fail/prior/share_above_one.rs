use bayes_core::prelude::*;

#[bayesian(prior = ScaleMixture(1.5, 1.0, 0.1))]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
