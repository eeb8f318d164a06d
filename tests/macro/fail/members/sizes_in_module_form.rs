use bayes_core::prelude::*;

#[bayesian(input = (4), members(Narrow = <4, 8>, Wide = <8, 8>))]
struct Net<const I: usize, E: Dtype, D: Device<E>, const H: usize> {
    fc1: modules::Linear<I, H, E, D>,
    act: ReLU,
    fc2: modules::Linear<8, 3, E, D>,
}

fn main() {}
