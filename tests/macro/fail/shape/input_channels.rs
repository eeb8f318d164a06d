use bayes_core::prelude::*;

#[bayesian(input = (3, 8, 8))]
struct Net {
    conv: Conv2D<1, 4, 3, 1, 1>,
    flatten: Flatten,
    fc: Linear<256, 10>,
}

fn main() {}
