use bayes_core::prelude::*;

#[bayesian]
struct Net {
    fc1: Linear<4, 8>,
    act: ReLU,
    fc2: Linear<8, 3>,
}

fn main() {
    let dev = Cpu::default();
    let net = dev.build_module::<Net, f32>();
    let x: Tensor<Rank2<2, 4>, f32, _> = dev.zeros();
    let y: Tensor<Rank2<2, 4>, f32, _> = net.forward(x);
    drop(y);
}
