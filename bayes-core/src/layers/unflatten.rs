//! Vectors to grids.

use crate::device::Kernels;
use crate::error::Error;
use crate::layers::shape_of;
use crate::plan::{Graph, Structure, Wire};
use crate::shape::{Extent, Rule};
use crate::twin::{Deterministic, Name};
use dfdx::nn::{Module, NonMutableModule, ZeroSizedModule};
use dfdx::prelude::{Const, Dim, Dtype, ReshapeTo, Shape, Tape, Tensor};

macro_rules! unflatten {
    ($(#[$doc:meta])* $Unflatten:ident<$($N:ident),+> into $extent:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $Unflatten<$(const $N: usize),+>;

        impl<$(const $N: usize),+> ZeroSizedModule for $Unflatten<$($N),+> {}
        impl<$(const $N: usize),+> NonMutableModule for $Unflatten<$($N),+> {}
        impl<$(const $N: usize),+> Deterministic for $Unflatten<$($N),+> {
            const RULE: Rule = Rule::Unflatten { extent: $extent };
        }

        unflatten!(@on [] $Unflatten<$($N),+>);
        unflatten!(@on [B] $Unflatten<$($N),+>);

        impl<$(const $N: usize,)+ E: Dtype> Structure<E> for $Unflatten<$($N),+> {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                Ok(graph.unflatten(name, x, vec![$($N),+]))
            }
        }
    };
    (@on [$($B:ident)?] $Unflatten:ident<$($N:ident),+>) => {
        impl<$(const $N: usize,)+ $($B: Dim,)? K: Dim, E: Dtype, D: Kernels<E>, T: Tape<E, D>>
            Module<Tensor<($($B,)? K,), E, D, T>> for $Unflatten<$($N),+>
        {
            type Output = Tensor<($($B,)? $(Const<$N>),+), E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<($($B,)? K,), E, D, T>) -> Result<Self::Output, D::Err> {
                let shape = shape_of(&x);
                let out = ($(unflatten!(@batch shape $B),)? $(Const::<$N>),+);
                if shape.num_elements() != out.num_elements() {
                    return Err(D::misfit());
                }
                x.try_reshape_like(&out)
            }
        }
    };
    (@batch $shape:ident $B:ident) => { $shape.0 };
}

unflatten! {
    /// `(C·H·W,)` to `(C, H, W)`, and the same with a batch, in row-major order: what a
    /// [`Flatten`](crate::layers::builders::Flatten) undoes, as between the dense and the convolutional part of a decoder.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// #[bayesian(input = (4))]
    /// struct Decoder {
    ///     fc: Linear<4, 32>,
    ///     act: ReLU,
    ///     grid: Unflatten<2, 4, 4>,
    ///     up: ConvTrans2D<2, 1, 2, 2>,
    /// }
    ///
    /// let dev = Cpu::seed_from_u64(0);
    /// let bayes = BayesDecoder::from_pretrained(&dev.build_module::<Decoder, f32>())?;
    /// let x: Tensor<Rank2<5, 4>, f32, _> = dev.sample_normal();
    /// assert_eq!(bayes.eval(Key::MEAN).forward(x).shape().concrete(), [5, 1, 8, 8]);
    /// # Ok::<(), Error>(())
    /// ```
    Unflatten<C, H, W> into Extent::Image(Some(C), Some((H, W)))
}

unflatten! {
    /// `(C·L,)` to `(C, L)`, and the same with a batch, in row-major order.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// let dev = Cpu::default();
    /// let x: Tensor<Rank2<5, 12>, f32, _> = dev.zeros();
    /// let y = dev.build_module::<Unflatten1D<3, 4>, f32>().forward(x);
    /// assert_eq!(y.shape().concrete(), [5, 3, 4]);
    /// ```
    Unflatten1D<C, L> into Extent::Pair(Some(C), Some(L))
}

unflatten! {
    /// `(C·Z·H·W,)` to `(C, Z, H, W)`, and the same with a batch, in row-major order.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// let dev = Cpu::default();
    /// let x: Tensor<Rank2<5, 12>, f32, _> = dev.zeros();
    /// let y = dev.build_module::<Unflatten3D<3, 2, 2, 1>, f32>().forward(x);
    /// assert_eq!(y.shape().concrete(), [5, 3, 2, 2, 1]);
    /// ```
    Unflatten3D<C, Z, H, W> into Extent::Volume(Some(C), Some([Z, H, W]))
}
