//! The macro that writes a convolution: its builder, the plain layer and the Bayesian one.
//!
//! All six differ in their name, the space of their grids and the way the window moves; what they do is in
//! [`sizes`](super::sizes) and on the device.

/// Writes one convolution. `extra` is the name of the const parameter for output padding, where there is one.
macro_rules! convolution {
    (
        builder { $($built:tt)* }
        layer { $($doc:tt)* }
        $Plain:ident, $Bayes:ident over $N:ident by $M:ident in $moves:ident;
        kernels ($A:ty, $B:ty) of $fan:ident; extra [$($OP:ident)?]
    ) => {
        /// The builder form.
        pub mod builder {
            $($built)*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
            pub struct $Plain<
                const I: usize,
                const O: usize,
                const K: usize,
                const S: usize = 1,
                const P: usize = 0,
                const L: usize = 1,
                const G: usize = 1,
                $(const $OP: usize = 0,)?
            >;
        }

        crate::layers::conv::family::convolution! {
            @layers { $($doc)* } $Plain, $Bayes over $N by $M in $moves; kernels ($A, $B) of $fan; extra [$($OP)?];
            [
                const I: usize, const O: usize, const K: usize, const S: usize, const P: usize, const L: usize,
                const G: usize $(, const $OP: usize)?
            ]
            [I, O, K, S, P, L, G $(, $OP)?]
        }
    };
    (
        @layers { $($doc:tt)* } $Plain:ident, $Bayes:ident over $N:ident by $M:ident in $moves:ident;
        kernels ($A:ty, $B:ty) of $fan:ident; extra [$($OP:ident)?];
        [$($param:tt)*] [$($arg:tt)*]
    ) => {
        use crate::device::{Kernels, SignSize};
        use crate::error::Error;
        use crate::estimator::{Estimator, EstimatorKind};
        use crate::layers::conv::sizes::{Geometry, Numbers, $moves};
        use crate::layers::shape_of;
        use crate::layers::variational_layer::{Product, estimate, two_products};
        use crate::draw::Key;
        use crate::plan::{Graph, Structure, Weights, Wire};
        use crate::posterior::{ConvolutionFan, FanIn, Variational, Within};
        use crate::shape::{$M, $N, Fits, GridShape, PerGroup, Rule, Sliding, Space, WindowShape};
        use crate::twin::{
            Bayesian, Bind, Config, Draw, DrawnView, LayerView, Name, Noise, Spec, Twin, VisitPosteriors,
        };
        use builder::$Plain as Builder;
        use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection, TensorOptions};
        use dfdx::nn::{BuildModule, BuildOnDevice, Module, NonMutableModule};
        use dfdx::prelude::{Const, Device, Dtype, Tape, Tensor};

        type Weight<const I: usize, const O: usize, const K: usize, const G: usize> =
            <$N as Space>::Kernels<$A, $B, K>;

        $($doc)*
        #[derive(Clone, Debug)]
        pub struct $Plain<$($param)*, E: Dtype, D: Device<E>> {
            /// Kernels.
            pub weight: Tensor<Weight<I, O, K, G>, E, D>,
        }

        #[doc = concat!("A [`", stringify!($Plain), "`] whose kernels have a posterior.")]
        ///
        /// With Flipout each example and channel has a sign, constant over the grid: all positions of one example
        /// share their kernel, as a draw of the posterior does.
        #[derive(Clone, Debug)]
        pub struct $Bayes<$($param)*, E: Dtype, D: Device<E>, C: Config> {
            /// Kernels.
            pub weight: Variational<Weight<I, O, K, G>, E, D, C, ConvolutionFan<$N, $fan, K, G>>,
        }

        impl<$($param)*> Builder<$($arg)*> {
            const NUMBERS: Numbers = Numbers {
                layer: stringify!($Plain),
                inputs: I,
                outputs: O,
                window: Sliding { kernel: K, stride: S, padding: P, dilation: L },
                groups: G,
                extra: 0 $(+ $OP)?,
                sides: <$N as Space>::SIDES,
            };

            /// The geometry of a forward pass and the shape of its output, or the sentence that says why there is none.
            fn placed<X: WindowShape<$N, $M, K, S, P, L $(, $OP)?>>(
                x: &X,
            ) -> Result<(Geometry, X::Out<Const<O>>), Error> {
                let numbers = Self::NUMBERS;
                let geometry = $moves::geometry::<$N, X>(&numbers, x).ok_or_else(|| numbers.misfit(x))?;
                Ok((geometry, x.slide(Const).ok_or_else(|| numbers.misfit(x))?))
            }
        }

        impl<$($param)*> Spec for Builder<$($arg)*> {
            type Built<E: Dtype, D: Device<E>> = $Plain<$($arg)*, E, D>;
            const RULE: Rule = $moves::rule(Self::NUMBERS);
        }

        impl<$($param)*, E: Dtype, D: Device<E>> BuildOnDevice<D, E> for Builder<$($arg)*> {
            type Built = $Plain<$($arg)*, E, D>;

            fn try_build_on_device(device: &D) -> Result<Self::Built, D::Err> {
                Self::Built::try_build(device)
            }
        }

        impl<$($param)*, E: Dtype, D: Device<E>> NonMutableModule for $Plain<$($arg)*, E, D> {}

        impl<$($param)*, E: Dtype, D: Device<E>> TensorCollection<E, D> for $Plain<$($arg)*, E, D> {
            type To<E2: Dtype, D2: Device<E2>> = $Plain<$($arg)*, E2, D2>;

            fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
                visitor: &mut V,
            ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
                let options = TensorOptions::reset_with(|t| {
                    let fan_in = ConvolutionFan::<$N, $fan, K, G>::FAN_IN.unwrap_or(1);
                    t.try_fill_with_distr(Within::fan_in(fan_in))
                });
                let weight = Self::tensor("weight", |s| &s.weight, |s| &mut s.weight, options);
                visitor.visit_fields(weight, |weight| $Plain { weight })
            }
        }

        impl<$($param)*, E: Dtype, D: Device<E>, C: Config> TensorCollection<E, D> for $Bayes<$($arg)*, E, D, C> {
            type To<E2: Dtype, D2: Device<E2>> = $Bayes<$($arg)*, E2, D2, C>;

            fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
                visitor: &mut V,
            ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
                let weight = Self::module("weight", |s| &s.weight, |s| &mut s.weight);
                visitor.visit_fields(weight, |weight| $Bayes { weight })
            }
        }

        impl<$($param)*, E: Dtype, D: Device<E>> Bind for $Plain<$($arg)*, E, D> {
            const RULE: Rule = <Builder<$($arg)*> as Spec>::RULE;
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

        impl<$($param)*, E: Dtype, D: Device<E>, C: Config> Bind for $Bayes<$($arg)*, E, D, C> {
            const RULE: Rule = <Builder<$($arg)*> as Spec>::RULE;
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

        impl<$($param)*, E: Dtype, D: Device<E>> Twin<E, D> for $Plain<$($arg)*, E, D> {
            type Bayes<C: Config> = $Bayes<$($arg)*, E, D, C>;

            fn to_bayes<C: Config>(&self, name: &Name<'_>) -> Result<Self::Bayes<C>, Error> {
                Ok($Bayes { weight: Variational::around(&self.weight, &name.field("weight"))? })
            }

            fn from_bayes<C: Config>(bayes: &Self::Bayes<C>, draw: &Draw) -> Result<Self, Error>
            where
                D: Kernels<E>,
            {
                Ok(Self { weight: bayes.weight.drawn(draw, "weight")? })
            }
        }

        impl<$($param)*, E: Dtype, D: Device<E>, C: Config> Bayesian<E, D> for $Bayes<$($arg)*, E, D, C> {
            fn visit_posteriors<V: VisitPosteriors<E, D>>(
                &self,
                name: &Name<'_>,
                visitor: &mut V,
            ) -> Result<(), V::Err> {
                visitor.visit(&name.field("weight"), &self.weight)
            }
        }

        impl<$($param)*, X, E, D, T> Module<Tensor<X, E, D, T>> for $Plain<$($arg)*, E, D>
        where
            X: WindowShape<$N, $M, K, S, P, L $(, $OP)?>,
            X::Channels: Fits<I>,
            E: Dtype,
            D: Kernels<E>,
            T: Tape<E, D>,
        {
            type Output = Tensor<X::Out<Const<O>>, E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
                let placed = Builder::<$($arg)*>::placed(&shape_of(&x));
                let (geometry, out) = placed.map_err(|_| D::misfit())?;
                geometry.run(x, self.weight.retaped(), out)
            }
        }

        /// A convolution of one forward pass: the layer, its geometry and the shape of its output.
        struct Pass<'a, Layer, Y> {
            layer: &'a Layer,
            geometry: Geometry,
            out: Y,
        }

        impl<$($param)*, X, Y, E, D, C, T> Product<E, D, X, T> for Pass<'_, $Bayes<$($arg)*, E, D, C>, Y>
        where
            X: GridShape<$N>,
            Y: GridShape<$N>,
            E: Dtype,
            D: Kernels<E>,
            C: Config,
            T: Tape<E, D>,
        {
            type Output = Y;

            fn with_weights(&self, draw: &Draw, x: Tensor<X, E, D, T>) -> Result<Tensor<Y, E, D, T>, D::Err> {
                self.geometry.run(x, self.layer.weight.weights(draw, "weight")?, self.out)
            }

            fn flipped(
                &self,
                draw: &Draw,
                x: Tensor<X, E, D, T>,
                input: Option<(Noise, SignSize)>,
                output: (Noise, SignSize),
            ) -> Result<Tensor<Y, E, D, T>, D::Err> {
                match (self.geometry, input) {
                    (Geometry::Over(geometry), Some((of_input, _))) => {
                        let weight = &self.layer.weight;
                        let mean = weight.weights(&Key::MEAN.into(), "weight")?;
                        let weights = [mean, weight.deviation(draw, "weight")?];
                        D::conv_flipout(x, weights, [of_input, output.0], geometry, self.out)
                    }
                    (_, input) => {
                        let with_mean = |x| self.with_weights(&Key::MEAN.into(), x);
                        let with_deviation = |x| {
                            self.geometry.run(x, self.layer.weight.deviation(draw, "weight")?, self.out)
                        };
                        two_products(draw, x, input, output, with_mean, with_deviation)
                    }
                }
            }

            fn signs(&self, x: &X) -> (Option<SignSize>, SignSize) {
                let size = |channels, pixels| SignSize { examples: x.examples(), steps: 1, channels, pixels };
                (Some(size(I, x.positions())), size(O, self.geometry.positions()))
            }
        }

        impl<$($param)*, X, E, D, C, T> Module<Tensor<X, E, D, T>> for DrawnView<'_, $Bayes<$($arg)*, E, D, C>>
        where
            X: WindowShape<$N, $M, K, S, P, L $(, $OP)?>,
            X::Channels: Fits<I>,
            E: Dtype,
            D: Kernels<E>,
            C: Config,
            T: Tape<E, D>,
        {
            type Output = Tensor<X::Out<Const<O>>, E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
                const {
                    assert!(
                        !matches!(C::Estimator::KIND, EstimatorKind::LocalReparameterization),
                        "LocalReparameterization is for Linear: write #[bayes(estimator = Flipout)] or \
                         #[bayes(estimator = Reparameterization)] on the convolution"
                    );
                }
                match Builder::<$($arg)*>::placed(&shape_of(&x)) {
                    Ok((geometry, out)) => {
                        let pass = Pass { layer: self.layer, geometry, out };
                        estimate(&pass, C::Estimator::KIND, &self.draw, x)
                    }
                    Err(error) => {
                        self.draw.report(error);
                        Err(D::misfit())
                    }
                }
            }
        }

        impl<$($param)*, E: Dtype, D: Device<E>> Structure<E> for $Plain<$($arg)*, E, D> {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                let sizes = $moves::planned(&Builder::<$($arg)*>::NUMBERS);
                let weights = Weights::plain(name, "weight", &self.weight)?;
                graph.product(name, x, sizes, weights)
            }
        }

        impl<$($param)*, E: Dtype, D: Device<E>, C: Config> Structure<E> for $Bayes<$($arg)*, E, D, C> {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                let sizes = $moves::planned(&Builder::<$($arg)*>::NUMBERS);
                let weights = self.weight.traced(name, "weight")?;
                graph.product(name, x, sizes, weights)
            }
        }
    };
}
pub(super) use convolution;
