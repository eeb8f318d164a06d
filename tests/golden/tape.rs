//! Operations on the tape: tensors whose sizes are known at run time, their gradients, and both ways of an operation.

use crate::fixture::Golden;
use bayes_core::device::Kernels;
use bayes_core::dfdx::prelude::{Cpu, Dtype, OwnedTape, Rank0, Shape, Tensor};
use bayes_core::dfdx::shapes::HasShape;
use bayes_core::dfdx::tensor::{Gradients, TensorFromVec};
use bayes_core::dfdx::tensor_ops::{Backward, SumTo};
use bayes_core::kernels::real::Real;
use bayes_core::twin::Noise;

/// A number type of tensors and of kernels.
pub trait Number: Dtype + Real {}

impl<E: Dtype + Real> Number for E {}

/// A tensor that records what is done with it.
pub type Taped<S, E> = Tensor<S, E, Cpu, OwnedTape<E, Cpu>>;

/// Runs a block by the fused operations of the CPU and again by those made of dfdx operations, which a GPU uses:
/// `Operations::linear` and its like are of the one and then of the other. `way` says which, for failures.
macro_rules! both_ways {
    ($E:ty, |$Operations:ident, $way:ident| $body:block) => {{
        use bayes_core::dfdx::prelude::Cpu as $Operations;
        let $way = format!("fused operations in {}", std::any::type_name::<$E>());
        $body
    }
    {
        use bayes_core::device::composed as $Operations;
        let $way = format!("composed operations in {}", std::any::type_name::<$E>());
        $body
    }};
}

pub(crate) use both_ways;

/// The kernels as a way, for failures.
pub fn kernels_in<E>() -> String {
    format!("kernels in {}", std::any::type_name::<E>())
}

/// A tensor of a file on the CPU.
pub fn upload<S: Shape, E: Number>(golden: &Golden, shape: S) -> Tensor<S, E, Cpu>
where
    Cpu: Kernels<E>,
{
    filled(golden.to(), shape)
}

/// A tensor of the given elements on the CPU.
pub fn filled<S: Shape, E: Number>(values: Vec<E>, shape: S) -> Tensor<S, E, Cpu>
where
    Cpu: Kernels<E>,
{
    Cpu::default().tensor_from_vec(values, shape)
}

/// The gradients of the sum of y·g.
pub fn gradients<S: Shape, E: Number>(y: Taped<S, E>, g: &Golden) -> Gradients<E, Cpu>
where
    Cpu: Kernels<E>,
{
    let g = upload(g, *y.shape());
    (y * g).sum::<Rank0, S::AllAxes>().backward()
}

/// The numbers of a file as noise.
pub fn given(noise: &Golden) -> Noise {
    Noise::Given(noise.to::<f32>().into())
}
