use bayes_core::prelude::*;

#[bayesian]
struct Net<L: Spec> {
    layer: (L, ReLU),
    fc: f32,
}

fn main() {}
