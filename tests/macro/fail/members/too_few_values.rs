use bayes_core::prelude::*;

#[bayesian(members(Small(moped = 0.1)))]
struct Net<const H: usize, const O: usize = 3> {
    fc1: Linear<4, H>,
    act: ReLU,
    fc2: Linear<H, O>,
}

fn main() {}
