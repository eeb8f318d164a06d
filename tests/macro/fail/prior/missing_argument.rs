use bayes_core::prelude::*;

#[bayesian]
struct Net {
    #[bayes(prior = Gaussian(1.0))]
    fc: Linear<4, 2>,
}

fn main() {}
