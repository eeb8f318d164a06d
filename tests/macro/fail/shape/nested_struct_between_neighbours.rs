use bayes_core::prelude::*;

#[bayesian]
struct Block {
    conv1: Conv2D<4, 8, 3, 1, 1>,
    act: ReLU,
    conv2: Conv2D<8, 4, 3, 1, 1>,
}

#[bayesian(input = (1, 8, 8))]
struct Net {
    conv: Conv2D<1, 3, 3, 1, 1>,
    block: Block,
    flatten: Flatten,
    fc: Linear<256, 10>,
}

fn main() {}
