use bayes_core::prelude::*;

#[bayesian]
struct Net {
    layers: (ReLU, (ReLU, (ReLU, (ReLU, (ReLU, (ReLU, (ReLU, (ReLU, (ReLU, Linear<4, 2>))))))))),
}

fn main() {}
