use bayes_core::prelude::*;

#[bayesian(input = (4))]
struct Net {
    fc1: Linear<4, 4>,
    act: ReLU,
}

fn main() {
    let dev = Cpu::seed_from_u64(0);
    let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>()).unwrap();
    let x: Tensor<Rank2<5, 6>, f32, Cpu> = dev.zeros();
    let _ = bayes.quantize([x]);
}
