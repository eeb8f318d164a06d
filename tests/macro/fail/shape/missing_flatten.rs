use bayes_core::prelude::*;

#[bayesian(input = (1, 8, 8))]
struct Net {
    conv: Conv2D<1, 4, 3, 1, 1>,
    act: ReLU,
    fc: Linear<256, 10>,
}

fn main() {}
