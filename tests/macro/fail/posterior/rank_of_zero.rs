use bayes_core::prelude::*;

#[bayesian(posterior = LowRank(rank = 0, rho = -3.0), estimator = Reparameterization)]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
