use bayes_core::prelude::*;

#[bayesian(device = OnDevice)]
struct Net<E: Dtype, D: Device<E>> {
    fc: modules::Linear<4, 2, E, D>,
}

fn main() {}
