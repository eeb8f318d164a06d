use bayes_core::prelude::*;

#[bayesian(estimator = Flipout, members(Plain, Low(posterior = LowRank(rank = 2, rho = -3.0))))]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
