use bayes_core::prelude::*;

#[bayesian(value = 0.5)]
struct Net {
    fc: Linear<4, 8>,
}

fn main() {}
