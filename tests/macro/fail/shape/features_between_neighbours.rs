use bayes_core::prelude::*;

#[bayesian]
struct Net {
    fc1: Linear<4, 16>,
    act: ReLU,
    fc2: Linear<8, 3>,
}

fn main() {}
