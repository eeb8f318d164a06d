use bayes_core::prelude::*;

#[bayesian(input = (64, 1, 28, 28))]
struct Net {
    conv: Conv2D<1, 6, 5>,
}

fn main() {}
