use bayes_core::prelude::*;

#[bayesian]
#[bayes(moped = 0.5)]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
