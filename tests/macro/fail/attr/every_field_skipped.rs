use bayes_core::prelude::*;

#[bayesian]
struct Net {
    #[bayes(skip)]
    fc1: Linear<4, 8>,
    #[bayes(skip)]
    fc2: Linear<8, 2>,
}

fn main() {}
