use bayes_core::prelude::*;

#[derive(Clone, Debug)]
struct Spectral<const N: usize>;

#[bayesian]
struct Net {
    spectral: Spectral<8>,
    fc: Linear<8, 2>,
}

fn main() {}
