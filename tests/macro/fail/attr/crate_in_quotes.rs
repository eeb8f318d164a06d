use bayes_core::prelude::*;

#[bayesian(crate = "bayes_core")]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
