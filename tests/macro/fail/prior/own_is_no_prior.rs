use bayes_core::prelude::*;

#[derive(Clone, Copy, Debug)]
struct Cauchy;

#[bayesian(prior = Own(Cauchy))]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
