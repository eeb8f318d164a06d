use bayes_core::prelude::*;

#[bayesian]
struct Net<E: Dtype, D: Device<E>> {
    fc: modules::Linear<4, 8, E, D>,
    #[bayes(value = E::default())]
    scale: E,
}

fn main() {}
