//! Models whose forward pass is their structure: they write it down.

use super::graph::{Graph, Wire};
use crate::error::Error;
use crate::twin::Name;
use dfdx::nn::modules::{GeneralizedResidual, Repeated, Residual, SplitInto};
use dfdx::prelude::Dtype;

/// A layer or model that can write down what it does, so that it can be fused and quantized.
///
/// Annotated structs and all layers here implement it. For a layer of your own without weights it is one line:
///
/// ```
/// use bayes_core::plan::{Graph, Structure, Wire};
/// use bayes_core::prelude::*;
/// use bayes_core::twin::Name;
///
/// #[derive(Clone, Debug, Default)]
/// struct Squared;
///
/// impl<E: Dtype> Structure<E> for Squared {
///     fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
///         Ok(graph.map(name, x, "square", |x| x * x))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no int8 form: it does not say what it does",
    label = "this layer cannot be quantized",
    note = "implement `bayes_core::plan::Structure` for it: a function of each element is one line, `graph.map(…)`"
)]
pub trait Structure<E: Dtype> {
    /// Appends what this does to `x`, and gives the result.
    ///
    /// # Errors
    /// A weight that is not finite; a device that fails.
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error>;
}

macro_rules! tuples {
    ($($part:ident $i:tt),+) => {
        impl<Num: Dtype, $($part: Structure<Num>),+> Structure<Num> for ($($part,)+) {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                $(let x = self.$i.trace(&name.index($i), graph, x)?;)+
                Ok(x)
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, F 3);
tuples!(A 0, B 1, C 2, F 3, G 4);
tuples!(A 0, B 1, C 2, F 3, G 4, H 5);

impl<E: Dtype, F: Structure<E>> Structure<E> for Residual<F> {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        let branch = self.0.trace(&name.index(0), graph, x)?;
        Ok(graph.add(name, branch, x))
    }
}

impl<E: Dtype, F: Structure<E>, const N: usize> Structure<E> for Repeated<F, N> {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        let mut parts = self.modules.iter().enumerate();
        parts.try_fold(x, |x, (i, part)| part.trace(&name.index(i), graph, x))
    }
}

impl<E: Dtype, F: Structure<E>, R: Structure<E>> Structure<E> for GeneralizedResidual<F, R> {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        let shortcut = self.r.trace(&name.field("r"), graph, x)?;
        let branch = self.f.trace(&name.field("f"), graph, x)?;
        Ok(graph.add(name, branch, shortcut))
    }
}

impl<E: Dtype, F> Structure<E> for SplitInto<F> {
    fn trace(&self, name: &Name<'_>, _: &mut Graph, _: Wire) -> Result<Wire, Error> {
        Err(Error::Structure {
            layer: name.to_string(),
            problem: "a plan has one output, and this gives several".to_owned(),
        })
    }
}
