use bayes_core::prelude::*;

#[bayesian]
struct Net<D: Device<E>, E: Dtype> {
    fc: modules::Linear<4, 2, E, D>,
}

fn main() {}
