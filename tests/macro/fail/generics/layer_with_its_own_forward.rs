use bayes_core::prelude::*;

#[bayesian(forward)]
struct Net<L: Spec> {
    layer: L,
    fc: Linear<4, 2>,
}

fn main() {}
