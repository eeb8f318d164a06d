use bayes_core::prelude::*;

#[bayesian]
struct Net<L: Spec> {
    layer: (L, Linera<8, 8>),
    fc: f32,
}

fn main() {}
