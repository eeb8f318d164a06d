use bayes_core::prelude::*;

#[bayesian]
struct Net {
    fc1: Linear<4, 4>,
    #[bayes(skip = true)]
    fc2: Linear<4, 2>,
}

fn main() {}
