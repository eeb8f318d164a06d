use bayes_core::prelude::*;

#[bayesian]
struct Net<L: Spec> {
    layer: L,
    fc: Linear<8, 2>,
}

#[bayesian]
struct Outer {
    net: Net<String>,
}

fn main() {}
