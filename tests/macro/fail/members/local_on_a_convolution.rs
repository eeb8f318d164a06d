use bayes_core::prelude::*;

#[bayesian(input = (1, 8, 8), members(Whole, Local(estimator = LocalReparameterization)))]
struct Net {
    conv: Conv2D<1, 4, 3>,
    pool: AvgPoolGlobal,
    fc: Linear<4, 10>,
}

fn main() {}
