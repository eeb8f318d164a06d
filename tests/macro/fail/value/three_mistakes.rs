use bayes_core::prelude::*;

#[bayesian]
struct Net {
    #[bayes(value)]
    scale: f32,
    fc: Linear<4, 2>,
    #[bayes(value = 1, moped = 0.1)]
    width: usize,
    #[bayes(valu = 2)]
    last: Linear<2, 2>,
}

fn main() {}
