use bayes_core::prelude::*;

struct Spectral;

#[bayesian]
struct Net {
    fc: Linear<8, 8>,
    res: Residual<(Linear<8, 8>, Spectral)>,
}

fn main() {}
