use bayes_core::prelude::*;

#[bayesian(input = (1, 8, 8))]
struct Net {
    conv1: Conv2D<1, 4, 3, 1, 1>,
    flatten: Flatten,
    conv2: Conv2D<4, 4, 3, 1, 1>,
    pool: AvgPoolGlobal,
    fc: Linear<4, 10>,
}

fn main() {}
