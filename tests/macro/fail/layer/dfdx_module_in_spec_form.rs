use bayes_core::prelude::*;

#[bayesian(input = (4))]
struct Net {
    fc1: modules::Linear<4, 8, f32, Cpu>,
    act: ReLU,
    fc2: Linear<8, 2>,
}

fn main() {}
