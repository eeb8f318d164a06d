use bayes_core::prelude::*;

#[bayesian(input = (1, 32, 32))]
struct Net {
    conv1: Conv2D<1, 9, 3, 1, 1>,
    act1: ReLU,
    flatten: Flatten,
    fc1: Linear<400, 120>,
    act2: ReLU,
    fc2: Linear<120, 10>,
}

fn main() {}
