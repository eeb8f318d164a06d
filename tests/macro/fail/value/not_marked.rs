use bayes_core::prelude::*;

#[bayesian]
struct Net {
    fc: Linear<4, 8>,
    scale: f32,
}

fn main() {}
