use bayes_core::prelude::*;

#[bayesian]
struct Net<L: Spec> {
    layer: L,
    fc: Linear<8, 2>,
}

fn main() {
    Cpu::default().build_module::<Net<String>, f32>();
}
