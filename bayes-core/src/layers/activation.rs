//! dfdx's activations: they draw nothing, keep their input's size, and run by dfdx's own operations, but for ReLU and the
//! exact GeLU.

use crate::device::Kernels;
use crate::error::Error;
use crate::kernels::gelu;
use crate::plan::{Graph, Structure, Wire};
use crate::shape::Rule;
use crate::twin::{Bind, Config, Deterministic, Draw, Name, Spec, Twin};
use dfdx::nn::modules;
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
    FastGeLU Sin Cos Ln Exp Sigmoid Tanh Square Sqrt Abs Softmax LogSoftmax
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

/// `max(0, x)` (Nair and Hinton 2010); dfdx's builder of the same name makes it.
///
/// On the CPU it overwrites its input, of which there is no other clone in a chain of layers, and on the way back the gradient of
/// its output: dfdx's own layer, of which the values are the same, has memory for each.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (4))]
/// struct Net {
///     fc1: Linear<4, 8>,
///     act: ReLU,
///     fc2: Linear<8, 3>,
/// }
///
/// let net = Cpu::default().build_module::<Net, f32>();
/// let x = Cpu::default().tensor([-1.0, 0.0, 2.0]);
/// let y = net.act.forward(x.leaky_trace());
/// assert_eq!(y.array(), [0.0, 0.0, 2.0]);
/// assert_eq!(y.sum::<Rank0, _>().backward().get(&x).array(), [0.0, 0.0, 1.0]);
/// assert_eq!(x.array(), [-1.0, 0.0, 2.0]); // `x` is a clone of the layer's input: it stays
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReLU;

/// A layer of ours that dfdx's builder `$Dfdx` makes and that the device runs by `$run`. Views and twins of dfdx's own layer,
/// in module form, are ours as well.
macro_rules! instead_of_dfdx {
    ($($Layer:ident for $Dfdx:ty, run by $run:ident;)*) => {$(
        impl ZeroSizedModule for $Layer {}
        impl NonMutableModule for $Layer {}
        impl Deterministic for $Layer {
            const RULE: Rule = Rule::Keep;
        }

        impl<S: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>> Module<Tensor<S, E, D, T>> for $Layer {
            type Output = Tensor<S, E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<S, E, D, T>) -> Result<Self::Output, D::Err> {
                D::$run(x)
            }
        }

        impl Spec for $Dfdx {
            type Built<E: Dtype, D: Device<E>> = $Layer;
            const RULE: Rule = Rule::Keep;
        }

        impl Bind for $Dfdx {
            const RULE: Rule = Rule::Keep;
            type Eval<'a> = $Layer;
            type Train<'a> = $Layer;

            fn eval(&self, _: &Draw) -> $Layer {
                $Layer
            }

            fn train(&mut self, _: &Draw) -> $Layer {
                $Layer
            }

            crate::twin::stand_in!();
        }

        impl<E: Dtype, D: Device<E>> Twin<E, D> for $Dfdx {
            type Bayes<C: Config> = $Layer;

            fn to_bayes<C: Config>(&self, _: &Name<'_>) -> Result<$Layer, Error> {
                Ok($Layer)
            }

            fn from_bayes<C: Config>(_: &$Layer, _: &Draw) -> Result<Self, Error>
            where
                D: Kernels<E>,
            {
                Ok(Self)
            }
        }
    )*};
}

instead_of_dfdx! {
    AccurateGeLU for modules::AccurateGeLU, run by accurate_gelu;
    ReLU for modules::ReLU, run by relu;
}

macro_rules! relu {
    ($($ReLU:ty)*) => {$(
        impl<E: Dtype> Structure<E> for $ReLU {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                Ok(graph.relu(name, x))
            }
        }
    )*};
}

relu!(ReLU modules::ReLU);

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
    modules::AccurateGeLU, "GeLU" gelu::value;
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
