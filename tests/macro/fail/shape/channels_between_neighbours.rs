use bayes_core::prelude::*;

#[bayesian]
struct Net {
    conv1: Conv2D<1, 6, 5>,
    act1: ReLU,
    conv2: Conv2D<8, 16, 5>,
    act2: ReLU,
    pool: AvgPoolGlobal,
    fc: Linear<16, 10>,
}

fn main() {}
