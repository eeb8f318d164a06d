use bayes_core::prelude::*;

#[bayesian]
struct Net {
    #[bayes(input = (4))]
    fc: Linear<4, 2>,
}

fn main() {}
