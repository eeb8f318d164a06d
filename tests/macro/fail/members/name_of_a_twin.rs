use bayes_core::prelude::*;

#[bayesian(members(Small = <4>, BayesNet = <8>))]
struct Net<const H: usize, const O: usize = 3> {
    fc1: Linear<4, H>,
    act: ReLU,
    fc2: Linear<H, O>,
}

fn main() {}
