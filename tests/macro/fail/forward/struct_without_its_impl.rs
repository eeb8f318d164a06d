use bayes_core::prelude::*;

#[bayesian(forward)]
struct Net {
    fc: Linear<4, 3>,
}

fn main() {}
