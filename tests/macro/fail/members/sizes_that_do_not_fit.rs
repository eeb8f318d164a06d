use bayes_core::prelude::*;

#[bayesian(input = (C, 8, 8), members(
    Grey = <1, 144>,
    Colour = <3, 128>,
    Line = <1, 144>(input = (1, 8, 6)),
))]
struct Net<const C: usize, const H: usize> {
    conv: Conv2D<C, 4, 3>,
    act: ReLU,
    flatten: Flatten,
    fc: Linear<H, 10>,
}

fn main() {}
