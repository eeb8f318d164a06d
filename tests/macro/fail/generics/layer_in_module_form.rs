use bayes_core::prelude::*;

#[bayesian]
struct Net<E: Dtype, D: Device<E>, L: Spec> {
    layer: L,
    fc: modules::Linear<4, 2, E, D>,
}

fn main() {}
