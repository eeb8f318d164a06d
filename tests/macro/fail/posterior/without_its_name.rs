use bayes_core::prelude::*;

#[bayesian(posterior = MeanField(-3.0))]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
