use bayes_core::prelude::*;

#[bayesian(input = (4), quant = BayesNet)]
struct Net {
    fc1: Linear<4, 4>,
    act: ReLU,
}

fn main() {}
