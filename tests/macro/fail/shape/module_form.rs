use bayes_core::prelude::*;

#[bayesian(input = (4))]
struct Net<E: Dtype, D: Device<E>> {
    fc1: modules::Linear<4, 16, E, D>,
    act: ReLU,
    fc2: modules::Linear<8, 3, E, D>,
}

fn main() {}
