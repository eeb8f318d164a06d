use bayes_core::prelude::*;

#[bayesian]
struct Net<A: Clone, B> {
    first: A,
    second: B,
}

fn main() {}
