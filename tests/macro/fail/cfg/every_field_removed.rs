use bayes_core::prelude::*;

#[bayesian]
struct Net {
    #[cfg(any())]
    fc1: Linear<4, 8>,
    #[cfg(any())]
    fc2: Linear<8, 2>,
}

fn main() {}
