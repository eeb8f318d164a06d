//! What generated code names. Not part of the interface.

pub use crate::__with_types as with_types;
pub use crate::device::Kernels;
pub use crate::draw::Key;
pub use crate::error::Error;
pub use crate::estimator::{EstimatorKind, Flipout, LocalReparameterization, Reparameterization};
pub use crate::int8::{Calibration, Int8, quantize};
pub use crate::kl::{TensorKl, kl, kl_in, kl_per_layer};
pub use crate::members::{Member, Registry, UnknownMember, deserialize, parameters};
pub use crate::plan::{Graph, Plans, Structure, Wire};
pub use crate::posterior::{Family, FanIn, Init, Rho, Variational};
pub use crate::predict::{Batch, Predictive, predict};
pub use crate::prior::{Gaussian, Laplace, Learned, ScaleMixture, Std, StudentT};
pub use crate::shape::{MemberProof, Proof, Rule, Size, prove, prove_member, prove_named};
pub use crate::twin::next_draw::next_draw;
pub use crate::twin::{
    Bayes, Bayesian, Bind, Config, Defaults, Draw, FromPretrained, Name, Spec, StandIns, Twin,
    VisitPosteriors,
};
pub use bayes_macros::BayesianAfterCfg;
pub use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection};
pub use dfdx::nn::{BuildModule, BuildOnDevice, Module, ModuleMut, NonMutableModule};
pub use dfdx::prelude::{Device, Dtype, Rank0, ReLU, Tape, Tensor};
pub use dfdx::tensor::Cpu;
pub use serde::{Deserialize, Deserializer, Serialize, Serializer};
pub use std::cell::Cell;
pub use std::clone::Clone;
pub use std::convert::Into;
pub use std::fmt::{self, Debug, Display, Formatter, Result as FormatResult};
pub use std::iter::IntoIterator;
pub use std::marker::PhantomData;
pub use std::option::Option::{self, None, Some};
pub use std::result::Result::{self, Ok};
pub use std::str::FromStr;
pub use std::vec::Vec;

use crate::cast::cast;
use std::any::type_name;

/// [`Spec`], as a field of an annotated struct needs it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no layer that `#[bayesian]` knows",
    label = "this type has no twin",
    note = "fields are layers in builder form (`Linear<784, 10>`), tuples of up to six, `Residual`, `Repeated` or other \
            annotated structs; for a layer of your own implement `bayes_core::twin::Spec`, or \
            `bayes_core::twin::Deterministic` where it holds nothing to be drawn; what is no layer is marked, \
            `#[bayes(value = 0.5)] scale: f32`"
)]
pub trait LayerInSpecForm {}

#[diagnostic::do_not_recommend]
impl<S: Spec> LayerInSpecForm for S {}

/// True. Asked of a type that is no layer, it does not compile.
pub const fn is_layer<S: LayerInSpecForm>() -> bool {
    true
}

/// A struct whose `impl` block under `#[bayesian(forward)]` says how it runs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` says `forward`, but no `impl` block holds its forward pass",
    label = "this struct has no forward pass",
    note = "write `#[bayesian(forward)] impl {Self} {{ fn forward<…>(&self, x: …) -> Result<…, D::Err> {{ … }} }}`, or \
            remove `forward` from the struct, whose fields then run in order"
)]
pub trait OwnForward {}

/// Asked of a type that says `forward` and has no forward pass, it does not compile.
pub const fn has_forward<M: OwnForward>() {}

/// What a field with `#[bayes(value = ..)]` is: each twin and each view has a copy.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value that a model can hold",
    label = "this type is not `Clone` and `Debug`",
    note = "each twin and each view of the model has a copy of the value: derive `Clone` and `Debug` for its type"
)]
pub trait Value {}

#[diagnostic::do_not_recommend]
impl<V: Clone + Debug> Value for V {}

/// True. Asked of a type that cannot be copied, it does not compile.
pub const fn is_value<V: Value>() -> bool {
    true
}

/// [`Spec`] behind the constant that says that all fields of a struct are layers.
///
/// Where that constant does not compile, neither the type nor the rule below is looked at any further.
pub trait Layer<const KNOWN: bool> {
    /// See [`Spec::Built`].
    type Built<E: Dtype, D: Device<E>>: Twin<E, D> + Clone;

    /// See [`Spec::RULE`].
    const RULE: Rule;
}

impl<S: Spec> Layer<true> for S {
    type Built<E: Dtype, D: Device<E>> = S::Built<E, D>;
    const RULE: Rule = <S as Spec>::RULE;
}

/// The layer that the builder `S` is on device `D` with numbers `E`.
pub type Built<S, E, D, const KNOWN: bool> = <S as Layer<KNOWN>>::Built<E, D>;

/// [`Twin`], as a field of an annotated struct needs it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no layer that `#[bayesian]` knows",
    label = "this type has no twin",
    note = "this struct has a number type and a device, so its fields are layers on one \
            (`modules::Linear<784, 10, E, D>`), tuples of up to six, `Residual`, `Repeated` or other annotated structs; \
            for a layer of your own implement `bayes_core::twin::Twin`, or `bayes_core::twin::Deterministic` where it \
            holds nothing to be drawn; what is no layer is marked, `#[bayes(value = 0.5)] scale: f32`"
)]
pub trait LayerInModuleForm<E, D> {}

#[diagnostic::do_not_recommend]
impl<E: Dtype, D: Device<E>, L: Twin<E, D>> LayerInModuleForm<E, D> for L {}

/// [`is_layer`] for a layer on a device.
pub const fn is_module<E, D, L: LayerInModuleForm<E, D>>() -> bool {
    true
}

/// A type behind the constant that says that all fields of a struct are layers; see [`Layer`].
pub trait Same<const KNOWN: bool> {
    /// The type itself.
    type Type;
}

impl<L> Same<true> for L {
    type Type = L;
}

/// The layer on a device `L`.
pub type Known<L, const KNOWN: bool> = <L as Same<KNOWN>>::Type;

/// The view of the layer `L` for prediction.
pub type Eval<'a, L> = <L as Bind>::Eval<'a>;

/// The view of the layer `L` for training.
pub type Train<'a, L> = <L as Bind>::Train<'a>;

/// The view of the layer `L` in 8-bit integers.
pub type InInt8<'a, L> = <L as Bind>::Int8<'a>;

/// The layer that a walk over the layer of a builder has made, as what the builder makes on the other device. They are
/// one type, which the compiler cannot know where the builder is a type parameter.
///
/// # Panics
/// Where they are not: a layer's `TensorCollection::To` is no longer the layer of its builder.
pub fn moved<M: 'static, L: 'static>(made: M) -> L {
    cast(made).unwrap_or_else(|_| {
        let (found, wanted) = (type_name::<M>(), type_name::<L>());
        panic!("on another device this layer is `{found}`, but its builder makes `{wanted}`")
    })
}

/// What dfdx's own layers with weights ask of their number type.
pub trait DfdxFloat: num_traits::Float + rand::distributions::uniform::SampleUniform {}

impl<E: num_traits::Float + rand::distributions::uniform::SampleUniform> DfdxFloat for E {}

/// Says of the model, or the part `name` of it, that its forward pass cannot be written down as a plan.
///
/// # Errors
/// Always.
pub fn without_plan(name: &Name<'_>, model: &str) -> Result<Wire, Error> {
    let name = name.to_string();
    Err(Error::Structure {
        layer: if name.is_empty() {
            model.to_owned()
        } else {
            name
        },
        problem: "its forward pass is its own, so that it has no plan as a whole".to_owned(),
    })
}

/// Compares a value of a model with what the attribute states, with which the model's int8 form runs.
///
/// # Errors
/// Two that print as different.
pub fn same_value<V: Debug>(name: &Name<'_>, model: &V, stated: &V) -> Result<(), Error> {
    let [model, stated] = [model, stated].map(|value| format!("{value:?}"));
    if model == stated {
        return Ok(());
    }
    Err(Error::Structure {
        layer: name.to_string(),
        problem: format!(
            "it is {model} in this model, but its int8 form would run with what the attribute states, {stated}"
        ),
    })
}

/// The value, or a panic with the error's sentence.
///
/// # Panics
/// With an error.
#[track_caller]
pub fn expect<R>(result: Result<R, Error>) -> R {
    result.unwrap_or_else(|error| panic!("{error}"))
}
