use bayes_core::prelude::*;

#[bayesian(input = (4))]
struct Net<E: Dtype, D: Device<E>> {
    fc1: modules::Linear<4, 8, E, D>,
    act: ReLU,
    fc2: Linear<8, 2>,
}

fn main() {}
