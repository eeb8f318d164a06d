use bayes_core::prelude::*;

#[bayesian(members(Small = <4>))]
struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
