use bayes_core::prelude::*;

#[bayesian]
struct Net {
    fc1: Linear<4, 8>,
    #[cfg_attr(all(), bayes(skp))]
    fc2: Linear<8, 2>,
}

fn main() {}
