use bayes_core::prelude::*;

#[bayesian(members(Small = <4>(bayes = Twin), Large = <8>(crate = bayes_core)))]
struct Net<const H: usize, const O: usize = 3> {
    fc1: Linear<4, H>,
    act: ReLU,
    fc2: Linear<H, O>,
}

fn main() {}
