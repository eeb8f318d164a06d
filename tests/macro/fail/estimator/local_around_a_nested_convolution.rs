use bayes_core::prelude::*;

#[bayesian]
struct Stem {
    conv: Conv2D<1, 4, 3, 1, 1>,
    pool: AvgPoolGlobal,
}

#[bayesian(estimator = LocalReparameterization)]
struct Net {
    stem: Stem,
    fc: Linear<4, 10>,
}

fn main() {}
