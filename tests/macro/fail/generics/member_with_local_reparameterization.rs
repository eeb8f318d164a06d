use bayes_core::prelude::*;

#[bayesian(estimator = LocalReparameterization)]
struct Net<const C: usize> {
    conv: Conv2D<C, 6, 5>,
    pool: AvgPoolGlobal,
    fc: Linear<6, 10>,
}

check_shapes!(Net<1>);

fn main() {}
