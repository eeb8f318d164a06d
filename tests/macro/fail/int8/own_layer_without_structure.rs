use bayes_core::prelude::*;

#[derive(Clone, Debug, Default)]
struct Squared;
impl ZeroSizedModule for Squared {}
impl NonMutableModule for Squared {}
impl bayes_core::twin::Deterministic for Squared {
    const RULE: Rule = Rule::Keep;
}

impl<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>> Module<Tensor<S, E, D, T>> for Squared {
    type Output = Tensor<S, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<S, E, D, T>) -> Result<Self::Output, D::Err> {
        x.try_square()
    }
}

#[bayesian(input = (4))]
struct Net {
    fc1: Linear<4, 4>,
    act: Squared,
}

fn main() {
    let dev = Cpu::seed_from_u64(0);
    let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>()).unwrap();
    let x: Tensor<Rank2<5, 4>, f32, Cpu> = dev.zeros();
    let _ = bayes.quantize([x]);
}
