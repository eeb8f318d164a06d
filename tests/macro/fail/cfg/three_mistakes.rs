use bayes_core::prelude::*;

#[bayesian(moped = 0)]
struct Net {
    #[cfg_attr(all(), bayes(skp))]
    fc1: Linear<4, 4>,
    #[cfg(any())]
    #[bayes(not, seen)]
    fc2: Linear<4, 4>,
    #[bayes(moped)]
    fc3: Linear<4, 2>,
}

fn main() {}
