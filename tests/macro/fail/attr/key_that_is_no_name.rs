use bayes_core::prelude::*;

#[bayesian("moped")]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
