//! Pooling of lines and volumes, and adaptive pooling, one axis after the other.

use crate::device::Kernels;
use crate::error::Error;
use crate::kernels::pool_axis::AxisPool;
use crate::layers::shape_of;
use crate::plan::{Graph, Structure, Wire};
use crate::shape::{AdaptiveShape, Line, Over, Plane, Rule, Sliding, Space, Volume, WindowShape};
use crate::twin::{Deterministic, Name};
use dfdx::nn::{Module, NonMutableModule, ZeroSizedModule};
use dfdx::prelude::{Dim, Dtype, ReshapeTo, Shape, Tape, Tensor};

type Planes<E, D, T> = Tensor<(usize, usize, usize), E, D, T>;

/// Pools each of the last sides of `sides`, by the windows that `windows` makes of `(outer, size, inner)`.
fn pool<X: Shape, Y: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
    (planes, mut sides, count): (usize, [usize; 3], usize),
    out: Y,
    windows: impl Fn([usize; 3]) -> Option<AxisPool>,
    one: fn(Planes<E, D, T>, AxisPool) -> Result<Planes<E, D, T>, D::Err>,
) -> Result<Tensor<Y, E, D, T>, D::Err> {
    let len: usize = sides.into_iter().product();
    let mut x: Planes<E, D, T> = x.try_reshape_like(&(planes, len, 1))?;
    for axis in 3 - count..3 {
        let before: usize = sides[..axis].iter().product();
        let behind: usize = sides[axis + 1..].iter().product();
        let pool = windows([planes * before, sides[axis], behind]).ok_or_else(D::misfit)?;
        sides[axis] = pool.windows.len();
        let shape = (pool.outer, pool.size, pool.inner);
        x = one(x.try_reshape_like(&shape)?, pool)?;
    }
    x.try_reshape_like(&out)
}

macro_rules! windows {
    ($(#[$doc:meta])* $Pool:ident over $N:ident by $operation:ident as $traced:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $Pool<const K: usize, const S: usize = 1, const P: usize = 0>;

        impl<const K: usize, const S: usize, const P: usize> ZeroSizedModule for $Pool<K, S, P> {}
        impl<const K: usize, const S: usize, const P: usize> NonMutableModule for $Pool<K, S, P> {}
        impl<const K: usize, const S: usize, const P: usize> Deterministic for $Pool<K, S, P> {
            const RULE: Rule = Rule::Pool {
                window: Sliding { kernel: K, stride: S, padding: P, dilation: 1 },
                sides: $N::SIDES,
            };
        }

        impl<const K: usize, const S: usize, const P: usize, X, E, D, T> Module<Tensor<X, E, D, T>> for $Pool<K, S, P>
        where
            X: WindowShape<$N, Over, K, S, P, 1>,
            E: Dtype,
            D: Kernels<E>,
            T: Tape<E, D>,
        {
            type Output = Tensor<X::Out<X::Channels>, E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
                const {
                    assert!(2 * P <= K, "padding of more than half the window makes windows of padding alone");
                }
                let shape = shape_of(&x);
                let out = shape.slide(shape.channels()).ok_or_else(D::misfit)?;
                let planes = shape.examples() * shape.channels().size();
                let windows = |axis| AxisPool::sliding(axis, K, S, P);
                pool(x, (planes, shape.sides(), $N::SIDES), out, windows, D::$operation)
            }
        }

        impl<const K: usize, const S: usize, const P: usize, E: Dtype> Structure<E> for $Pool<K, S, P> {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                let window = Sliding { kernel: K, stride: S, padding: P, dilation: 1 };
                Ok(graph.$traced(name, x, window))
            }
        }
    };
}

macro_rules! adaptive {
    ($(#[$doc:meta])* $Pool:ident over $N:ident by $operation:ident, max: $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $Pool<const OUT: usize>;

        impl<const OUT: usize> ZeroSizedModule for $Pool<OUT> {}
        impl<const OUT: usize> NonMutableModule for $Pool<OUT> {}
        impl<const OUT: usize> Deterministic for $Pool<OUT> {
            const RULE: Rule = Rule::AdaptivePool { out: OUT, sides: $N::SIDES };
        }

        impl<const OUT: usize, X, E, D, T> Module<Tensor<X, E, D, T>> for $Pool<OUT>
        where
            X: AdaptiveShape<$N, OUT>,
            E: Dtype,
            D: Kernels<E>,
            T: Tape<E, D>,
        {
            type Output = Tensor<X::Out, E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
                const {
                    assert!(OUT > 0, "adaptive pooling gives at least one position");
                }
                let shape = shape_of(&x);
                let planes = shape.examples() * shape.channels().size();
                let bins = |axis| AxisPool::adaptive(axis, OUT);
                pool(x, (planes, shape.sides(), $N::SIDES), shape.adapted(), bins, D::$operation)
            }
        }

        impl<const OUT: usize, E: Dtype> Structure<E> for $Pool<OUT> {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                Ok(graph.adaptive_pool(name, x, OUT, $max))
            }
        }
    };
}

windows! {
    /// Maximum over each window of `K` positions with stride `S` and padding `P`, on `(C, L)` or `(batch, C, L)`; padding
    /// never wins, of equal values the first has the gradient, a NaN wins.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// let dev = Cpu::default();
    /// let pool = dev.build_module::<MaxPool1D<2, 2>, f32>();
    /// let x = dev.tensor([[1.0, 3.0, 9.0, 5.0]]);
    /// assert_eq!(pool.forward(x).as_vec(), [3.0, 9.0]);
    /// ```
    MaxPool1D over Line by axis_max as max_pool
}

windows! {
    /// Mean over each window of `K` positions with stride `S` and padding `P`, on `(C, L)` or `(batch, C, L)`; padding
    /// counts as zeros.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// let dev = Cpu::default();
    /// let pool = dev.build_module::<AvgPool1D<2, 2>, f32>();
    /// let x = dev.tensor([[1.0, 3.0, 9.0, 5.0]]);
    /// assert_eq!(pool.forward(x).as_vec(), [2.0, 7.0]);
    /// ```
    AvgPool1D over Line by axis_mean as avg_pool
}

windows! {
    /// Maximum over each `K`×`K`×`K` window with stride `S` and padding `P`, on `(C, D, H, W)` or `(batch, C, D, H, W)`;
    /// padding never wins, a NaN wins.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// let dev = Cpu::default();
    /// let pool = dev.build_module::<MaxPool3D<2>, f32>();
    /// let x = dev.tensor([[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]]);
    /// assert_eq!(pool.forward(x).as_vec(), [8.0]);
    /// ```
    MaxPool3D over Volume by axis_max as max_pool
}

windows! {
    /// Mean over each `K`×`K`×`K` window with stride `S` and padding `P`, on `(C, D, H, W)` or `(batch, C, D, H, W)`;
    /// padding counts as zeros.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// let dev = Cpu::default();
    /// let pool = dev.build_module::<AvgPool3D<2>, f32>();
    /// let x = dev.tensor([[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]]);
    /// assert_eq!(pool.forward(x).as_vec(), [4.5]);
    /// ```
    AvgPool3D over Volume by axis_mean as avg_pool
}

adaptive! {
    /// Mean over `OUT` bins of `(C, L)` or `(batch, C, L)`: bin i is `⌊i·L/OUT⌋` up to `⌈(i+1)·L/OUT⌉`, as in PyTorch.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// let dev = Cpu::default();
    /// let pool = dev.build_module::<AdaptiveAvgPool1D<2>, f32>();
    /// let x = dev.tensor([[1.0, 3.0, 8.0]]);
    /// assert_eq!(pool.forward(x).as_vec(), [2.0, 5.5]);
    /// ```
    AdaptiveAvgPool1D over Line by axis_mean, max: false
}

adaptive! {
    /// Mean over `OUT`×`OUT` bins of `(C, H, W)` or `(batch, C, H, W)`: bin i of n rows is `⌊i·n/OUT⌋` up to
    /// `⌈(i+1)·n/OUT⌉`, as in PyTorch.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// #[bayesian(input = (2, 7, 9), estimator = Flipout)]
    /// struct Net {
    ///     conv: Conv2D<2, 4, 3>,
    ///     pool: AdaptiveAvgPool2D<3>,
    ///     flatten: Flatten,
    ///     fc: Linear<36, 3>,
    /// }
    ///
    /// let dev = Cpu::seed_from_u64(0);
    /// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
    /// let x: Tensor<Rank4<2, 2, 7, 9>, f32, _> = dev.sample_normal();
    /// assert_eq!(bayes.predict(x, 8, 7).classify()?.predicted().len(), 2);
    /// # Ok::<(), Error>(())
    /// ```
    AdaptiveAvgPool2D over Plane by axis_mean, max: false
}

adaptive! {
    /// Mean over `OUT`×`OUT`×`OUT` bins of `(C, D, H, W)` or `(batch, C, D, H, W)`.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// let dev = Cpu::default();
    /// let pool = dev.build_module::<AdaptiveAvgPool3D<1>, f32>();
    /// let x = dev.tensor([[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]]);
    /// assert_eq!(pool.forward(x).as_vec(), [4.5]);
    /// ```
    AdaptiveAvgPool3D over Volume by axis_mean, max: false
}

adaptive! {
    /// Maximum over `OUT` bins of `(C, L)` or `(batch, C, L)`.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// let dev = Cpu::default();
    /// let pool = dev.build_module::<AdaptiveMaxPool1D<2>, f32>();
    /// let x = dev.tensor([[1.0, 3.0, 8.0]]);
    /// assert_eq!(pool.forward(x).as_vec(), [3.0, 8.0]);
    /// ```
    AdaptiveMaxPool1D over Line by axis_max, max: true
}

adaptive! {
    /// Maximum over `OUT`×`OUT` bins of `(C, H, W)` or `(batch, C, H, W)`.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// let dev = Cpu::default();
    /// let pool = dev.build_module::<AdaptiveMaxPool2D<1>, f32>();
    /// let x = dev.tensor([[[1.0, 2.0], [3.0, 4.0]]]);
    /// assert_eq!(pool.forward(x).as_vec(), [4.0]);
    /// ```
    AdaptiveMaxPool2D over Plane by axis_max, max: true
}

adaptive! {
    /// Maximum over `OUT`×`OUT`×`OUT` bins of `(C, D, H, W)` or `(batch, C, D, H, W)`.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// let dev = Cpu::default();
    /// let pool = dev.build_module::<AdaptiveMaxPool3D<1>, f32>();
    /// let x = dev.tensor([[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]]);
    /// assert_eq!(pool.forward(x).as_vec(), [8.0]);
    /// ```
    AdaptiveMaxPool3D over Volume by axis_max, max: true
}
