use bayes_core::prelude::*;

#[bayesian(posterior = Lowrank2(rank = 1, rho = -3.0))]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
