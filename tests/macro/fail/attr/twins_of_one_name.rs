use bayes_core::prelude::*;

#[bayesian(bayes = Twin, device = Twin)]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
