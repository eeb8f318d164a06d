use bayes_core::prelude::*;

#[bayesian]
struct Net {
    fc: Linear<4, 8>,
    #[bayes(skip, value = 0.5)]
    scale: f32,
}

fn main() {}
