//! What generated code names. Not part of the interface.

pub use crate::device::Kernels;
pub use crate::draw::Key;
pub use crate::error::Error;
pub use crate::estimator::{EstimatorKind, Flipout, LocalReparameterization, Reparameterization};
pub use crate::kl::{TensorKl, kl, kl_per_layer};
pub use crate::posterior::MeanField;
pub use crate::predict::{Predictive, predict};
pub use crate::prior::{Gaussian, Std};
pub use crate::shape::{Proof, Rule, Size, prove, prove_named};
pub use crate::twin::{
    Bayes, Bayesian, Bind, Config, Defaults, Draw, Name, Spec, Twin, VisitPosteriors,
};
pub use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection};
pub use dfdx::nn::{BuildModule, BuildOnDevice, Module, ModuleMut, NonMutableModule};
pub use dfdx::prelude::{Device, Dtype, Rank0, Tape, Tensor};
pub use dfdx::tensor::Cpu;
pub use std::clone::Clone;
pub use std::convert::Into;
pub use std::fmt::Debug;
pub use std::marker::PhantomData;
pub use std::option::Option::{self, None, Some};
pub use std::result::Result::{self, Ok};
pub use std::vec::Vec;

/// True. Asked of a type that is no layer, it does not compile.
pub const fn is_layer<S: Spec>() -> bool {
    true
}

/// [`Spec`] behind the constant that says that all fields of a struct are layers.
///
/// Where that constant does not compile, neither the type nor the rule below is looked at any further.
pub trait Layer<const KNOWN: bool> {
    /// See [`Spec::Built`].
    type Built<E: Dtype, D: Device<E>>: Twin<E, D>;

    /// See [`Spec::RULE`].
    const RULE: Rule;
}

impl<S: Spec> Layer<true> for S {
    type Built<E: Dtype, D: Device<E>> = S::Built<E, D>;
    const RULE: Rule = <S as Spec>::RULE;
}

/// The layer that the builder `S` is on device `D` with numbers `E`.
pub type Built<S, E, D, const KNOWN: bool> = <S as Layer<KNOWN>>::Built<E, D>;

/// The view of the layer `L` for prediction.
pub type Eval<'a, L> = <L as Bind>::Eval<'a>;

/// The view of the layer `L` for training.
pub type Train<'a, L> = <L as Bind>::Train<'a>;

/// What dfdx's own layers with weights ask of their number type.
pub trait DfdxFloat: num_traits::Float + rand::distributions::uniform::SampleUniform {}

impl<E: num_traits::Float + rand::distributions::uniform::SampleUniform> DfdxFloat for E {}
