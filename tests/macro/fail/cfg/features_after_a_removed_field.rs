use bayes_core::prelude::*;

#[bayesian(input = (4))]
struct Net {
    fc1: Linear<4, 8>,
    #[cfg(any())]
    between: Linear<8, 6>,
    fc2: Linear<6, 2>,
}

fn main() {}
