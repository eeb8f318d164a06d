use bayes_core::prelude::*;

#[bayesian(input = (4), members(Sure(moped = 0.01), Unsure(moped = 0.5)))]
struct Net {
    fc1: Linear<4, 8>,
    act: ReLU,
    fc2: Linear<16, 3>,
}

fn main() {}
