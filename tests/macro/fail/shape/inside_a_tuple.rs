use bayes_core::prelude::*;

#[bayesian(input = (1, 8, 8))]
struct Net {
    block: (Conv2D<1, 4, 3, 1, 1>, Bias2D<6>, ReLU),
    flatten: Flatten,
    fc: Linear<256, 10>,
}

fn main() {}
