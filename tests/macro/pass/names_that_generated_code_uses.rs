//! Types of the user's that are named as what generated code names.

#![allow(dead_code, reason = "most of these types are here for their names")]

use bayes_core::prelude::{AsArray, Rank2};
use bayes_core::prelude::{Cpu, DeviceBuildExt, Key, NoneTape, SampleTensor, Tensor, bayesian};
use bayes_core::prelude::{Linear as X0, ReLU as E, Tanh as D};

pub struct Result;
pub struct Option;
pub struct Module;
pub struct Device;
pub struct Config;
pub struct Some;
pub struct Ok;
pub struct Vec;
pub struct Clone;
pub struct PhantomData;
pub struct Debug;
pub struct Box;
pub struct Dtype;
pub struct String;
pub struct V;
pub struct T;
pub mod std {}
pub mod core {}
pub mod alloc {}
pub mod bayes {
    pub type C = super::E;
    pub const STD: f64 = 0.25;
}
use bayes::C;

#[bayesian(input = (4), prior = Gaussian(0.0, bayes::STD))]
pub struct Net {
    pub fc1: X0<4, 8>,
    pub act1: E,
    pub fc2: X0<8, 8>,
    pub act2: D,
    pub fc3: X0<8, 8>,
    pub act3: C,
    pub act4: bayes::C,
    pub fc4: X0<8, 2>,
}

/// Values whose expressions use names of generated code.
#[bayesian]
pub struct Values<const N: usize>(
    pub X0<4, 2>,
    #[bayes(value = values::V)] pub values::V,
    #[bayes(value = start() + visitor() * keep() + N)] pub usize,
);

pub mod values {
    #[derive(Clone, Debug)]
    pub struct V;
}

pub fn visitor() -> usize {
    2
}
pub fn keep() -> usize {
    3
}
pub fn start() -> usize {
    1
}

#[test]
fn values_see_what_is_around_them() {
    let dev = Cpu::seed_from_u64(1);
    let net = dev.build_module::<Values<4>, f32>();
    assert_eq!(net.2, 11);
}

#[test]
fn runs() {
    let dev = Cpu::seed_from_u64(1);
    let net = dev.build_module::<Net, f32>();
    let bayes = BayesNet::from_pretrained(&net).unwrap();
    let x: Tensor<Rank2<3, 4>, f32, Cpu> = dev.sample_normal();
    let y: Tensor<Rank2<3, 2>, f32, Cpu> = bayes.eval(Key::new(1, 0)).forward(x);
    assert!(y.array().iter().flatten().all(|y| y.is_finite()));
    assert!(bayes.kl::<NoneTape>().array() > 0.0);
}
