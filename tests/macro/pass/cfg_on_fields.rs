//! `cfg` and `cfg_attr` on fields, in both forms, in a tuple and with a forward pass of its own: the twins have the
//! fields that are left.

#![allow(clippy::non_minimal_cfg, reason = "a condition that always holds")]

use bayes_core::prelude::*;

#[bayesian(input = (4), prior = Gaussian(0.0, FanIn))]
struct Net {
    fc1: Linear<4, 8>,
    #[cfg(any())]
    gone: Linear<8, 5>,
    #[cfg(all())]
    act: ReLU,
    #[cfg_attr(all(), bayes(skip))]
    fc2: Linear<8, 8>,
    #[cfg_attr(any(), bayes(skip))]
    #[cfg_attr(all(), doc = "Logits.")]
    #[bayes(moped = 0.1)]
    fc3: Linear<8, 3>,
    #[cfg(any())]
    last: Missing,
}

#[bayesian]
#[derive(Clone, Debug)]
struct Written<#[cfg(any())] const N: usize, E: Dtype, D: Device<E>> {
    fc1: modules::Linear<4, 8, E, D>,
    #[cfg(any())]
    act: Missing,
    #[cfg(all())]
    act: ReLU,
    #[cfg_attr(all(), bayes(skip))]
    fc2: modules::Linear<8, 3, E, D>,
}

#[bayesian(forward)]
#[cfg(all())]
struct Block {
    #[cfg(all())]
    fc: Linear<4, 4>,
    #[cfg(any())]
    fc: Linear<5, 5>,
}

#[bayesian(forward)]
impl Block {
    fn forward<E: Dtype, D: Device<E>, B: Dim, T: Tape<E, D>>(
        &self,
        x: Tensor<(B, Const<4>), E, D, T>,
    ) -> Result<Tensor<(B, Const<4>), E, D, T>, D::Err> {
        self.fc.try_forward(x)
    }
}

type Row = Tensor<Rank2<2, 4>, f32, Cpu>;

fn names<M: Bayesian<f32, Cpu>>(bayes: &M) -> Vec<String> {
    let kl = bayes_core::kl::kl_per_layer::<f32, Cpu, M>(bayes).unwrap();
    kl.into_iter().map(|kl| kl.name).collect()
}

#[test]
fn builders() {
    let dev = Cpu::seed_from_u64(1);
    let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>()).unwrap();
    let want = ["fc1.weight", "fc1.bias", "fc3.weight", "fc3.bias"];
    assert_eq!(names(&bayes), want);
    let x: Row = dev.sample_normal();
    assert_eq!(
        bayes.predict(x, 3, 1).draws().unwrap().values.len(),
        3 * 2 * 3
    );
}

#[test]
fn modules() {
    let dev = Cpu::seed_from_u64(1);
    let net = Written {
        fc1: BuildModule::build(&dev),
        act: ReLU,
        fc2: BuildModule::build(&dev),
    };
    let bayes = BayesWritten::from_pretrained(&net).unwrap();
    assert_eq!(names(&bayes), ["fc1.weight", "fc1.bias"]);
    let x: Row = dev.sample_normal();
    assert_eq!(
        bayes.predict(x, 3, 1).draws().unwrap().values.len(),
        3 * 2 * 3
    );
}

#[test]
fn own_forward() {
    let dev = Cpu::seed_from_u64(1);
    let net = dev.build_module::<Block, f32>();
    let bayes = BayesBlock::from_pretrained(&net).unwrap();
    let x: Row = dev.sample_normal();
    let y = bayes.eval(Key::MEAN).forward(x.clone());
    assert_eq!(y.as_vec(), net.forward(x).as_vec());
}
