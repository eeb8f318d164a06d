//! Model families, written with `#[bayesian]`: each has a plain form and a Bayesian twin.

pub mod digits;
pub mod resnet_cifar;
