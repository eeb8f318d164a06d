use bayes_core::prelude::*;

#[bayesian]
struct Net {
    conv: Conv2D<1, 4, 3, 1, 1>,
    #[bayes(estimator = LocalReparameterization)]
    bias: Bias2D<4>,
    pool: AvgPoolGlobal,
    fc: Linear<4, 10>,
}

fn main() {}
