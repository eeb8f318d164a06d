use bayes_core::prelude::*;

#[bayesian]
struct Net {
    #[bayes(value = 0.5)]
    scale: f32,
    #[bayes(value = 8)]
    width: usize,
}

fn main() {}
