//! A checked cast of one dimension of a tensor between dimension types of one size.

use crate::device::Kernels;
use crate::layers::shape_of;
use crate::shape::{Known, ReplaceDim, may_agree};
use dfdx::prelude::{Dim, Dtype, ReshapeTo, Shape, Tape, Tensor};

/// Tensors of which one dimension can be cast to another type of the same size.
///
/// The dimension that a layer gives is a type computed from what it takes: up again after down, `Up<Down<H>>`, is not
/// `H`, though it has its size, and dfdx adds tensors of one type only. `fit_to` is the bridge: where both sizes are known
/// at compile time another size is a compile error (of `cargo build`), else an `Err`. Elements and history stay as they
/// are.
///
/// The skip connection of an up-sampling path:
///
/// ```
/// use bayes_core::prelude::*;
///
/// let dev = Cpu::seed_from_u64(0);
/// let down = dev.build_module::<bayes_core::layers::builders::Conv2D<3, 8, 3, 2, 1>, f32>();
/// let up = dev.build_module::<bayes_core::layers::builders::ConvTrans2D<8, 3, 2, 2>, f32>();
///
/// let x: Tensor<Rank4<2, 3, 6, 6>, f32, _> = dev.sample_normal();
/// let (_, _, height, width) = *x.shape();
/// let y = up.try_forward(down.try_forward(x.clone())?)?;
/// let y = y.fit_to::<Axis<2>, _>(&height)?.fit_to::<Axis<3>, _>(&width)?;
/// let _added: Tensor<Rank4<2, 3, 6, 6>, f32, _> = y.try_add(x)?;
/// # Ok::<(), bayes_core::dfdx::tensor::CpuError>(())
/// ```
///
/// An odd height does not come back, and is not let through:
///
/// ```
/// # use bayes_core::prelude::*;
/// # let dev = Cpu::seed_from_u64(0);
/// let x: Tensor<(usize, usize), f32, _> = dev.sample_normal_like(&(2, 6));
/// assert!(x.clone().fit_to::<Axis<1>, _>(&Const::<6>).is_ok());
/// assert!(x.fit_to::<Axis<1>, _>(&Const::<7>).is_err());
/// ```
///
/// [`Concat`](super::modules::Concat) needs no cast: it compares the sizes of what it joins.
pub trait FitTo<S: Shape, E: Dtype, D: Kernels<E>, T>: Sized {
    /// The tensor with `dim` along the axis `Ax`.
    ///
    /// # Errors
    /// A dimension of another size.
    fn fit_to<Ax, N: Known>(self, dim: &N) -> Result<Tensor<S::Replaced, E, D, T>, D::Err>
    where
        S: ReplaceDim<Ax, N>;
}

impl<S: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>> FitTo<S, E, D, T> for Tensor<S, E, D, T> {
    fn fit_to<Ax, N: Known>(self, dim: &N) -> Result<Tensor<S::Replaced, E, D, T>, D::Err>
    where
        S: ReplaceDim<Ax, N>,
    {
        const {
            assert!(
                may_agree(S::Old::KNOWN, N::KNOWN),
                "`fit_to` casts between dimensions of one size, and these two differ"
            );
        }
        let shape = shape_of(&self);
        if shape.old().size() != dim.size() {
            return Err(D::misfit());
        }
        self.try_reshape_like(&shape.replaced(*dim))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{Down, Up};
    use dfdx::prelude::{Axis, Backward, Const, Cpu, Rank2, SampleTensor, SumTo, Trace};

    #[test]
    fn a_cast_keeps_elements_and_gradients() {
        let x: Tensor<Rank2<3, 4>, f64, _> = Cpu::seed_from_u64(1).sample_normal();
        let y = x
            .leaky_trace()
            .fit_to::<Axis<1>, _>(&4usize)
            .expect("4 is 4");
        let y: Tensor<(Const<3>, usize), f64, _, _> = y;
        assert_eq!(y.as_vec(), x.as_vec());
        let gradients = y.square().sum().backward();
        let want: Vec<f64> = x.as_vec().iter().map(|x| 2.0 * x).collect();
        assert_eq!(gradients.get(&x).as_vec(), want);
    }

    #[test]
    fn up_and_down_again_fits_what_it_came_from() {
        type There = Up<Down<usize, 2, -1>, 2, 2, 0, 1, 0>;
        let there = |size: usize| There::over(Down::of(size)).expect("a size");
        let dev = Cpu::default();
        for size in 1..9 {
            let x: Tensor<(usize, There, usize), f32, _> =
                dev.sample_normal_like(&(2, there(size), 3));
            let back = x.clone().fit_to::<Axis<1>, _>(&size);
            assert_eq!(back.is_ok(), size % 2 == 0, "{size}");
        }
    }
}
