use bayes_core::prelude::*;

#[bayesian(posterior = MeanField(rho = -1e6))]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
