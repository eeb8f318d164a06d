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
    let bayes = BayesNet::from_pretrained(&net).unwrap();
    let x: Tensor<Rank2<2, 5>, f32, _> = dev.zeros();
    bayes.eval(Key::new(1, 0)).forward(x);
}
