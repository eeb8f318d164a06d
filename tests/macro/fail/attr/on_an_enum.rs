use bayes_core::prelude::*;

#[bayesian]
enum Net {
    Small(Linear<4, 2>),
    Large(Linear<4, 200>),
}

fn main() {}
