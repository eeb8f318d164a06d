use bayes_core::prelude::*;

struct Spectral;
struct Wavelet;

#[bayesian]
struct Net {
    fc1: Linear<4, 8>,
    spectral: Spectral,
    fc2: Linear<8, 2>,
    wavelet: Wavelet,
}

fn main() {}
