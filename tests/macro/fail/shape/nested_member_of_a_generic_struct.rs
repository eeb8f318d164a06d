use bayes_core::prelude::*;

#[bayesian]
struct Head<const H: usize> {
    fc1: Linear<4, H>,
    act: ReLU,
    fc2: Linear<16, 3>,
}

#[bayesian(input = (4))]
struct Net {
    right: Head<16>,
    act: ReLU,
    fc: Linear<3, 4>,
    wrong: Head<32>,
}

fn main() {}
