use bayes_core::prelude::*;

#[bayesian]
struct Net {
    fc1: Linear<4, 8>,
    #[cfg(unix)]
    act: ReLU,
    fc2: Linear<8, 2>,
}

fn main() {}
