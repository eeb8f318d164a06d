use bayes_core::prelude::*;

#[bayesian]
struct Net<'a, E: Dtype, D: Device<E>> {
    fc: &'a modules::Linear<4, 2, E, D>,
}

fn main() {}
