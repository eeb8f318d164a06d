use bayes_core::prelude::*;

#[bayesian(input = (C, 28, 28))]
struct Net<const C: usize, const H: usize> {
    conv: Conv2D<C, 6, 5, 1, 2>,
    pool: MaxPool2D<2, 2>,
    flatten: Flatten,
    fc1: Linear<1176, H>,
    act: ReLU,
    fc2: Linear<84, 10>,
}

check_shapes!(Net<1, 84>, Net<3, 120>, Net<3, 84>, Net<1, 85>);

fn main() {}
