use bayes_core::prelude::*;

#[bayesian]
struct Net {
    #[bayes(estimator = LocalReparameterization)]
    conv: Conv2D<1, 4, 3, 1, 1>,
    pool: AvgPoolGlobal,
    fc: Linear<4, 10>,
}

fn main() {}
