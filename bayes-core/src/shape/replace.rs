//! Shapes in which one dimension stands for another of the same size.

use super::dims::Known;
use dfdx::shapes::{Axis, Dim, Shape};

/// Shapes whose dimension along the axis `Ax` can be replaced by `N`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no dimension along `{Ax}` that can be replaced by `{N}`",
    note = "axes are counted from 0: a tensor (batch, C, H, W) has its height along `Axis<2>`; both dimensions must be \
            `Known`, as dfdx's `Const<N>` and `usize` and all that are computed from them"
)]
pub trait ReplaceDim<Ax, N: Known>: Shape {
    /// What is replaced.
    type Old: Known;
    /// The shape with `N` in its place.
    type Replaced: Shape;

    /// What is replaced.
    fn old(&self) -> Self::Old;
    /// The shape with `dim` in its place.
    fn replaced(&self, dim: N) -> Self::Replaced;
}

macro_rules! replace {
    ($axis:literal: [$($Before:ident $before:ident)*] [$($After:ident $after:ident)*]) => {
        impl<$($Before: Dim,)* Old: Known, $($After: Dim,)* N: Known> ReplaceDim<Axis<$axis>, N>
            for ($($Before,)* Old, $($After,)*)
        {
            type Old = Old;
            type Replaced = ($($Before,)* N, $($After,)*);

            fn old(&self) -> Old {
                let ($($before,)* old, $($after,)*) = *self;
                $(let _ = $before;)*
                $(let _ = $after;)*
                old
            }

            fn replaced(&self, dim: N) -> Self::Replaced {
                let ($($before,)* _, $($after,)*) = *self;
                ($($before,)* dim, $($after,)*)
            }
        }
    };
}

replace!(0: [] []);
replace!(0: [] [A a]);
replace!(1: [A a] []);
replace!(0: [] [A a B b]);
replace!(1: [A a] [B b]);
replace!(2: [A a B b] []);
replace!(0: [] [A a B b C c]);
replace!(1: [A a] [B b C c]);
replace!(2: [A a B b] [C c]);
replace!(3: [A a B b C c] []);
replace!(0: [] [A a B b C c D d]);
replace!(1: [A a] [B b C c D d]);
replace!(2: [A a B b] [C c D d]);
replace!(3: [A a B b C c] [D d]);
replace!(4: [A a B b C c D d] []);
replace!(0: [] [A a B b C c D d E e]);
replace!(1: [A a] [B b C c D d E e]);
replace!(2: [A a B b] [C c D d E e]);
replace!(3: [A a B b C c] [D d E e]);
replace!(4: [A a B b C c D d] [E e]);
replace!(5: [A a B b C c D d E e] []);
