//! A checked cast between shapes that are equal by value.

use crate::device::Kernels;
use crate::layers::shape_of;
use dfdx::prelude::{Dtype, ReshapeTo, Shape, Tape, Tensor};

/// `x` under the dimensions of `shape`, which must have the sizes that it has.
///
/// Two ways to one size are two types: halving a dimension H and doubling it again gives `Up<Down<H, …>, …>`, which is
/// H for even sizes only. Before such a tensor is added to one of H, or joined with it, this says that they are alike.
///
/// ```
/// use bayes_core::prelude::*;
///
/// let dev = Cpu::seed_from_u64(0);
/// let x: Tensor<(usize, usize), f32, _> = dev.sample_normal_like(&(2, 3));
/// let y: Tensor<Rank2<2, 3>, f32, _> = fit_to(x.clone(), (Const, Const))?;
/// assert!(fit_to(x, (3usize, 2usize)).is_err());
/// # Ok::<(), CpuError>(())
/// ```
///
/// # Errors
/// Other sizes than those of `shape`.
pub fn fit_to<X: Shape, Y: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
    shape: Y,
) -> Result<Tensor<Y, E, D, T>, D::Err> {
    let (found, wanted) = (shape_of(&x).concrete(), shape.concrete());
    if !found.into_iter().eq(wanted) {
        return Err(D::misfit());
    }
    x.try_reshape_like(&shape)
}
