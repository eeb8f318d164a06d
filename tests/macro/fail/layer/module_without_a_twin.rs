use bayes_core::prelude::*;

struct Spectral;

#[bayesian]
struct Net<E: Dtype, D: Device<E>> {
    fc1: modules::Linear<4, 8, E, D>,
    spectral: Spectral,
}

fn main() {}
