//! Images to vectors.

use crate::device::Kernels;
use crate::error::Error;
use crate::layers::shape_of;
use crate::plan::{Graph, Structure, Wire};
use crate::shape::{Flat, ImageShape, Rule};
use crate::twin::{Deterministic, Name};
use dfdx::nn::{Module, NonMutableModule, ZeroSizedModule};
use dfdx::prelude::{Dtype, ReshapeTo, Tape, Tensor};

/// `(C, H, W)` to `(C·H·W,)`, and the same with a batch, in row-major order.
///
/// The product is a dimension of its own ([`Flat`]), so sizes that the compiler knows stay known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flatten;

impl ZeroSizedModule for Flatten {}
impl NonMutableModule for Flatten {}
impl Deterministic for Flatten {
    const RULE: Rule = Rule::Flatten;
}

impl<X, E, D, T> Module<Tensor<X, E, D, T>> for Flatten
where
    X: ImageShape,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Output = Tensor<X::Vectors<Flat<X::Channels, X::Height, X::Width>>, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
        let shape = shape_of(&x);
        let (channels, height, width) = shape.image();
        x.try_reshape_like(&shape.vectors(Flat::of(channels, height, width)))
    }
}

impl<E: Dtype> Structure<E> for Flatten {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        Ok(graph.flatten(name, x))
    }
}
