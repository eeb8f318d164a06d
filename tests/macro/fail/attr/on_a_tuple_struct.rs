use bayes_core::prelude::*;

#[bayesian]
struct Net(Linear<4, 8>, ReLU, Linear<8, 2>);

fn main() {}
