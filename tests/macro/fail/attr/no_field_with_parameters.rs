use bayes_core::prelude::*;

#[bayesian]
struct Net {
    act: ReLU,
    drop: (Tanh, DropoutOneIn<2>),
}

fn main() {}
