use bayes_core::prelude::*;

#[bayesian]
struct Net {
    conv: Conv2D<3, 10, 3, 1, 1>,
    res: Residual<(Conv2D<10, 10, 3, 1, 1>, ReLU, Conv2D<10, 12, 3, 1, 1>)>,
    pool: AvgPoolGlobal,
    fc: Linear<12, 10>,
}

fn main() {}
