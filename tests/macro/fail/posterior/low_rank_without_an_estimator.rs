use bayes_core::prelude::*;

#[bayesian(posterior = LowRank(rank = 2, rho = FanIn))]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
