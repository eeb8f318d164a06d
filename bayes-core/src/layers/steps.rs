//! Layers on sequences without weights: the mean of the steps, and where a step is.

use crate::device::Kernels;
use crate::error::Error;
use crate::layers::recurrent::SequenceShape;
use crate::layers::shape_of;
use crate::plan::{Graph, Structure, Wire, encoding};
use crate::shape::Rule;
use crate::twin::{Deterministic, Name};
use dfdx::nn::{Module, NonMutableModule, ZeroSizedModule};
use dfdx::prelude::{Axis, BroadcastTo, Dtype, MeanTo, ReshapeTo, Tape, Tensor, TryAdd};

/// The mean of the steps of a sequence: `(batch, steps, K)` to `(batch, K)`, and the same without a batch.
///
/// ```
/// use bayes_core::prelude::*;
///
/// let dev = Cpu::default();
/// let mean = dev.build_module::<MeanSteps, f32>();
/// let x = dev.tensor([[1.0, 2.0], [3.0, 6.0]]);
/// assert_eq!(mean.forward(x).as_vec(), [2.0, 4.0]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeanSteps;

/// Adds to each step of `(steps, K)` or `(batch, steps, K)` where it is: of feature 2i `sin(t/10000^(2i/K))`, of feature
/// 2i + 1 the cosine of the same, t counted from 0 (Vaswani et al. 2017).
///
/// ```
/// use bayes_core::prelude::*;
///
/// let dev = Cpu::default();
/// let position = dev.build_module::<PositionalEncoding, f32>();
/// let x: Tensor<Rank2<2, 2>, f32, _> = dev.zeros();
/// assert_eq!(position.forward(x).as_vec(), [0.0, 1.0, 1f32.sin(), 1f32.cos()]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PositionalEncoding;

impl ZeroSizedModule for MeanSteps {}
impl NonMutableModule for MeanSteps {}
impl Deterministic for MeanSteps {
    const RULE: Rule = Rule::LastStep;
}

impl ZeroSizedModule for PositionalEncoding {}
impl NonMutableModule for PositionalEncoding {}
impl Deterministic for PositionalEncoding {
    const RULE: Rule = Rule::Keep;
}

impl<X, E, D, T> Module<Tensor<X, E, D, T>> for MeanSteps
where
    X: SequenceShape,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Output = Tensor<X::One, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
        let shape = shape_of(&x);
        let sizes = shape.sizes();
        if sizes.1 == 0 {
            return Err(D::misfit());
        }
        let x = x.try_reshape_like(&sizes)?;
        let mean = x.try_mean::<(usize, usize), Axis<1>>()?;
        mean.try_reshape_like(&shape.one())
    }
}

impl<X, E, D, T> Module<Tensor<X, E, D, T>> for PositionalEncoding
where
    X: SequenceShape,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Output = Tensor<X, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
        let shape = shape_of(&x);
        let (examples, steps, features) = shape.sizes();
        let table = encoding(steps, features).map(|place| E::from_f64(place).unwrap_or_default());
        let table = x
            .device()
            .try_tensor_from_vec(table.collect(), (steps, features))?;
        let table = table.try_broadcast_like::<_, Axis<0>>(&(examples, steps, features))?;
        let x = x.try_reshape_like(&(examples, steps, features))?;
        x.try_add(table)?.try_reshape_like(&shape)
    }
}

impl<E: Dtype> Structure<E> for MeanSteps {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        Ok(graph.mean_steps(name, x))
    }
}

impl<E: Dtype> Structure<E> for PositionalEncoding {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        Ok(graph.positions(name, x))
    }
}
