//! What generated code names. Not part of the interface.

pub use crate::device::Kernels;
pub use crate::draw::Key;
pub use crate::error::Error;
pub use crate::estimator::{EstimatorKind, Flipout, LocalReparameterization, Reparameterization};
pub use crate::kl::{TensorKl, kl, kl_per_layer};
pub use crate::posterior::MeanField;
pub use crate::predict::{Predictive, predict};
pub use crate::prior::{Gaussian, Std};
pub use crate::shape::{Rule, Size, check_estimator, check_field};
pub use crate::twin::{
    Bayes, Bayesian, Bind, Built, Config, Defaults, Draw, Name, Spec, Twin, VisitPosteriors,
};
pub use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection};
pub use dfdx::nn::{BuildModule, BuildOnDevice, Module, ModuleMut, NonMutableModule};
pub use dfdx::prelude::{Device, Dtype, Rank0, Tape, Tensor};
pub use dfdx::tensor::Cpu;

/// What dfdx's own layers with weights ask of their number type.
pub trait DfdxFloat: num_traits::Float + rand::distributions::uniform::SampleUniform {}

impl<E: num_traits::Float + rand::distributions::uniform::SampleUniform> DfdxFloat for E {}
