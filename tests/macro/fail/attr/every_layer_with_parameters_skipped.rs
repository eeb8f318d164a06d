use bayes_core::prelude::*;

#[bayesian]
struct Net {
    #[bayes(skip)]
    fc: Linear<4, 2>,
    act: ReLU,
}

fn main() {}
