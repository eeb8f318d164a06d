use bayes_core::prelude::*;

#[bayesian]
struct Net<E: Dtype, D: Clone> {
    fc: modules::Linear<4, 2, E, D>,
}

fn main() {}
