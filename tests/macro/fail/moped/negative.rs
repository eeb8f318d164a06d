use bayes_core::prelude::*;

#[bayesian]
struct Net {
    #[bayes(moped = -0.5)]
    fc: Linear<4, 2>,
}

fn main() {}
