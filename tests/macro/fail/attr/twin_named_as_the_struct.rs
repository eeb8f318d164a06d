use bayes_core::prelude::*;

#[bayesian(bayes = Net)]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
