use bayes_core::prelude::*;

const STD: f32 = 1.0;

#[bayesian(prior = Gaussian(0.0, STD))]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
