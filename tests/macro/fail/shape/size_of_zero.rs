use bayes_core::prelude::*;

#[bayesian(input = (0))]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
