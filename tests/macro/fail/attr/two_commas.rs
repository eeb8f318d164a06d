use bayes_core::prelude::*;

#[bayesian(moped = 0.5,, estimator = Flipout)]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
