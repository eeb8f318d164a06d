use bayes_core::prelude::*;

#[bayesian(input = (4))]
struct Net<L: Spec> {
    layer: L,
    fc: Linear<8, 2>,
}

check_shapes!(Net<Linear<4, 8>>, Net<Linear<4, 6>>);

fn main() {}
