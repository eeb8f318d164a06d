//! The plain convolution.

use super::BayesConv2D;
use crate::device::Kernels;
use crate::error::Error;
use crate::kernels::conv2d::Conv2dGeometry;
use crate::layers::shape_of;
use crate::plan::{Graph, Sizes, Structure, Weights, Wire};
use crate::posterior::Within;
use crate::shape::{Fits, PerGroup, Rule, Slid, Sliding, WindowShape};
use crate::twin::{Bind, Config, Draw, LayerView, Name, Spec, Twin};
use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection, TensorOptions};
use dfdx::nn::{BuildModule, BuildOnDevice, Module, NonMutableModule};
use dfdx::prelude::{Const, Device, Dim, Dtype, Tape, Tensor};

/// The builder form.
pub mod builder {
    /// `I` to `O` channels by a `K`×`K` kernel with stride `S`, padding `P`, dilation `L` and `G` groups, without bias
    /// (put a [`Bias2D`](dfdx::nn::builders::Bias2D) after it, or a batch normalisation).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Conv2D<
        const I: usize,
        const O: usize,
        const K: usize,
        const S: usize = 1,
        const P: usize = 0,
        const L: usize = 1,
        const G: usize = 1,
    >;
}

/// Weights of a convolution: `(O, I/G, K, K)`.
pub(super) type Weight<const I: usize, const O: usize, const K: usize, const G: usize> =
    (Const<O>, PerGroup<I, G>, Const<K>, Const<K>);

/// Cross-correlation of `(I, H, W)` or `(batch, I, H, W)` images with `O·I/G` kernels, zeros around the image:
/// `y[o, i, j] = Σ w[o, c, k, l] · x[c, i·S + k·L − P, j·S + l·L − P]`.
///
/// Weights start uniform in `±1/√(I/G·K²)`, as dfdx's and PyTorch's.
#[derive(Clone, Debug)]
pub struct Conv2D<
    const I: usize,
    const O: usize,
    const K: usize,
    const S: usize,
    const P: usize,
    const L: usize,
    const G: usize,
    E: Dtype,
    D: Device<E>,
> {
    /// Kernels, `(O, I/G, K, K)`.
    pub weight: Tensor<Weight<I, O, K, G>, E, D>,
}

/// The geometry of a forward pass and the shape of its output.
type Placed<Y> = (Conv2dGeometry, Y);

/// The geometry of a forward pass, or the sentence that says why there is none.
pub(super) fn geometry<
    X: WindowShape<K, S, P, L>,
    const I: usize,
    const O: usize,
    const K: usize,
    const S: usize,
    const P: usize,
    const L: usize,
    const G: usize,
>(
    shape: &X,
) -> Result<Placed<Slid<X, Const<O>, K, S, P, L>>, Error> {
    let (channels, height, width) = shape.image();
    let misfit = || {
        Error::input(
            "Conv2D",
            format!("{I} channels and at least a {K}×{K} window"),
            shape,
        )
    };
    if channels.size() != I {
        return Err(misfit());
    }
    let (out_height, out_width) = shape.slide().ok_or_else(misfit)?;
    let geometry = Conv2dGeometry {
        batch: shape.examples(),
        in_channels: I,
        height: height.size(),
        width: width.size(),
        out_channels: O,
        kernel: K,
        stride: S,
        padding: P,
        dilation: L,
        groups: G,
    };
    Ok((geometry, shape.with(Const, out_height, out_width)))
}

/// Repeats an implementation's head: the seven numbers of a convolution.
macro_rules! conv2d {
    (impl [$($generics:tt)*] $Trait:ident $(<$($arg:ty),*>)? for $($lifetime:lifetime)? $Type:ident [$($args:tt)*] where [$($bounds:tt)*] $body:tt) => {
        impl<
            const I: usize, const O: usize, const K: usize, const S: usize, const P: usize, const L: usize,
            const G: usize, $($generics)*
        > $Trait $(<$($arg),*>)? for $Type<$($lifetime,)? I, O, K, S, P, L, G, $($args)*> where $($bounds)* $body
    };
}
pub(super) use conv2d;

conv2d! {
    impl [] Spec for Builder [] where [] {
        type Built<E: Dtype, D: Device<E>> = Conv2D<I, O, K, S, P, L, G, E, D>;
        const RULE: Rule = rule::<I, O, K, S, P, L>();
    }
}

use builder::Conv2D as Builder;

/// The rule of a convolution and of its twin.
pub(super) const fn rule<
    const I: usize,
    const O: usize,
    const K: usize,
    const S: usize,
    const P: usize,
    const L: usize,
>() -> Rule {
    Rule::Convolution {
        inputs: I,
        outputs: O,
        window: Sliding {
            kernel: K,
            stride: S,
            padding: P,
            dilation: L,
        },
    }
}

conv2d! {
    impl [E: Dtype, D: Device<E>] BuildOnDevice<D, E> for Builder [] where [] {
        type Built = Conv2D<I, O, K, S, P, L, G, E, D>;

        fn try_build_on_device(device: &D) -> Result<Self::Built, D::Err> {
            Self::Built::try_build(device)
        }
    }
}

conv2d! { impl [E: Dtype, D: Device<E>] NonMutableModule for Conv2D [E, D] where [] {} }

conv2d! {
    impl [E: Dtype, D: Device<E>] TensorCollection<E, D> for Conv2D [E, D] where [] {
        type To<E2: Dtype, D2: Device<E2>> = Conv2D<I, O, K, S, P, L, G, E2, D2>;

        fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(
                Self::tensor(
                    "weight",
                    |s| &s.weight,
                    |s| &mut s.weight,
                    TensorOptions::reset_with(|t| t.try_fill_with_distr(Within::fan_in(I / G * K * K))),
                ),
                |weight| Conv2D { weight },
            )
        }
    }
}

conv2d! {
    impl [E: Dtype, D: Device<E>] Bind for Conv2D [E, D] where [] {
        const RULE: Rule = rule::<I, O, K, S, P, L>();
        type Eval<'a> = LayerView<'a, Self>;
        type Train<'a> = LayerView<'a, Self>;

        fn eval<'a>(&'a self, _: &Draw) -> Self::Eval<'a> {
            LayerView(self)
        }

        fn train<'a>(&'a mut self, _: &Draw) -> Self::Train<'a> {
            LayerView(self)
        }
    }
}

conv2d! {
    impl [E: Dtype, D: Device<E>] Twin<E, D> for Conv2D [E, D] where [] {
        type Bayes<C: Config> = BayesConv2D<I, O, K, S, P, L, G, E, D, C>;

        fn to_bayes<C: Config>(&self, name: &Name<'_>) -> Result<Self::Bayes<C>, Error> {
            BayesConv2D::around(&self.weight, name)
        }

        fn from_bayes<C: Config>(bayes: &Self::Bayes<C>, draw: &Draw) -> Result<Self, Error>
        where
            D: Kernels<E>,
        {
            Ok(Self { weight: bayes.weight.drawn(draw, "weight")? })
        }
    }
}

conv2d! {
    impl [X, E, D, T] Module<Tensor<X, E, D, T>> for Conv2D [E, D]
    where [
        X: WindowShape<K, S, P, L>,
        X::Channels: Fits<I>,
        E: Dtype,
        D: Kernels<E>,
        T: Tape<E, D>,
    ] {
        type Output = Tensor<Slid<X, Const<O>, K, S, P, L>, E, D, T>;
        type Error = D::Err;

        fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
            let (geometry, out) = geometry::<X, I, O, K, S, P, L, G>(&shape_of(&x)).map_err(|_| D::misfit())?;
            D::conv2d(x, self.weight.retaped(), geometry, out)
        }
    }
}

conv2d! {
    impl [E: Dtype, D: Device<E>] Structure<E> for Conv2D [E, D] where [] {
        fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
            let weights = Weights::plain(name, "weight", &self.weight)?;
            graph.product(name, x, sizes::<I, O, K, S, P, L, G>(), weights)
        }
    }
}

pub(super) fn sizes<
    const I: usize,
    const O: usize,
    const K: usize,
    const S: usize,
    const P: usize,
    const L: usize,
    const G: usize,
>() -> Sizes {
    Sizes::Convolution {
        inputs: I,
        outputs: O,
        window: Sliding {
            kernel: K,
            stride: S,
            padding: P,
            dilation: L,
        },
        groups: G,
    }
}
