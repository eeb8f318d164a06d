//! Models whose forward pass is their structure: they write it down.

use super::graph::{Graph, Wire};
use super::step::{Float, Plan};
use crate::error::Error;
use crate::twin::Name;
use dfdx::nn::modules::{Repeated, SplitInto};
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
    /// Whether all of it is one plan. A forward pass of one's own, and what takes or gives several values, is not: its
    /// layers are planned one by one.
    const WHOLE: bool = true;

    /// Appends what this does to `x`, and gives the result.
    ///
    /// # Errors
    /// A weight that is not finite; a device that fails.
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error>;

    /// The plan of each layer by itself, by its name: what the stand-ins of [`Bind::Int8`](crate::twin::Bind::Int8) ask for.
    ///
    /// # Errors
    /// As [`trace`](Self::trace).
    fn layers(&self, name: &Name<'_>, plans: &mut Plans) -> Result<(), Error> {
        plans.push(name, |graph, x| self.trace(name, graph, x))
    }
}

/// Plans by the names of their layers.
#[derive(Clone, Debug, Default)]
pub struct Plans(Vec<(String, Plan<Float>)>);

impl Plans {
    /// Appends the plan of what `trace` writes down.
    ///
    /// # Errors
    /// Those of `trace`.
    pub fn push(
        &mut self,
        name: &Name<'_>,
        trace: impl FnOnce(&mut Graph, Wire) -> Result<Wire, Error>,
    ) -> Result<(), Error> {
        let mut graph = Graph::default();
        let output = trace(&mut graph, Wire::INPUT)?;
        self.0.push((name.to_string(), graph.fuse(output)));
        Ok(())
    }
}

impl IntoIterator for Plans {
    type Item = (String, Plan<Float>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// What has no plan as a whole.
pub(crate) fn not_whole(name: &Name<'_>, problem: &str) -> Error {
    Error::Structure {
        layer: name.to_string(),
        problem: problem.to_owned(),
    }
}

macro_rules! tuples {
    ($($part:ident $i:tt),+) => {
        impl<Num: Dtype, $($part: Structure<Num>),+> Structure<Num> for ($($part,)+) {
            const WHOLE: bool = $($part::WHOLE)&&+;

            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                $(let x = self.$i.trace(&name.index($i), graph, x)?;)+
                Ok(x)
            }

            fn layers(&self, name: &Name<'_>, plans: &mut Plans) -> Result<(), Error> {
                $(self.$i.layers(&name.index($i), plans)?;)+
                Ok(())
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

impl<E: Dtype, F: Structure<E>, const N: usize> Structure<E> for Repeated<F, N> {
    const WHOLE: bool = F::WHOLE;

    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        let mut parts = self.modules.iter().enumerate();
        parts.try_fold(x, |x, (i, part)| part.trace(&name.index(i), graph, x))
    }

    fn layers(&self, name: &Name<'_>, plans: &mut Plans) -> Result<(), Error> {
        let mut parts = self.modules.iter().enumerate();
        parts.try_for_each(|(i, part)| part.layers(&name.index(i), plans))
    }
}

impl<E: Dtype, F: Structure<E>> Structure<E> for SplitInto<F> {
    const WHOLE: bool = false;

    fn trace(&self, name: &Name<'_>, _: &mut Graph, _: Wire) -> Result<Wire, Error> {
        Err(not_whole(
            name,
            "a plan has one output, and this gives several",
        ))
    }

    fn layers(&self, name: &Name<'_>, plans: &mut Plans) -> Result<(), Error> {
        self.0.layers(&name.index(0), plans)
    }
}
