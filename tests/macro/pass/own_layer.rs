//! A user's own layer.

use bayes_core::prelude::*;
use bayes_core::twin::Deterministic;

/// `x²`.
#[derive(Clone, Debug, Default)]
struct Squared;

impl ZeroSizedModule for Squared {}
impl NonMutableModule for Squared {}
impl Deterministic for Squared {
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
    fc1: Linear<4, 8>,
    act: Squared,
    fc2: Linear<8, 2>,
}

#[test]
fn runs() -> Result<(), Error> {
    let dev = Cpu::seed_from_u64(1);
    let net = dev.build_module::<Net, f32>();
    let x: Tensor<Rank2<2, 4>, f32, Cpu> = dev.sample_normal();
    let y = net.fc2.forward(net.fc1.forward(x.clone()).square());
    assert_eq!(net.forward(x.clone()).as_vec(), y.as_vec());
    let bayes = BayesNet::from_pretrained(&net)?;
    assert_eq!(bayes.sample(1)?.forward(x).shape().concrete(), [2, 2]);
    Ok(())
}
