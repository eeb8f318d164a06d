use bayes_core::prelude::*;

#[bayesian(members(Small = <ReLU, 3>, Large = <Tanh, 30>))]
struct Block<L: Spec, const N: usize> {
    inner: L,
    fc: Linear<N, 2>,
}

fn main() {}
