//! Pooling of images: maximum and mean over windows; mean, maximum and minimum of each channel.

use crate::device::{ImageSize, Kernels, PoolSize};
use crate::error::Error;
use crate::kernels::pool_axis::AxisPool;
use crate::layers::shape_of;
use crate::plan::{Graph, Structure, Wire};
use crate::shape::{GridShape, Over, Plane, Rule, Sliding, WindowShape};
use crate::twin::{Deterministic, Name, Spec};
use dfdx::nn::builders::{
    AvgPoolGlobal as AvgPoolGlobalBuilder, MaxPoolGlobal as MaxPoolGlobalBuilder,
    MinPoolGlobal as MinPoolGlobalBuilder,
};
use dfdx::nn::{Module, NonMutableModule, ZeroSizedModule};
use dfdx::prelude::{Device, Dim, Dtype, ReshapeTo, Tape, Tensor};

macro_rules! pool {
    ($(#[$doc:meta])* $Pool:ident, $operation:ident, $traced:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $Pool<const K: usize, const S: usize = 1, const P: usize = 0>;

        impl<const K: usize, const S: usize, const P: usize> ZeroSizedModule for $Pool<K, S, P> {}
        impl<const K: usize, const S: usize, const P: usize> NonMutableModule for $Pool<K, S, P> {}
        impl<const K: usize, const S: usize, const P: usize> Deterministic for $Pool<K, S, P> {
            const RULE: Rule = Rule::Pool { window: sliding::<K, S, P>(), sides: 2 };
        }

        impl<const K: usize, const S: usize, const P: usize, E: Dtype> Structure<E> for $Pool<K, S, P> {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                Ok(graph.$traced(name, x, sliding::<K, S, P>()))
            }
        }

        impl<const K: usize, const S: usize, const P: usize, X, E, D, T> Module<Tensor<X, E, D, T>> for $Pool<K, S, P>
        where
            X: WindowShape<Plane, Over, K, S, P, 1>,
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
                let channels = shape.channels();
                let out = shape.slide(channels).ok_or_else(D::misfit)?;
                let [_, height, width] = shape.sides();
                let size = PoolSize {
                    planes: shape.examples() * channels.size(),
                    height,
                    width,
                    window: sliding::<K, S, P>(),
                };
                D::$operation(x, size, out)
            }
        }
    };
}

const fn sliding<const K: usize, const S: usize, const P: usize>() -> Sliding {
    Sliding {
        kernel: K,
        stride: S,
        padding: P,
        dilation: 1,
    }
}

pool! {
    /// Maximum over each `K`×`K` window with stride `S` and padding `P`, on `(C, H, W)` or `(batch, C, H, W)`.
    ///
    /// Padding never wins; of equal values the first has the gradient; a NaN wins, so that it is not hidden.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// let dev = Cpu::default();
    /// let pool = dev.build_module::<MaxPool2D<2, 2>, f32>();
    /// let x = dev.tensor([[[1.0, 2.0, 5.0, 6.0], [3.0, 4.0, 8.0, 7.0]]]);
    /// assert_eq!(pool.forward(x).as_vec(), [4.0, 8.0]);
    /// ```
    MaxPool2D, max_pool2d, max_pool
}

pool! {
    /// Mean over each `K`×`K` window with stride `S` and padding `P`, on `(C, H, W)` or `(batch, C, H, W)`.
    ///
    /// Padding counts as zeros: the sum is divided by `K²` everywhere, as in PyTorch's default.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// let dev = Cpu::default();
    /// let pool = dev.build_module::<AvgPool2D<2, 2>, f32>();
    /// let x = dev.tensor([[[1.0, 2.0, 5.0, 6.0], [3.0, 4.0, 8.0, 7.0]]]);
    /// assert_eq!(pool.forward(x).as_vec(), [2.5, 6.5]);
    /// ```
    AvgPool2D, avg_pool2d, avg_pool
}

macro_rules! global {
    ($(#[$doc:meta])* $Builder:ident $Pool:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $Pool;

        impl ZeroSizedModule for $Pool {}
        impl NonMutableModule for $Pool {}
        impl Deterministic for $Pool {
            const RULE: Rule = Rule::GlobalPool { sides: 2 };
        }

        impl Spec for $Builder {
            type Built<E: Dtype, D: Device<E>> = $Pool;
            const RULE: Rule = Rule::GlobalPool { sides: 2 };
        }
    };
}

global! {
    /// Mean of each channel: `(C, H, W)` to `(C,)`, and the same with a batch (Lin, Chen and Yan 2014).
    AvgPoolGlobalBuilder AvgPoolGlobal
}

global! {
    /// Maximum of each channel: `(C, H, W)` to `(C,)`, and the same with a batch. Of equal values the first has the
    /// gradient; a NaN wins.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// #[bayesian(input = (1, 8, 8))]
    /// struct Net {
    ///     conv: Conv2D<1, 4, 3>,
    ///     act: ReLU,
    ///     pool: MaxPoolGlobal, // or AvgPoolGlobal, MinPoolGlobal
    ///     fc: Linear<4, 3>,
    /// }
    ///
    /// let dev = Cpu::seed_from_u64(0);
    /// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
    /// let x: Tensor<Rank4<2, 1, 8, 8>, f32, _> = dev.sample_normal();
    /// assert_eq!(bayes.predict(x, 8, 7).classify()?.predicted().len(), 2);
    /// # Ok::<(), Error>(())
    /// ```
    MaxPoolGlobalBuilder MaxPoolGlobal
}

global! {
    /// Minimum of each channel: `(C, H, W)` to `(C,)`, and the same with a batch. Of equal values the first has the
    /// gradient; a NaN wins.
    MinPoolGlobalBuilder MinPoolGlobal
}

impl<X, E, D, T> Module<Tensor<X, E, D, T>> for AvgPoolGlobal
where
    X: GridShape<Plane>,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Output = Tensor<X::Vectors<X::Channels>, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
        let shape = shape_of(&x);
        let channels = shape.channels();
        let size = ImageSize {
            examples: shape.examples(),
            channels: channels.size(),
            pixels: shape.positions(),
        };
        if size.pixels == 0 {
            return Err(D::misfit());
        }
        D::avg_pool_global(x, size, shape.vectors(channels))
    }
}

impl<E: Dtype> Structure<E> for AvgPoolGlobal {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        Ok(graph.global_avg_pool(name, x))
    }
}

/// The largest number of each channel.
fn largest<X: GridShape<Plane>, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
) -> Result<Tensor<X::Vectors<X::Channels>, E, D, T>, D::Err> {
    let shape = shape_of(&x);
    let channels = shape.channels();
    let planes = [shape.examples() * channels.size(), shape.positions(), 1];
    let whole = AxisPool::adaptive(planes, 1).ok_or_else(D::misfit)?;
    let [outer, size, inner] = planes;
    let x = x.try_reshape_like(&(outer, size, inner))?;
    D::axis_max(x, whole)?.try_reshape_like(&shape.vectors(channels))
}

impl<X, E, D, T> Module<Tensor<X, E, D, T>> for MaxPoolGlobal
where
    X: GridShape<Plane>,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Output = Tensor<X::Vectors<X::Channels>, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
        largest(x)
    }
}

impl<X, E, D, T> Module<Tensor<X, E, D, T>> for MinPoolGlobal
where
    X: GridShape<Plane>,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Output = Tensor<X::Vectors<X::Channels>, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
        largest(x.try_negate()?)?.try_negate()
    }
}

/// The largest number of each channel, in a plan.
fn largest_traced(name: &Name<'_>, graph: &mut Graph, x: Wire) -> Wire {
    let whole = graph.adaptive_pool(name, x, 1, true);
    graph.flatten(name, whole)
}

impl<E: Dtype> Structure<E> for MaxPoolGlobal {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        Ok(largest_traced(name, graph, x))
    }
}

impl<E: Dtype> Structure<E> for MinPoolGlobal {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        let turned = graph.map(name, x, "negate", |x| -x);
        let largest = largest_traced(name, graph, turned);
        Ok(graph.map(name, largest, "negate", |x| -x))
    }
}
