//! dfdx's activations: they draw nothing, keep their input's size, and run by dfdx's own operations.

use crate::error::Error;
use crate::plan::{Graph, Structure, Wire};
use crate::shape::Rule;
use crate::twin::{Deterministic, Name};
use dfdx::nn::modules;
use dfdx::prelude::Dtype;
use std::f64::consts::{PI, SQRT_2};

macro_rules! activations {
    ($($Activation:ident)*) => {$(
        impl Deterministic for modules::$Activation {
            const RULE: Rule = Rule::Keep;
        }
    )*};
}

activations!(
    ReLU FastGeLU AccurateGeLU Sin Cos Ln Exp Sigmoid Tanh Square Sqrt Abs Softmax LogSoftmax
);

impl<E: Dtype> Structure<E> for modules::ReLU {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        Ok(graph.relu(name, x))
    }
}

macro_rules! functions {
    ($($Activation:ident $name:literal $function:expr;)*) => {$(
        impl<E: Dtype> Structure<E> for modules::$Activation {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                Ok(graph.map(name, x, $name, $function))
            }
        }
    )*};
}

functions! {
    FastGeLU "fast GeLU" |x| 0.5 * x * (1.0 + ((2.0 / PI).sqrt() * (x + 0.044715 * x.powi(3))).tanh());
    AccurateGeLU "GeLU" |x| 0.5 * x * (1.0 + libm::erf(x / SQRT_2));
    Sin "sin" f64::sin;
    Cos "cos" f64::cos;
    Ln "ln" f64::ln;
    Exp "exp" f64::exp;
    Sigmoid "sigmoid" |x| 1.0 / (1.0 + (-x).exp());
    Tanh "tanh" f64::tanh;
    Square "square" |x| x * x;
    Sqrt "sqrt" f64::sqrt;
    Abs "abs" f64::abs;
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
