//! Layers on sequences without weights: the mean of the steps, and where a step is.

use crate::device::Kernels;
use crate::error::Error;
use crate::layers::recurrent::SequenceShape;
use crate::layers::shape_of;
use crate::plan::{Graph, Structure, Wire};
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
        let table = x
            .device()
            .try_tensor_from_vec(encoding(steps, features), (steps, features))?;
        let table = table.try_broadcast_like::<_, Axis<0>>(&(examples, steps, features))?;
        let x = x.try_reshape_like(&(examples, steps, features))?;
        x.try_add(table)?.try_reshape_like(&shape)
    }
}

fn encoding<E: Dtype>(steps: usize, features: usize) -> Vec<E> {
    let number = |at: usize| {
        let (t, k) = (at / features, at % features);
        let angle = t as f64 / 1e4_f64.powf((k - k % 2) as f64 / features as f64);
        let value = if k % 2 == 0 { angle.sin() } else { angle.cos() };
        E::from_f64(value).unwrap_or_default()
    };
    (0..steps * features).map(number).collect()
}

macro_rules! unplanned {
    ($($Layer:ident)*) => {$(
        impl<E: Dtype> Structure<E> for $Layer {
            fn trace(&self, name: &Name<'_>, _: &mut Graph, _: Wire) -> Result<Wire, Error> {
                Err(Error::Structure {
                    layer: name.to_string(),
                    problem: "layers on sequences are not in 8-bit plans yet".to_owned(),
                })
            }
        }
    )*};
}

unplanned!(MeanSteps PositionalEncoding);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_sines_and_cosines() {
        let table: Vec<f64> = encoding(3, 4);
        assert_eq!(table[..4], [0.0, 1.0, 0.0, 1.0]);
        let want = [2f64.sin(), 2f64.cos(), 0.02f64.sin(), 0.02f64.cos()];
        assert_eq!(table[8..], want);
        assert!(encoding::<f32>(2, 3).iter().all(|x| x.is_finite()));
    }
}
