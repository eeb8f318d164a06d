use bayes_core::prelude::*;

struct Spectral;

#[bayesian]
struct Net {
    fc: Linear<8, 2>,
    tail: (ReLU, Spectral),
}

fn main() {}
