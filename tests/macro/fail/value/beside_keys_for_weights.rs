use bayes_core::prelude::*;

#[bayesian]
struct Net {
    fc: Linear<4, 8>,
    #[bayes(value = 0.5, prior = Gaussian(0.0, 1.0), moped = 0.1)]
    scale: f32,
}

fn main() {}
