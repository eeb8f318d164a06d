//! Grids to vectors.

use crate::device::Kernels;
use crate::error::Error;
use crate::layers::shape_of;
use crate::plan::{Graph, Structure, Wire};
use crate::shape::{GridShape, Line, Plane, Rule, Space, Volume};
use crate::twin::{Deterministic, Name};
use dfdx::nn::{Module, NonMutableModule, ZeroSizedModule};
use dfdx::prelude::{Dtype, ReshapeTo, Tape, Tensor};

macro_rules! flatten {
    ($(#[$doc:meta])* $Flatten:ident over $N:ident) => {
        $(#[$doc])*
        ///
        /// The product is a dimension of its own ([`Flat`](crate::shape::Flat)), so sizes that the compiler knows stay
        /// known.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $Flatten;

        impl ZeroSizedModule for $Flatten {}
        impl NonMutableModule for $Flatten {}
        impl Deterministic for $Flatten {
            const RULE: Rule = Rule::Flatten { sides: $N::SIDES };
        }

        impl<X: GridShape<$N>, E: Dtype, D: Kernels<E>, T: Tape<E, D>> Module<Tensor<X, E, D, T>> for $Flatten {
            type Output = Tensor<X::Vectors<X::Flat>, E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
                let shape = shape_of(&x);
                x.try_reshape_like(&shape.vectors(shape.flat()))
            }
        }

        impl<E: Dtype> Structure<E> for $Flatten {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                Ok(graph.flatten(name, x))
            }
        }
    };
}

flatten! {
    /// `(C, H, W)` to `(C·H·W,)`, and the same with a batch, in row-major order.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// let dev = Cpu::default();
    /// let x: Tensor<Rank4<5, 3, 2, 2>, f32, _> = dev.zeros();
    /// let y = dev.build_module::<Flatten, f32>().forward(x);
    /// assert_eq!(y.shape().concrete(), [5, 12]);
    /// ```
    Flatten over Plane
}

flatten! {
    /// `(C, L)` to `(C·L,)`, and the same with a batch, in row-major order.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// let dev = Cpu::default();
    /// let x: Tensor<Rank3<5, 3, 4>, f32, _> = dev.zeros();
    /// let y = dev.build_module::<Flatten1D, f32>().forward(x);
    /// assert_eq!(y.shape().concrete(), [5, 12]);
    /// ```
    Flatten1D over Line
}

flatten! {
    /// `(C, D, H, W)` to `(C·D·H·W,)`, and the same with a batch, in row-major order.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// let dev = Cpu::default();
    /// let x: Tensor<Rank5<5, 3, 2, 2, 1>, f32, _> = dev.zeros();
    /// let y = dev.build_module::<Flatten3D, f32>().forward(x);
    /// assert_eq!(y.shape().concrete(), [5, 12]);
    /// ```
    Flatten3D over Volume
}
