//! Rectifiers with a slope below 0: given, learned, and learned for each channel.

use crate::device::{self, Kernels};
use crate::error::Error;
use crate::layers::shape_of;
use crate::plan::{Function, Graph, Structure, Wire, host, host_f32};
use crate::shape::{Known, Rule, may_agree};
use crate::twin::{
    Bayesian, Bind, Config, Deterministic, Draw, LayerView, Name, Spec, Twin, VisitPosteriors,
};
use dfdx::nn::builders::{PReLU as PReLUBuilder, PReLU1D as PReLU1DBuilder};
use dfdx::nn::modules::LeakyReLU as DfdxLeakyReLU;
use dfdx::nn::tensor_collection::{ModuleVisitor, ScalarOptions, TensorCollection, TensorOptions};
use dfdx::nn::{Module, NonMutableModule};
use dfdx::prelude::{
    Axes2, BroadcastTo, ConstDim, Device, Dim, Dtype, Rank0, ReshapeTo, Shape, Tape, Tensor,
    TryPReLU,
};

/// x where it is not negative, `slope·x` elsewhere (Maas, Hannun and Ng 2013).
///
/// dfdx's builder `LeakyReLU<f32>` makes it, for models of every number type, with dfdx's slope of 0.05. Another slope is
/// written to the field; a checkpoint saves it.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (4))]
/// struct Net {
///     fc1: Linear<4, 8>,
///     act: LeakyReLU<f32>,
///     fc2: Linear<8, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let mut net = dev.build_module::<Net, f32>();
/// net.act.slope = 0.01;
/// let bayes = BayesNet::from_pretrained(&net)?;
/// assert_eq!(bayes.act.slope, 0.01);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakyReLU {
    /// Slope below 0: 0.05.
    pub slope: f64,
}

impl NonMutableModule for LeakyReLU {}

impl Deterministic for LeakyReLU {
    const RULE: Rule = Rule::Keep;
}

impl<A: Dtype> Spec for DfdxLeakyReLU<A> {
    type Built<E: Dtype, D: Device<E>> = LeakyReLU;
    const RULE: Rule = Rule::Keep;
}

impl<E: Dtype, D: Device<E>> TensorCollection<E, D> for LeakyReLU {
    type To<E2: Dtype, D2: Device<E2>> = Self;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(visitor: &mut V) -> Result<Option<Self>, V::Err> {
        let slope = <Self as TensorCollection<E, D>>::scalar(
            "slope",
            |s| &s.slope,
            |s| &mut s.slope,
            ScalarOptions::from_default(0.05),
        );
        visitor.visit_fields(slope, |slope| LeakyReLU { slope })
    }
}

impl<S: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>> Module<Tensor<S, E, D, T>> for LeakyReLU {
    type Output = Tensor<S, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<S, E, D, T>) -> Result<Self::Output, D::Err> {
        x.try_prelu(E::from_f64(self.slope).unwrap_or_default())
    }
}

/// dfdx's own layer, in module form: its twin is ours, which saves the slope.
impl<A: Dtype> Bind for DfdxLeakyReLU<A> {
    const RULE: Rule = Rule::Keep;
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

impl<A: Dtype, E: Dtype, D: Device<E>> Twin<E, D> for DfdxLeakyReLU<A> {
    type Bayes<C: Config> = LeakyReLU;

    fn to_bayes<C: Config>(&self, _: &Name<'_>) -> Result<LeakyReLU, Error> {
        Ok(LeakyReLU {
            slope: self.0.to_f64().unwrap_or(f64::NAN),
        })
    }

    fn from_bayes<C: Config>(bayes: &LeakyReLU, _: &Draw) -> Result<Self, Error>
    where
        D: Kernels<E>,
    {
        Ok(Self(A::from_f64(bayes.slope).unwrap_or_default()))
    }
}

/// x where it is not negative, `a·x` elsewhere, with one learned a (He et al. 2015); on tensors of any shape.
///
/// It is not Bayesian: its twin is a copy of it. Names and defaults are dfdx's: a starts at 0, where it is a ReLU.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (2, 6, 6))]
/// struct Net {
///     conv: Conv2D<2, 4, 3>,
///     act1: PReLU1D<Const<4>>, // a slope for each channel
///     flatten: Flatten,
///     fc1: Linear<64, 8>,
///     act2: PReLU, // one for all
///     fc2: Linear<8, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
/// let x: Tensor<Rank4<2, 2, 6, 6>, f32, _> = dev.sample_normal();
/// assert_eq!(bayes.predict(x, 8, 7).classify()?.predicted().len(), 2);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PReLU<E: Dtype, D: Device<E>> {
    /// Slope below 0; starts at 0.
    pub a: Tensor<Rank0, E, D>,
}

/// A [`PReLU`] with a slope for each of `C` channels: of `(C,)` and of `(batch, C)`, `(batch, C, L)`, `(batch, C, H, W)`
/// and `(batch, C, D, H, W)`.
#[derive(Clone, Debug)]
pub struct PReLU1D<C: ConstDim, E: Dtype, D: Device<E>> {
    /// Slope below 0 of each channel; starts at 0.
    pub a: Tensor<(C,), E, D>,
}

impl Spec for PReLUBuilder {
    type Built<E: Dtype, D: Device<E>> = PReLU<E, D>;
    const RULE: Rule = Rule::Keep;
}

impl<C: ConstDim> Spec for PReLU1DBuilder<C> {
    type Built<E: Dtype, D: Device<E>> = PReLU1D<C, E, D>;
    const RULE: Rule = Rule::Channels { channels: C::SIZE };
}

/// What both have in common: one tensor, which is copied.
macro_rules! learned_slope {
    ([$($C:ident)?] $PReLU:ident, $rule:expr) => {
        impl<$($C: ConstDim,)? E: Dtype, D: Device<E>> NonMutableModule for $PReLU<$($C,)? E, D> {}

        impl<$($C: ConstDim,)? E: Dtype, D: Device<E>> TensorCollection<E, D> for $PReLU<$($C,)? E, D> {
            type To<E2: Dtype, D2: Device<E2>> = $PReLU<$($C,)? E2, D2>;

            fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
                visitor: &mut V,
            ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
                let a = Self::tensor("a", |s| &s.a, |s| &mut s.a, TensorOptions::reset_to_zeros());
                visitor.visit_fields(a, |a| $PReLU { a })
            }
        }

        impl<$($C: ConstDim,)? E: Dtype, D: Device<E>> Bind for $PReLU<$($C,)? E, D> {
            const RULE: Rule = $rule;
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

        impl<$($C: ConstDim,)? E: Dtype, D: Device<E>> $PReLU<$($C,)? E, D> {
            /// A copy with a tensor of its own: clones share their identity, and so their gradients.
            fn copied(&self) -> Result<Self, Error> {
                Ok(Self { a: device::copy(&self.a).map_err(Error::device)? })
            }
        }

        impl<$($C: ConstDim,)? E: Dtype, D: Device<E>> Twin<E, D> for $PReLU<$($C,)? E, D> {
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

        impl<$($C: ConstDim,)? E: Dtype, D: Device<E>> Bayesian<E, D> for $PReLU<$($C,)? E, D> {
            fn visit_posteriors<V: VisitPosteriors<E, D>>(&self, _: &Name<'_>, _: &mut V) -> Result<(), V::Err> {
                Ok(())
            }
        }
    };
}

learned_slope!([] PReLU, Rule::Keep);
learned_slope!([C] PReLU1D, Rule::Channels { channels: C::SIZE });

/// x with a slope for each of the channels of `(outer, channels, inner)`.
fn rectify<X: Shape, A: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<X, E, D, T>,
    a: Tensor<A, E, D, T>,
    sizes: (usize, usize, usize),
) -> Result<Tensor<X, E, D, T>, D::Err> {
    let shape = shape_of(&x);
    let a = a.try_reshape_like(&(sizes.1,))?;
    let a = a.try_broadcast_like::<_, Axes2<0, 2>>(&sizes)?;
    x.try_reshape_like(&sizes)?
        .try_prelu(a)?
        .try_reshape_like(&shape)
}

impl<S, E, D, T> Module<Tensor<S, E, D, T>> for PReLU<E, D>
where
    S: Shape,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Output = Tensor<S, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<S, E, D, T>) -> Result<Self::Output, D::Err> {
        let len = shape_of(&x).num_elements();
        rectify(x, self.a.retaped(), (1, 1, len))
    }
}

macro_rules! on_channels {
    ([$($B:ident)?] $K:ident $($Side:ident)*) => {
        impl<C: ConstDim, $($B: Dim,)? $K: Known, $($Side: Dim,)* E: Dtype, D: Kernels<E>, T: Tape<E, D>>
            Module<Tensor<($($B,)? $K, $($Side,)*), E, D, T>> for PReLU1D<C, E, D>
        {
            type Output = Tensor<($($B,)? $K, $($Side,)*), E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<($($B,)? $K, $($Side,)*), E, D, T>) -> Result<Self::Output, D::Err> {
                const {
                    assert!(
                        may_agree($K::KNOWN, Some(C::SIZE)),
                        "this PReLU1D has another number of slopes than its input has channels"
                    );
                }
                let dims = shape_of(&x).concrete();
                let [batch, channels] = on_channels!(@sizes dims $($B)?);
                if channels != C::SIZE {
                    return Err(D::misfit());
                }
                let inner = dims.iter().skip(1 + on_channels!(@before $($B)?)).product();
                rectify(x, self.a.retaped(), (batch, channels, inner))
            }
        }
    };
    (@sizes $dims:ident $B:ident) => { [$dims[0], $dims[1]] };
    (@sizes $dims:ident) => { [1, $dims[0]] };
    (@before $B:ident) => { 1 };
    (@before) => { 0 };
}

on_channels!([] K);
on_channels!([B] K);
on_channels!([B] K X);
on_channels!([B] K Y X);
on_channels!([B] K Z Y X);

/// x where it is not negative, `slope·x` elsewhere.
fn leaky(slope: f64) -> Function {
    Function::with(
        "leaky ReLU",
        |x, slope| x.max(0.0) + slope * x.min(0.0),
        slope,
    )
}

impl<E: Dtype> Structure<E> for LeakyReLU {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        Ok(graph.map_by(name, x, leaky(self.slope)))
    }
}

impl<A: Dtype, E: Dtype> Structure<E> for DfdxLeakyReLU<A> {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        let slope = self.0.to_f64().unwrap_or(f64::NAN);
        Ok(graph.map_by(name, x, leaky(slope)))
    }
}

impl<E: Dtype, D: Device<E>> Structure<E> for PReLU<E, D> {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        let slope = host(&self.a)?.first().copied().unwrap_or_default();
        Ok(graph.map_by(name, x, leaky(slope)))
    }
}

/// The positive part and, with a factor for each channel, the negative one.
impl<C: ConstDim, E: Dtype, D: Device<E>> Structure<E> for PReLU1D<C, E, D> {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        let negative = graph.map(name, x, "negative part", |x| x.min(0.0));
        let slopes = host_f32(&self.a)?;
        let none = vec![0.0; slopes.len()];
        let scaled = graph.affine(name, negative, slopes, none)?;
        let positive = graph.map(name, x, "positive part", |x| x.max(0.0));
        Ok(graph.add(name, scaled, positive))
    }
}
