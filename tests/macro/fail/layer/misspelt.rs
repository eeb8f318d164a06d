use bayes_core::prelude::*;

#[bayesian(input = (4))]
struct Net {
    fc1: Linear<4, 8>,
    act: Relu,
    fc2: Linear<8, 2>,
}

fn main() {}
