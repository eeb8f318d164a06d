use bayes_core::prelude::*;

#[bayesian(members(Small = <4>, Large = <8>))]
struct Net<const H: usize> {
    fc1: Linear<2, H>,
    act: ReLU,
    fc2: Linear<H, 2>,
}

fn main() {
    with_net!(NetMember::Small, |Net, BayesNet, QuantNet, DeviceNet| {});
    with_net!(NetMember::Small, |_| {});
}
