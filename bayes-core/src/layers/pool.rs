//! Pooling of images: maximum and mean over windows, and the mean of each channel.

use crate::device::{ImageSize, Kernels, PoolSize};
use crate::error::Error;
use crate::layers::shape_of;
use crate::plan::{Graph, Structure, Wire};
use crate::shape::{GridShape, Over, Plane, Rule, Sliding, WindowShape};
use crate::twin::{Deterministic, Name, Spec};
use dfdx::nn::builders::AvgPoolGlobal as AvgPoolGlobalBuilder;
use dfdx::nn::{Module, NonMutableModule, ZeroSizedModule};
use dfdx::prelude::{Device, Dim, Dtype, Tape, Tensor};

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
    MaxPool2D, max_pool2d, max_pool
}

pool! {
    /// Mean over each `K`×`K` window with stride `S` and padding `P`, on `(C, H, W)` or `(batch, C, H, W)`.
    ///
    /// Padding counts as zeros: the sum is divided by `K²` everywhere, as in PyTorch's default.
    AvgPool2D, avg_pool2d, avg_pool
}

/// Mean of each channel: `(C, H, W)` to `(C,)`, and the same with a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AvgPoolGlobal;

impl ZeroSizedModule for AvgPoolGlobal {}
impl NonMutableModule for AvgPoolGlobal {}
impl Deterministic for AvgPoolGlobal {
    const RULE: Rule = Rule::GlobalPool { sides: 2 };
}

impl Spec for AvgPoolGlobalBuilder {
    type Built<E: Dtype, D: Device<E>> = AvgPoolGlobal;
    const RULE: Rule = Rule::GlobalPool { sides: 2 };
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
