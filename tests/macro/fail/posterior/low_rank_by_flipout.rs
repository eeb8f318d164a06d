use bayes_core::prelude::*;

#[bayesian(posterior = LowRank(rank = 2, rho = -3.0), estimator = Flipout)]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
