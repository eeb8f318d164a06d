use bayes_core::prelude::*;

#[derive(Debug)]
struct Labels;

#[bayesian]
struct Net {
    fc: Linear<4, 8>,
    #[bayes(value = Labels)]
    labels: Labels,
}

fn main() {}
