use bayes_core::prelude::*;

#[bayesian]
struct Net {
    fc1: Linear<4, 8>,
    #[bayes(skip, moped = 0.5)]
    fc2: Linear<8, 2>,
}

fn main() {}
