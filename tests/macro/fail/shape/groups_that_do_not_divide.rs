use bayes_core::prelude::*;

#[bayesian]
struct Net {
    conv: Conv2D<3, 16, 3, 1, 1>,
    norm: GroupNorm<3, 16>,
    act: ReLU,
    pool: AvgPoolGlobal,
    fc: Linear<16, 10>,
}

fn main() {}
