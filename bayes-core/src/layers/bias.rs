//! A bias per channel of lines, images and volumes, plain and variational.

use crate::device::{ImageSize, Kernels, SignSize};
use crate::draw::Key;
use crate::error::Error;
use crate::estimator::{Estimator, EstimatorKind};
use crate::layers::shape_of;
use crate::layers::variational_layer::{Product, estimate};
use crate::plan::{Graph, Structure, Weights, Wire};
use crate::posterior::{NoFan, Variational};
use crate::shape::{Fits, GridShape, Line, Plane, Rule, Space, Volume};
use crate::twin::{
    Bayesian, Bind, Config, Draw, DrawnView, LayerView, Name, Noise, Spec, Twin, VisitPosteriors,
};
use dfdx::nn::builders::Bias2D as Bias2DBuilder;
use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection, TensorOptions};
use dfdx::nn::{BuildModule, BuildOnDevice, Module, NonMutableModule};
use dfdx::prelude::{Device, Dim, Dtype, Rank1, Tape, Tensor};

/// The builder forms that dfdx has not.
pub mod builder {
    /// A bias for each of `C` channels of `(C, L)` or `(batch, C, L)`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Bias1D<const C: usize>;

    /// A bias for each of `C` channels of `(C, D, H, W)` or `(batch, C, D, H, W)`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Bias3D<const C: usize>;
}

use builder::{Bias1D as Bias1DBuilder, Bias3D as Bias3DBuilder};

macro_rules! build_on_device {
    ($($Builder:ident $Bias:ident)*) => {$(
        impl<const C: usize, E: Dtype, D: Device<E>> BuildOnDevice<D, E> for $Builder<C> {
            type Built = $Bias<C, E, D>;

            fn try_build_on_device(device: &D) -> Result<Self::Built, D::Err> {
                Self::Built::try_build(device)
            }
        }
    )*};
}

build_on_device!(Bias1DBuilder Bias1D Bias3DBuilder Bias3D);

fn size<N: Space, X: GridShape<N>>(shape: &X) -> ImageSize {
    ImageSize {
        examples: shape.examples(),
        channels: shape.channels().size(),
        pixels: shape.positions(),
    }
}

macro_rules! bias {
    ($shape:literal: $Builder:ident, $Bias:ident, $Bayes:ident over $N:ident; example $example:literal) => {
        /// Adds `bias[c]` to channel c of
        #[doc = concat!($shape, " with or without a batch; it starts at 0. A convolution's bias is a layer of its own:")]
        ///
        #[doc = $example]
        #[derive(Clone, Debug)]
        pub struct $Bias<const C: usize, E: Dtype, D: Device<E>> {
            /// Bias of each channel.
            pub bias: Tensor<Rank1<C>, E, D>,
        }

        #[doc = concat!("A [`", stringify!($Bias), "`] whose biases have a posterior.")]
        #[derive(Clone, Debug)]
        pub struct $Bayes<const C: usize, E: Dtype, D: Device<E>, Cfg: Config> {
            /// Bias of each channel.
            pub bias: Variational<Rank1<C>, E, D, Cfg, NoFan>,
        }

        impl<const C: usize> Spec for $Builder<C> {
            type Built<E: Dtype, D: Device<E>> = $Bias<C, E, D>;
            const RULE: Rule = Rule::Bias { channels: C, sides: $N::SIDES };
        }

        impl<const C: usize, E: Dtype, D: Device<E>> NonMutableModule for $Bias<C, E, D> {}

        impl<const C: usize, E: Dtype, D: Device<E>> TensorCollection<E, D> for $Bias<C, E, D> {
            type To<E2: Dtype, D2: Device<E2>> = $Bias<C, E2, D2>;

            fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
                visitor: &mut V,
            ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
                let bias = Self::tensor(
                    "bias",
                    |s| &s.bias,
                    |s| &mut s.bias,
                    TensorOptions::reset_to_zeros(),
                );
                visitor.visit_fields(bias, |bias| $Bias { bias })
            }
        }

        impl<const C: usize, E: Dtype, D: Device<E>, Cfg: Config> TensorCollection<E, D>
            for $Bayes<C, E, D, Cfg>
        {
            type To<E2: Dtype, D2: Device<E2>> = $Bayes<C, E2, D2, Cfg>;

            fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
                visitor: &mut V,
            ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
                visitor.visit_fields(Self::module("bias", |s| &s.bias, |s| &mut s.bias), |bias| {
                    $Bayes { bias }
                })
            }
        }

        impl<const C: usize, E: Dtype, D: Device<E>> Bind for $Bias<C, E, D> {
            const RULE: Rule = Rule::Bias { channels: C, sides: $N::SIDES };
            type Eval<'a> = LayerView<'a, Self>;
            type Train<'a> = LayerView<'a, Self>;

            fn eval<'a>(&'a self, _: &Draw) -> Self::Eval<'a> {
                LayerView(self)
            }

            fn train<'a>(&'a mut self, _: &Draw) -> Self::Train<'a> {
                LayerView(self)
            }

            crate::twin::stand_in!();
        }

        impl<const C: usize, E: Dtype, D: Device<E>, Cfg: Config> Bind for $Bayes<C, E, D, Cfg> {
            const RULE: Rule = Rule::Bias { channels: C, sides: $N::SIDES };
            type Eval<'a> = DrawnView<'a, Self>;
            type Train<'a> = DrawnView<'a, Self>;

            fn eval<'a>(&'a self, draw: &Draw) -> Self::Eval<'a> {
                DrawnView::new(self, draw)
            }

            fn train<'a>(&'a mut self, draw: &Draw) -> Self::Train<'a> {
                DrawnView::new(self, draw)
            }

            crate::twin::stand_in!();
        }

        impl<const C: usize, E: Dtype, D: Device<E>> Twin<E, D> for $Bias<C, E, D> {
            type Bayes<Cfg: Config> = $Bayes<C, E, D, Cfg>;

            fn to_bayes<Cfg: Config>(&self, name: &Name<'_>) -> Result<Self::Bayes<Cfg>, Error> {
                Ok($Bayes {
                    bias: Variational::around(&self.bias, &name.field("bias"))?,
                })
            }

            fn from_bayes<Cfg: Config>(bayes: &Self::Bayes<Cfg>, draw: &Draw) -> Result<Self, Error>
            where
                D: Kernels<E>,
            {
                Ok(Self {
                    bias: bayes.bias.drawn(draw, "bias")?,
                })
            }
        }

        impl<const C: usize, E: Dtype, D: Device<E>, Cfg: Config> Bayesian<E, D>
            for $Bayes<C, E, D, Cfg>
        {
            fn visit_posteriors<V: VisitPosteriors<E, D>>(
                &self,
                name: &Name<'_>,
                visitor: &mut V,
            ) -> Result<(), V::Err> {
                visitor.visit(&name.field("bias"), &self.bias)
            }
        }

        impl<const C: usize, X, E, D, T> Module<Tensor<X, E, D, T>> for $Bias<C, E, D>
        where
            X: GridShape<$N>,
            X::Channels: Fits<C>,
            E: Dtype,
            D: Kernels<E>,
            T: Tape<E, D>,
        {
            type Output = Tensor<X, E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
                let size = size::<$N, X>(&shape_of(&x));
                if size.channels != C {
                    return Err(D::misfit());
                }
                D::add_bias(x, self.bias.retaped(), size)
            }
        }

        /// With Flipout the sign of each example and channel turns the bias's deviation alone, so the input passes as it is.
        impl<const C: usize, X, E, D, Cfg, T> Product<E, D, X, T> for $Bayes<C, E, D, Cfg>
        where
            X: GridShape<$N>,
            E: Dtype,
            D: Kernels<E>,
            Cfg: Config,
            T: Tape<E, D>,
        {
            type Output = X;

            fn with_weights(
                &self,
                draw: &Draw,
                x: Tensor<X, E, D, T>,
            ) -> Result<Tensor<X, E, D, T>, D::Err> {
                let size = size::<$N, X>(&shape_of(&x));
                D::add_bias(x, self.bias.weights(draw, "bias")?, size)
            }

            fn flipped(
                &self,
                draw: &Draw,
                x: Tensor<X, E, D, T>,
                _: Option<(Noise, SignSize)>,
                (signs, _): (Noise, SignSize),
            ) -> Result<Tensor<X, E, D, T>, D::Err> {
                let size = size::<$N, X>(&shape_of(&x));
                let mean = self.bias.weights(&Key::MEAN.into(), "bias")?;
                let bias = [mean, self.bias.deviation(draw, "bias")?];
                D::add_bias_flipped(x, bias, signs, size)
            }

            fn signs(&self, x: &X) -> (Option<SignSize>, SignSize) {
                let ImageSize {
                    examples,
                    channels,
                    pixels,
                } = size::<$N, X>(x);
                let size = SignSize {
                    examples,
                    steps: 1,
                    channels,
                    pixels,
                };
                (None, size)
            }
        }

        impl<const C: usize, X, E, D, Cfg, T> Module<Tensor<X, E, D, T>>
            for DrawnView<'_, $Bayes<C, E, D, Cfg>>
        where
            X: GridShape<$N>,
            X::Channels: Fits<C>,
            E: Dtype,
            D: Kernels<E>,
            Cfg: Config,
            T: Tape<E, D>,
        {
            type Output = Tensor<X, E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
                const {
                    assert!(
                        !matches!(Cfg::Estimator::KIND, EstimatorKind::LocalReparameterization),
                        "LocalReparameterization is for Linear: write #[bayes(estimator = Flipout)] or \
                         #[bayes(estimator = Reparameterization)] on the bias"
                    );
                }
                let shape = shape_of(&x);
                if shape.channels().size() != C {
                    self.draw
                        .report(Error::input(stringify!($Bias), format!("{C} channels"), shape));
                    return Err(D::misfit());
                }
                estimate(self.layer, Cfg::Estimator::KIND, &self.draw, x)
            }
        }

        impl<const C: usize, E: Dtype, D: Device<E>> Structure<E> for $Bias<C, E, D> {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                graph.bias(name, x, Weights::plain(name, "bias", &self.bias)?)
            }
        }

        impl<const C: usize, E: Dtype, D: Device<E>, Cfg: Config> Structure<E>
            for $Bayes<C, E, D, Cfg>
        {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                graph.bias(name, x, self.bias.traced(name, "bias")?)
            }
        }
    };
}

bias!("`(C, L)`": Bias1DBuilder, Bias1D, BayesBias1D over Line; example "```
use bayes_core::prelude::*;

#[bayesian(input = (3, 8))]
struct Net {
    conv: Conv1D<3, 4, 3>,
    bias: Bias1D<4>,
    act: ReLU,
    flatten: Flatten1D,
    fc: Linear<24, 2>,
}

let dev = Cpu::seed_from_u64(0);
let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
assert_eq!(bayes.kl_per_layer()?[1].name, \"bias.bias\");
# Ok::<(), Error>(())
```");
bias!("`(C, H, W)`": Bias2DBuilder, Bias2D, BayesBias2D over Plane; example "```
use bayes_core::prelude::*;

#[bayesian(input = (3, 8, 8))]
struct Net {
    conv: Conv2D<3, 4, 3>,
    bias: Bias2D<4>,
    act: ReLU,
    pool: AvgPoolGlobal,
    fc: Linear<4, 2>,
}

let dev = Cpu::seed_from_u64(0);
let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
assert_eq!(bayes.kl_per_layer()?[1].name, \"bias.bias\");
# Ok::<(), Error>(())
```");
bias!("`(C, D, H, W)`": Bias3DBuilder, Bias3D, BayesBias3D over Volume; example "```
use bayes_core::prelude::*;

#[bayesian(input = (3, 4, 4, 4))]
struct Net {
    conv: Conv3D<3, 4, 3>,
    bias: Bias3D<4>,
    act: ReLU,
    flatten: Flatten3D,
    fc: Linear<32, 2>,
}

let dev = Cpu::seed_from_u64(0);
let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
assert_eq!(bayes.kl_per_layer()?[1].name, \"bias.bias\");
# Ok::<(), Error>(())
```");
