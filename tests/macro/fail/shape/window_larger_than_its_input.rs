use bayes_core::prelude::*;

#[bayesian(input = (1, 8, 8))]
struct Net {
    conv1: Conv2D<1, 4, 5>,
    conv2: Conv2D<4, 8, 7, 1, 1>,
    pool: AvgPoolGlobal,
    fc: Linear<8, 10>,
}

fn main() {}
