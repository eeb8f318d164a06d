use bayes_core::prelude::*;

#[bayesian]
struct Net {}

fn main() {}
