//! From what a recurrent layer gives to what the next layer takes.

use super::shapes::SequenceShape;
use crate::device::Kernels;
use crate::error::Error;
use crate::layers::shape_of;
use crate::plan::{Graph, Plans, Structure, Wire};
use crate::shape::Rule;
use crate::twin::{Deterministic, Name};
use dfdx::nn::{Module, NonMutableModule, ZeroSizedModule};
use dfdx::prelude::{Axis, Dim, Dtype, ReshapeTo, Tape, Tensor, TryConcatAlong};

/// The output of each step of a recurrent layer, without its final state.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (12, 2))]
/// struct Net {
///     rnn: GRU<2, 8>,
///     all: Outputs,
///     tag: Linear<8, 3>, // a tag for each step
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
/// let x: Tensor<Rank3<5, 12, 2>, f32, _> = dev.sample_normal();
/// assert_eq!(bayes.eval(Key::MEAN).forward(x).shape().concrete(), [5, 12, 3]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outputs;

/// The output of the last step of a recurrent layer: `(batch, steps, K)` to `(batch, K)`, and the same without a batch.
///
/// Of a layer in both directions it is the last that each of them gives: the forward one's after the last step, the
/// reverse one's after the first.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (12, 2))]
/// struct Net {
///     rnn: GRU<2, 8>,
///     last: LastOutput,
///     head: Linear<8, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
/// let x: Tensor<Rank3<5, 12, 2>, f32, _> = dev.sample_normal();
/// assert_eq!(bayes.predict(x, 8, 7).classify()?.predicted().len(), 5);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LastOutput;

impl ZeroSizedModule for Outputs {}
impl NonMutableModule for Outputs {}
impl Deterministic for Outputs {
    const RULE: Rule = Rule::Keep;
}

impl ZeroSizedModule for LastOutput {}
impl NonMutableModule for LastOutput {}
impl Deterministic for LastOutput {
    const RULE: Rule = Rule::LastStep;
}

/// The final state of a recurrent layer: it knows how many numbers one direction has.
pub trait FinalState {
    /// Numbers of the hidden state of one direction.
    fn hidden(&self) -> usize;
}

impl<A: Dim, B: Dim, H: Dim, E: Dtype, D: Kernels<E>, T> FinalState for Tensor<(A, B, H), E, D, T> {
    fn hidden(&self) -> usize {
        shape_of(self).2.size()
    }
}

impl<S: FinalState> FinalState for (S, S) {
    fn hidden(&self) -> usize {
        self.0.hidden()
    }
}

impl<Y, S, E, D, T> Module<(Tensor<Y, E, D, T>, S)> for Outputs
where
    Y: SequenceShape,
    S: FinalState,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Output = Tensor<Y, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, (y, _): (Tensor<Y, E, D, T>, S)) -> Result<Self::Output, D::Err> {
        Ok(y)
    }
}

impl<Y, S, E, D, T> Module<(Tensor<Y, E, D, T>, S)> for LastOutput
where
    Y: SequenceShape,
    S: FinalState,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Output = Tensor<Y::One, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, (y, state): (Tensor<Y, E, D, T>, S)) -> Result<Self::Output, D::Err> {
        let shape = shape_of(&y);
        let (examples, steps, features) = shape.sizes();
        let hidden = state.hidden();
        if steps == 0 || hidden == 0 {
            return Err(D::misfit());
        }
        let y = y.try_reshape_like(&(examples, steps, features))?;
        let step =
            |y: Tensor<(usize, usize, usize), E, D, T>, t: usize, of: std::ops::Range<usize>| {
                let width = of.len();
                let step = y.try_slice((.., t..t + 1, of))?;
                step.try_reshape_like(&(examples, width))
            };
        let last = if features == hidden {
            step(y, steps - 1, 0..hidden)?
        } else {
            let forward = step(y.retaped(), steps - 1, 0..hidden)?;
            let reverse = step(y, 0, hidden..features)?;
            (forward, reverse).try_concat_along(Axis::<1>)?
        };
        last.try_reshape_like(&shape.one())
    }
}

/// In a plan a recurrent layer gives its outputs alone.
impl<E: Dtype> Structure<E> for Outputs {
    fn trace(&self, _: &Name<'_>, _: &mut Graph, x: Wire) -> Result<Wire, Error> {
        Ok(x)
    }
}

impl<E: Dtype> Structure<E> for LastOutput {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        graph.last_step(name, x)
    }

    /// By itself it picks numbers, and needs no plan to know which: the state says how wide a direction is.
    fn layers(&self, name: &Name<'_>, plans: &mut Plans) -> Result<(), Error> {
        plans.push(name, |_, x| Ok(x))
    }
}
