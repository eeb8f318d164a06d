//! The plain linear layers, with a bias and without.

use super::{BayesLinear, BayesUnbiasedLinear};
use crate::device::{Kernels, LinearSize};
use crate::error::Error;
use crate::layers::shape_of;
use crate::plan::{Graph, Sizes, Structure, Weights, Wire};
use crate::posterior::{Variational, Within};
use crate::shape::{FeatureShape, Fits, Rule};
use crate::twin::{Bind, Config, Draw, LayerView, Name, Spec, Twin};
use dfdx::nn::builders::{Linear as LinearBuilder, UnbiasedLinear as UnbiasedLinearBuilder};
use dfdx::nn::modules::{Linear as DfdxLinear, UnbiasedLinear as DfdxUnbiasedLinear};
use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection, TensorOptions};
use dfdx::nn::{Module, NonMutableModule};
use dfdx::prelude::{Device, Dtype, Rank1, Rank2, Tape, Tensor};

/// `y = x·Wᵀ + b`, on `(I,)`, `(batch, I)` or `(batch, steps, I)`.
///
/// Tensor names, shapes and initialisation are those of dfdx's (and PyTorch's) layer: both tensors are uniform in
/// `±1/√I`. It takes any dimension of size `I`, such as a flattened image's.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (4))]
/// struct Net {
///     fc1: Linear<4, 8>,
///     act: ReLU,
///     fc2: Linear<8, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
/// let x: Tensor<Rank2<5, 4>, f32, _> = dev.sample_normal();
/// assert_eq!(bayes.predict(x, 8, 7).classify()?.predicted().len(), 5);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Linear<const I: usize, const O: usize, E: Dtype, D: Device<E>> {
    /// Weights, `(O, I)`.
    pub weight: Tensor<Rank2<O, I>, E, D>,
    /// Bias, `(O,)`.
    pub bias: Tensor<Rank1<O>, E, D>,
}

/// `y = x·Wᵀ`: a [`Linear`] without its bias, as in front of a normalisation, which would take the bias away.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (4))]
/// struct Net {
///     fc1: UnbiasedLinear<4, 8>,
///     norm: LayerNorm1D<8>,
///     act: ReLU,
///     fc2: Linear<8, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
/// assert_eq!(bayes.kl_per_layer()?[1].name, "fc2.weight");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct UnbiasedLinear<const I: usize, const O: usize, E: Dtype, D: Device<E>> {
    /// Weights, `(O, I)`.
    pub weight: Tensor<Rank2<O, I>, E, D>,
}

impl<const I: usize, const O: usize> Spec for LinearBuilder<I, O> {
    type Built<E: Dtype, D: Device<E>> = Linear<I, O, E, D>;
    const RULE: Rule = Rule::Linear {
        inputs: I,
        outputs: O,
    };
}

impl<const I: usize, const O: usize> Spec for UnbiasedLinearBuilder<I, O> {
    type Built<E: Dtype, D: Device<E>> = UnbiasedLinear<I, O, E, D>;
    const RULE: Rule = Rule::Linear {
        inputs: I,
        outputs: O,
    };
}

impl<const I: usize, const O: usize, E: Dtype, D: Device<E>> NonMutableModule
    for Linear<I, O, E, D>
{
}

impl<const I: usize, const O: usize, E: Dtype, D: Device<E>> NonMutableModule
    for UnbiasedLinear<I, O, E, D>
{
}

impl<const I: usize, const O: usize, E: Dtype, D: Device<E>> TensorCollection<E, D>
    for Linear<I, O, E, D>
{
    type To<E2: Dtype, D2: Device<E2>> = Linear<I, O, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::tensor(
                    "weight",
                    |s| &s.weight,
                    |s| &mut s.weight,
                    TensorOptions::reset_with(|t| t.try_fill_with_distr(Within::fan_in(I))),
                ),
                Self::tensor(
                    "bias",
                    |s| &s.bias,
                    |s| &mut s.bias,
                    TensorOptions::reset_with(|t| t.try_fill_with_distr(Within::fan_in(I))),
                ),
            ),
            |(weight, bias)| Linear { weight, bias },
        )
    }
}

impl<const I: usize, const O: usize, E: Dtype, D: Device<E>> TensorCollection<E, D>
    for UnbiasedLinear<I, O, E, D>
{
    type To<E2: Dtype, D2: Device<E2>> = UnbiasedLinear<I, O, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        let weight = Self::tensor(
            "weight",
            |s| &s.weight,
            |s| &mut s.weight,
            TensorOptions::reset_with(|t| t.try_fill_with_distr(Within::fan_in(I))),
        );
        visitor.visit_fields(weight, |weight| UnbiasedLinear { weight })
    }
}

/// The product of a plain layer, with its bias where it has one.
macro_rules! product {
    ($Linear:ident, |$layer:ident| $bias:expr) => {
        impl<const I: usize, const O: usize, X, E, D, T> Module<Tensor<X, E, D, T>>
            for $Linear<I, O, E, D>
        where
            X: FeatureShape,
            X::Features: Fits<I>,
            E: Dtype,
            D: Kernels<E>,
            T: Tape<E, D>,
        {
            type Output = Tensor<X::With<O>, E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
                let shape = shape_of(&x);
                if shape.features() != I {
                    return Err(D::misfit());
                }
                let $layer = self;
                let bias: Option<Tensor<Rank1<O>, E, D, T>> = $bias;
                D::linear(
                    x,
                    self.weight.retaped(),
                    bias,
                    size::<X, I, O>(&shape),
                    shape.with::<O>(),
                )
            }
        }
    };
}

product!(Linear, |layer| Some(layer.bias.retaped()));
product!(UnbiasedLinear, |_layer| None);

pub(super) fn size<X: FeatureShape, const I: usize, const O: usize>(shape: &X) -> LinearSize {
    LinearSize {
        rows: shape.examples() * shape.steps(),
        inputs: I,
        outputs: O,
    }
}

/// A plain linear layer by its tensors: ours and dfdx's have the same twin.
macro_rules! linear_twin {
    ($Linear:ident as $Ours:ident => $Bayes:ident { $($part:ident),+ }) => {
        impl<const I: usize, const O: usize, E: Dtype, D: Device<E>> Bind for $Linear<I, O, E, D> {
            const RULE: Rule = Rule::Linear {
                inputs: I,
                outputs: O,
            };
            type Eval<'a> = LayerView<'a, Self>;
            type Train<'a> = LayerView<'a, Self>;

            fn eval<'a>(&'a self, _: &Draw) -> Self::Eval<'a> {
                LayerView(self)
            }

            fn train<'a>(&'a mut self, _: &Draw) -> Self::Train<'a> {
                LayerView(self)
            }

            // With the types of ours, which takes what dfdx's does and more.
            crate::twin::stand_in!($Ours<I, O, E, D>);
        }

        impl<const I: usize, const O: usize, E: Dtype, D: Device<E>> Twin<E, D>
            for $Linear<I, O, E, D>
        {
            type Bayes<C: Config> = $Bayes<I, O, E, D, C>;

            fn to_bayes<C: Config>(&self, name: &Name<'_>) -> Result<Self::Bayes<C>, Error> {
                Ok($Bayes {
                    $($part: Variational::around(&self.$part, &name.field(stringify!($part)))?),+
                })
            }

            fn from_bayes<C: Config>(bayes: &Self::Bayes<C>, draw: &Draw) -> Result<Self, Error>
            where
                D: Kernels<E>,
            {
                Ok(Self {
                    $($part: bayes.$part.drawn(draw, stringify!($part))?),+
                })
            }
        }
    };
}

linear_twin!(Linear as Linear => BayesLinear { weight, bias });
linear_twin!(DfdxLinear as Linear => BayesLinear { weight, bias });
linear_twin!(UnbiasedLinear as UnbiasedLinear => BayesUnbiasedLinear { weight });
linear_twin!(DfdxUnbiasedLinear as UnbiasedLinear => BayesUnbiasedLinear { weight });

impl<const I: usize, const O: usize, E: Dtype, D: Device<E>> Structure<E> for Linear<I, O, E, D> {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        let weights = Weights::plain(name, "weight", &self.weight)?;
        let bias = Weights::plain(name, "bias", &self.bias)?;
        let product = graph.product(name, x, sizes::<I, O>(), weights)?;
        graph.bias(name, product, bias)
    }
}

impl<const I: usize, const O: usize, E: Dtype, D: Device<E>> Structure<E>
    for UnbiasedLinear<I, O, E, D>
{
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        let weights = Weights::plain(name, "weight", &self.weight)?;
        graph.product(name, x, sizes::<I, O>(), weights)
    }
}

pub(super) fn sizes<const I: usize, const O: usize>() -> Sizes {
    Sizes::Linear {
        inputs: I,
        outputs: O,
    }
}
