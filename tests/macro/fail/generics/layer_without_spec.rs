use bayes_core::prelude::*;

#[bayesian]
struct Net<L> {
    layer: L,
    fc: Linear<4, 2>,
}

fn main() {}
