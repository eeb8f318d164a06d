use bayes_core::prelude::*;

#[bayesian(registry = Nets)]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
