use bayes_core::prelude::*;

#[bayesian(input = (3, 8, 8))]
struct Net {
    conv: Conv2D<3, 16, 3, 1, 1>,
    norm: GroupNorm<4, 32>,
    act: ReLU,
    pool: AvgPoolGlobal,
    fc: Linear<16, 10>,
}

fn main() {}
