//! dfdx's activations: they draw nothing, keep their input's size, and run by dfdx's own operations.

use crate::shape::Rule;
use crate::twin::Deterministic;
use dfdx::nn::modules;

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
