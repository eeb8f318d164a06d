use bayes_core::prelude::*;

#[bayesian]
struct Block {
    conv1: Conv2D<4, 8, 3, 1, 1>,
    act: ReLU,
    conv2: Conv2D<6, 4, 3, 1, 1>,
}

#[bayesian(input = (4, 8, 8))]
struct Net {
    block: Block,
    flatten: Flatten,
    fc: Linear<256, 10>,
}

fn main() {}
