use bayes_core::prelude::*;

#[bayesian(crate = Self::library)]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
