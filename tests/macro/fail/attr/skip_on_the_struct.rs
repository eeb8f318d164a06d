use bayes_core::prelude::*;

#[bayesian(skip)]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
