use bayes_core::prelude::*;

#[bayesian(input = (4))]
struct Net(Linear<4, 8>, ReLU, Linear<6, 2>);

fn main() {}
