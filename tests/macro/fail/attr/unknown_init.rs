use bayes_core::prelude::*;

#[bayesian(init = BayesianTorche)]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
