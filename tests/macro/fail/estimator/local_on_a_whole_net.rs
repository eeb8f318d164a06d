use bayes_core::prelude::*;

#[bayesian(estimator = LocalReparameterization)]
struct Net {
    block: (Conv2D<1, 4, 3, 1, 1>, Bias2D<4>),
    #[bayes(estimator = Flipout)]
    conv: Conv2D<4, 4, 3, 1, 1>,
    #[bayes(skip)]
    stem: Conv2D<4, 4, 3, 1, 1>,
    last: Conv2D<4, 4, 3, 1, 1>,
    pool: AvgPoolGlobal,
    fc: Linear<4, 10>,
}

fn main() {}
