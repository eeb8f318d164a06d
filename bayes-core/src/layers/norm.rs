//! Batch normalisation of vectors, lines, images and volumes, with running statistics.

use crate::device::{self, ImageSize, Kernels, NormSize};
use crate::error::Error;
use crate::layers::shape_of;
use crate::plan::{Graph, Structure, Wire, host};
use crate::shape::{ChannelShape, Fits, Line, Plane, Rule, Space, Volume};
use crate::twin::{
    Bayesian, Bind, Config, Draw, DrawnView, Name, Spec, TrainView, Twin, VisitPosteriors,
};
use dfdx::nn::builders::{BatchNorm1D as BatchNorm1DBuilder, BatchNorm2D as BatchNorm2DBuilder};
use dfdx::nn::tensor_collection::{ModuleVisitor, ScalarOptions, TensorCollection, TensorOptions};
use dfdx::nn::{BuildModule, BuildOnDevice, Module, ModuleMut};
use dfdx::prelude::{Device, Dim, Dtype, Rank1, Tape, Tensor};
use dfdx::tensor::{NoneTape, OwnedTape};

/// The builder form that dfdx has not.
pub mod builder {
    /// Batch normalisation of `C` channels of `(C, D, H, W)` or `(batch, C, D, H, W)`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct BatchNorm3D<const C: usize>;
}

use builder::BatchNorm3D as BatchNorm3DBuilder;

impl<const C: usize, E: Dtype, D: Device<E>> BuildOnDevice<D, E> for BatchNorm3DBuilder<C> {
    type Built = BatchNorm3D<C, E, D>;

    fn try_build_on_device(device: &D) -> Result<Self::Built, D::Err> {
        Self::Built::try_build(device)
    }
}

macro_rules! batch_norm {
    ($shape:literal: $Builder:ident, $Norm:ident over $N:ident; example $example:literal) => {
        /// `(x − mean)/√(var + epsilon)·scale + bias` per channel of
        #[doc = concat!($shape, " (Ioffe and Szegedy 2015).")]
        ///  Training uses the batch's statistics and moves the running ones:
        /// `running = (1 − momentum)·running + momentum·batch`, with the unbiased variance.
        ///
        /// It is not Bayesian: its twin is a copy of it. Names and defaults are dfdx's. As there, `Module` runs without a tape
        /// and by the running statistics, `ModuleMut` with one and by the batch's; a view of a model decides by its mode.
        ///
        #[doc = $example]
        #[derive(Clone, Debug)]
        pub struct $Norm<const C: usize, E: Dtype, D: Device<E>> {
            /// Factor of each channel; starts at 1.
            pub scale: Tensor<Rank1<C>, E, D>,
            /// Offset of each channel; starts at 0.
            pub bias: Tensor<Rank1<C>, E, D>,
            /// Mean of each channel over the batches seen; starts at 0.
            pub running_mean: Tensor<Rank1<C>, E, D>,
            /// Variance of each channel over the batches seen; starts at 1.
            pub running_var: Tensor<Rank1<C>, E, D>,
            /// Added to the variance: 1e-5.
            pub epsilon: f64,
            /// How much of a batch's statistics enters the running ones: 0.1.
            pub momentum: f64,
        }

        impl<const C: usize> Spec for $Builder<C> {
            type Built<E: Dtype, D: Device<E>> = $Norm<C, E, D>;
            const RULE: Rule = Rule::Norm {
                channels: C,
                sides: $N::SIDES,
            };
        }

        impl<const C: usize, E: Dtype, D: Device<E>> TensorCollection<E, D> for $Norm<C, E, D> {
            type To<E2: Dtype, D2: Device<E2>> = $Norm<C, E2, D2>;

            fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
                visitor: &mut V,
            ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
                visitor.visit_fields(
                    (
                        Self::tensor(
                            "scale",
                            |s| &s.scale,
                            |s| &mut s.scale,
                            TensorOptions::reset_to_ones(),
                        ),
                        Self::tensor(
                            "bias",
                            |s| &s.bias,
                            |s| &mut s.bias,
                            TensorOptions::reset_to_zeros(),
                        ),
                        Self::tensor(
                            "running_mean",
                            |s| &s.running_mean,
                            |s| &mut s.running_mean,
                            TensorOptions::detached(|t| t.try_fill_with_zeros()),
                        ),
                        Self::tensor(
                            "running_var",
                            |s| &s.running_var,
                            |s| &mut s.running_var,
                            TensorOptions::detached(|t| t.try_fill_with_ones()),
                        ),
                        Self::scalar(
                            "epsilon",
                            |s| &s.epsilon,
                            |s| &mut s.epsilon,
                            ScalarOptions::from_default(1e-5),
                        ),
                        Self::scalar(
                            "momentum",
                            |s| &s.momentum,
                            |s| &mut s.momentum,
                            ScalarOptions::from_default(0.1),
                        ),
                    ),
                    |(scale, bias, running_mean, running_var, epsilon, momentum)| $Norm {
                        scale,
                        bias,
                        running_mean,
                        running_var,
                        epsilon,
                        momentum,
                    },
                )
            }
        }

        impl<const C: usize, E: Dtype, D: Device<E>> Bind for $Norm<C, E, D> {
            const RULE: Rule = Rule::Norm {
                channels: C,
                sides: $N::SIDES,
            };
            type Eval<'a> = DrawnView<'a, Self>;
            type Train<'a> = TrainView<'a, Self>;

            fn eval<'a>(&'a self, draw: &Draw) -> Self::Eval<'a> {
                DrawnView::new(self, draw)
            }

            fn train<'a>(&'a mut self, _: &Draw) -> Self::Train<'a> {
                TrainView::new(self)
            }

            crate::twin::stand_in!();
        }

        impl<const C: usize, E: Dtype, D: Device<E>> Twin<E, D> for $Norm<C, E, D> {
            type Bayes<Cfg: Config> = Self;

            fn to_bayes<Cfg: Config>(&self, _: &Name<'_>) -> Result<Self, Error> {
                self.copied()
            }

            fn from_bayes<Cfg: Config>(bayes: &Self, _: &Draw) -> Result<Self, Error>
            where
                D: Kernels<E>,
            {
                bayes.copied()
            }
        }

        impl<const C: usize, E: Dtype, D: Device<E>> Bayesian<E, D> for $Norm<C, E, D> {
            fn visit_posteriors<V: VisitPosteriors<E, D>>(
                &self,
                _: &Name<'_>,
                _: &mut V,
            ) -> Result<(), V::Err> {
                Ok(())
            }
        }

        impl<const C: usize, E: Dtype, D: Device<E>> $Norm<C, E, D> {
            /// A copy with tensors of its own: clones share their identity, and so their gradients.
            fn copied(&self) -> Result<Self, Error> {
                let copy = |t: &Tensor<Rank1<C>, E, D>| device::copy(t).map_err(Error::device);
                Ok(Self {
                    scale: copy(&self.scale)?,
                    bias: copy(&self.bias)?,
                    running_mean: copy(&self.running_mean)?,
                    running_var: copy(&self.running_var)?,
                    ..*self
                })
            }

            fn size<X: ChannelShape<$N>>(&self, shape: &X) -> Option<NormSize> {
                let image = ImageSize {
                    examples: shape.examples(),
                    channels: shape.channels().size(),
                    pixels: shape.positions(),
                };
                (image.channels == C).then_some(NormSize {
                    image,
                    epsilon: self.epsilon,
                })
            }

            fn by_running_statistics<X: ChannelShape<$N>, T: Tape<E, D>>(
                &self,
                x: Tensor<X, E, D, T>,
            ) -> Result<Tensor<X, E, D, T>, D::Err>
            where
                D: Kernels<E>,
            {
                let size = self.size(&shape_of(&x)).ok_or_else(D::misfit)?;
                let running = (&self.running_mean, &self.running_var);
                D::batch_norm_eval(x, self.scale.retaped(), self.bias.retaped(), running, size)
            }

            /// Normalises by the batch and moves the running statistics. One value per channel has no variance: an error.
            fn by_batch_statistics<X: ChannelShape<$N>, T: Tape<E, D>>(
                &mut self,
                x: Tensor<X, E, D, T>,
            ) -> Result<Tensor<X, E, D, T>, D::Err>
            where
                D: Kernels<E>,
            {
                let size = self.size(&shape_of(&x)).ok_or_else(D::misfit)?;
                if size.image.examples * size.image.pixels < 2 {
                    return Err(D::misfit());
                }
                let normalized = D::batch_norm(x, self.scale.retaped(), self.bias.retaped(), size)?;
                D::follow(&mut self.running_mean, normalized.mean, self.momentum)?;
                D::follow(
                    &mut self.running_var,
                    normalized.unbiased_var,
                    self.momentum,
                )?;
                Ok(normalized.output)
            }
        }

        impl<const C: usize, X, E, D> Module<Tensor<X, E, D, NoneTape>> for $Norm<C, E, D>
        where
            X: ChannelShape<$N>,
            X::Channels: Fits<C>,
            E: Dtype,
            D: Kernels<E>,
        {
            type Output = Tensor<X, E, D, NoneTape>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<X, E, D, NoneTape>) -> Result<Self::Output, D::Err> {
                self.by_running_statistics(x)
            }
        }

        impl<const C: usize, X, E, D> ModuleMut<Tensor<X, E, D, OwnedTape<E, D>>> for $Norm<C, E, D>
        where
            X: ChannelShape<$N>,
            X::Channels: Fits<C>,
            E: Dtype,
            D: Kernels<E>,
        {
            type Output = Tensor<X, E, D, OwnedTape<E, D>>;
            type Error = D::Err;

            fn try_forward_mut(
                &mut self,
                x: Tensor<X, E, D, OwnedTape<E, D>>,
            ) -> Result<Self::Output, D::Err> {
                self.by_batch_statistics(x)
            }
        }

        impl<const C: usize, X, E, D, T> Module<Tensor<X, E, D, T>>
            for DrawnView<'_, $Norm<C, E, D>>
        where
            X: ChannelShape<$N>,
            X::Channels: Fits<C>,
            E: Dtype,
            D: Kernels<E>,
            T: Tape<E, D>,
        {
            type Output = Tensor<X, E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
                let shape = shape_of(&x);
                if self.layer.size(&shape).is_none() {
                    self.draw.report(Error::input(
                        stringify!($Norm),
                        format!("{C} channels"),
                        shape,
                    ));
                }
                self.layer.by_running_statistics(x)
            }
        }

        impl<const C: usize, X, E, D, T> Module<Tensor<X, E, D, T>>
            for TrainView<'_, $Norm<C, E, D>>
        where
            X: ChannelShape<$N>,
            X::Channels: Fits<C>,
            E: Dtype,
            D: Kernels<E>,
            T: Tape<E, D>,
        {
            type Output = Tensor<X, E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
                self.layer().by_batch_statistics(x)
            }
        }

        impl<const C: usize, E: Dtype, D: Device<E>> Structure<E> for $Norm<C, E, D> {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                let (scale, bias) = (host(&self.scale)?, host(&self.bias)?);
                let (mean, var) = (host(&self.running_mean)?, host(&self.running_var)?);
                let factors = scale.iter().zip(&var);
                let factors: Vec<f64> = factors
                    .map(|(scale, var)| scale / (var + self.epsilon).sqrt())
                    .collect();
                let shifts = bias.iter().zip(&mean).zip(&factors);
                let shifts = shifts.map(|((bias, mean), factor)| (bias - mean * factor) as f32);
                let shifts = shifts.collect();
                graph.affine(name, x, factors.iter().map(|&f| f as f32).collect(), shifts)
            }
        }
    };
}

batch_norm!("`(batch, C)` or `(batch, C, L)`": BatchNorm1DBuilder, BatchNorm1D over Line; example "```
use bayes_core::prelude::*;

#[bayesian(input = (3, 8))]
struct Net {
    conv: Conv1D<3, 4, 3>,
    norm: BatchNorm1D<4>,
    act: ReLU,
    flatten: Flatten1D,
    fc: Linear<24, 2>,
}

let dev = Cpu::seed_from_u64(0);
let mut bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
let x: Tensor<Rank3<5, 3, 8>, f32, _> = dev.sample_normal();
let before = bayes.norm.running_mean.as_vec();
bayes.eval(Key::MEAN).forward(x.clone()); // by the running statistics
assert_eq!(bayes.norm.running_mean.as_vec(), before);
bayes.train(Key::MEAN).forward(x); // by the batch's, which the running ones follow
assert_ne!(bayes.norm.running_mean.as_vec(), before);
# Ok::<(), Error>(())
```");
batch_norm!("`(C, H, W)` or `(batch, C, H, W)`": BatchNorm2DBuilder, BatchNorm2D over Plane; example "```
use bayes_core::prelude::*;

#[bayesian(input = (3, 8, 8))]
struct Net {
    conv: Conv2D<3, 4, 3>,
    norm: BatchNorm2D<4>,
    act: ReLU,
    pool: AvgPoolGlobal,
    fc: Linear<4, 2>,
}

let dev = Cpu::seed_from_u64(0);
let mut bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
let x: Tensor<Rank4<5, 3, 8, 8>, f32, _> = dev.sample_normal();
let before = bayes.norm.running_mean.as_vec();
bayes.eval(Key::MEAN).forward(x.clone()); // by the running statistics
assert_eq!(bayes.norm.running_mean.as_vec(), before);
bayes.train(Key::MEAN).forward(x); // by the batch's, which the running ones follow
assert_ne!(bayes.norm.running_mean.as_vec(), before);
# Ok::<(), Error>(())
```");
batch_norm!("`(C, D, H, W)` or `(batch, C, D, H, W)`": BatchNorm3DBuilder, BatchNorm3D over Volume; example "```
use bayes_core::prelude::*;

#[bayesian(input = (3, 4, 4, 4))]
struct Net {
    conv: Conv3D<3, 4, 3>,
    norm: BatchNorm3D<4>,
    act: ReLU,
    flatten: Flatten3D,
    fc: Linear<32, 2>,
}

let dev = Cpu::seed_from_u64(0);
let mut bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
let x: Tensor<Rank5<5, 3, 4, 4, 4>, f32, _> = dev.sample_normal();
let before = bayes.norm.running_mean.as_vec();
bayes.eval(Key::MEAN).forward(x.clone()); // by the running statistics
assert_eq!(bayes.norm.running_mean.as_vec(), before);
bayes.train(Key::MEAN).forward(x); // by the batch's, which the running ones follow
assert_ne!(bayes.norm.running_mean.as_vec(), before);
# Ok::<(), Error>(())
```");
