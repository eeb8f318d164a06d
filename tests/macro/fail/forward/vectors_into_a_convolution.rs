use bayes_core::prelude::*;

#[bayesian(input = (1, 8, 8))]
struct Net {
    conv: Conv2D<1, 4, 3, 1, 1>,
    act: ReLU,
    flatten: Flatten,
    fc: Linear<256, 10>,
}

fn main() {
    let dev = Cpu::default();
    let net = dev.build_module::<Net, f32>();
    let x: Tensor<Rank2<2, 64>, f32, _> = dev.zeros();
    net.forward(x);
}
