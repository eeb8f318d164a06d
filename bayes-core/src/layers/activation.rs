//! dfdx's activations: they draw nothing, keep their input's size, and run by dfdx's own operations, but for the exact
//! GeLU.

use crate::device::Kernels;
use crate::error::Error;
use crate::kernels::gelu;
use crate::plan::{Graph, Structure, Wire};
use crate::shape::Rule;
use crate::twin::{Bind, Config, Deterministic, Draw, Name, Spec, Twin};
use dfdx::nn::modules::{self, AccurateGeLU as DfdxAccurateGeLU};
use dfdx::nn::{Module, NonMutableModule, ZeroSizedModule};
use dfdx::prelude::{Device, Dtype, Shape, Tape, Tensor};
use std::f64::consts::PI;

macro_rules! activations {
    ($($Activation:ident)*) => {$(
        impl Deterministic for modules::$Activation {
            const RULE: Rule = Rule::Keep;
        }
    )*};
}

activations!(
    ReLU FastGeLU Sin Cos Ln Exp Sigmoid Tanh Square Sqrt Abs Softmax LogSoftmax
);

/// dfdx's old name for `FastGeLU`.
#[allow(deprecated, reason = "models that use it are read")]
impl Deterministic for modules::GeLU {
    const RULE: Rule = Rule::Keep;
}

/// `x·Φ(x)`, Φ the distribution function of the standard normal (Hendrycks and Gimpel 2016); dfdx's builder of the same
/// name makes it.
///
/// Its gradient is `Φ(x) + x·φ(x)`; that of dfdx 0.13's own layer has a factor of √2 too many in the second term, and is
/// off by up to 0.1. On the CPU it is one fused operation.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (4))]
/// struct Net {
///     fc1: Linear<4, 8>,
///     act: AccurateGeLU,
///     fc2: Linear<8, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let net = dev.build_module::<Net, f64>();
/// let x = dev.tensor([[1.0, -1.0]]);
/// let y = net.act.forward(x.leaky_trace()).sum();
/// let gradient: Vec<f64> = y.backward().get(&x).as_vec();
/// assert!((gradient[0] - 1.083315470588).abs() < 1e-12); // Φ(1) + φ(1)
/// assert!((gradient[1] + 0.083315470588).abs() < 1e-12); // Φ(−1) − φ(−1)
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccurateGeLU;

impl ZeroSizedModule for AccurateGeLU {}
impl NonMutableModule for AccurateGeLU {}
impl Deterministic for AccurateGeLU {
    const RULE: Rule = Rule::Keep;
}

impl<S: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>> Module<Tensor<S, E, D, T>> for AccurateGeLU {
    type Output = Tensor<S, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<S, E, D, T>) -> Result<Self::Output, D::Err> {
        D::accurate_gelu(x)
    }
}

impl Spec for DfdxAccurateGeLU {
    type Built<E: Dtype, D: Device<E>> = AccurateGeLU;
    const RULE: Rule = Rule::Keep;
}

/// dfdx's own layer, in module form: its views and its twin are ours.
impl Bind for DfdxAccurateGeLU {
    const RULE: Rule = Rule::Keep;
    type Eval<'a> = AccurateGeLU;
    type Train<'a> = AccurateGeLU;

    fn eval(&self, _: &Draw) -> AccurateGeLU {
        AccurateGeLU
    }

    fn train(&mut self, _: &Draw) -> AccurateGeLU {
        AccurateGeLU
    }

    crate::twin::stand_in!();
}

impl<E: Dtype, D: Device<E>> Twin<E, D> for DfdxAccurateGeLU {
    type Bayes<C: Config> = AccurateGeLU;

    fn to_bayes<C: Config>(&self, _: &Name<'_>) -> Result<AccurateGeLU, Error> {
        Ok(AccurateGeLU)
    }

    fn from_bayes<C: Config>(_: &AccurateGeLU, _: &Draw) -> Result<Self, Error>
    where
        D: Kernels<E>,
    {
        Ok(Self)
    }
}

impl<E: Dtype> Structure<E> for modules::ReLU {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        Ok(graph.relu(name, x))
    }
}

macro_rules! functions {
    ($($(#[$allow:meta])? $Activation:ty, $name:literal $function:expr;)*) => {$(
        $(#[$allow])?
        impl<E: Dtype> Structure<E> for $Activation {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                Ok(graph.map(name, x, $name, $function))
            }
        }
    )*};
}

functions! {
    modules::FastGeLU, "fast GeLU" fast_gelu;
    #[allow(deprecated, reason = "models that use it are read")]
    modules::GeLU, "fast GeLU" fast_gelu;
    AccurateGeLU, "GeLU" gelu::value;
    DfdxAccurateGeLU, "GeLU" gelu::value;
    modules::Sin, "sin" f64::sin;
    modules::Cos, "cos" f64::cos;
    modules::Ln, "ln" f64::ln;
    modules::Exp, "exp" f64::exp;
    modules::Sigmoid, "sigmoid" |x| 1.0 / (1.0 + (-x).exp());
    modules::Tanh, "tanh" f64::tanh;
    modules::Square, "square" |x| x * x;
    modules::Sqrt, "sqrt" f64::sqrt;
    modules::Abs, "abs" f64::abs;
}

fn fast_gelu(x: f64) -> f64 {
    0.5 * x * (1.0 + ((2.0 / PI).sqrt() * (x + 0.044715 * x.powi(3))).tanh())
}

macro_rules! softmax {
    ($($Softmax:ident $log:literal)*) => {$(
        impl<E: Dtype> Structure<E> for modules::$Softmax {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                Ok(graph.softmax(name, x, $log))
            }
        }
    )*};
}

softmax!(Softmax false LogSoftmax true);
