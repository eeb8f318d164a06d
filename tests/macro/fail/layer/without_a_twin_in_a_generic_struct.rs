use bayes_core::prelude::*;

struct Spectral<const N: usize>;

#[bayesian]
struct Net<const N: usize> {
    spectral: Spectral<N>,
    fc: Linear<N, 2>,
}

fn main() {}
