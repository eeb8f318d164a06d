use bayes_core::prelude::*;

#[bayesian]
struct Net<E: Dtype, D: Storage<E>> {
    fc: modules::Linear<4, 2, E, D>,
}

fn main() {}
