use bayes_core::prelude::*;

#[bayesian]
struct Net {
    fc: Linear<4, 8>,
    #[bayes(value = "half")]
    scale: f32,
}

fn main() {}
