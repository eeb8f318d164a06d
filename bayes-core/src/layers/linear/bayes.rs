//! The variational linear layers, with a bias and without, by all three estimators.

use super::plain::{size, sizes};
use crate::device::{Kernels, LinearSize, SignSize};
use crate::draw::Noise as Kind;
use crate::error::Error;
use crate::estimator::{Estimator, EstimatorKind};
use crate::layers::shape_of;
use crate::layers::variational_layer::{Product, estimate, two_products};
use crate::plan::{Graph, Structure, Wire};
use crate::posterior::{LinearFan, Variational};
use crate::shape::{FeatureShape, Fits, Rule};
use crate::twin::{Bayesian, Bind, Config, Draw, DrawnView, Name, Noise, VisitPosteriors};
use dfdx::nn::Module;
use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection};
use dfdx::prelude::{Device, Dtype, Rank1, Rank2, Shape, Tape, Tensor};

/// A linear layer whose weights and bias are Gaussian.
///
/// By [`LocalReparameterization`](crate::estimator::LocalReparameterization) it draws its outputs,
/// `N(x·mu + mu_b, x²·sigma² + sigma_b²)`, where each example has one input vector; joint draws draw the weights. On
/// sequences (rank 3) weights are drawn in prediction, and training on them is a compile error.
#[derive(Clone, Debug)]
pub struct BayesLinear<const I: usize, const O: usize, E: Dtype, D: Device<E>, C: Config> {
    /// Weights, `(O, I)`.
    pub weight: Variational<Rank2<O, I>, E, D, C, LinearFan<I>>,
    /// Bias, `(O,)`.
    pub bias: Variational<Rank1<O>, E, D, C, LinearFan<I>>,
}

/// A [`BayesLinear`] without a bias: drawn by the same estimators.
#[derive(Clone, Debug)]
pub struct BayesUnbiasedLinear<const I: usize, const O: usize, E: Dtype, D: Device<E>, C: Config> {
    /// Weights, `(O, I)`.
    pub weight: Variational<Rank2<O, I>, E, D, C, LinearFan<I>>,
}

type Bias<const I: usize, const O: usize, E, D, C> = Variational<Rank1<O>, E, D, C, LinearFan<I>>;

impl<const I: usize, const O: usize, E: Dtype, D: Device<E>, C: Config> BayesLinear<I, O, E, D, C> {
    fn its_bias(&self) -> Option<&Bias<I, O, E, D, C>> {
        Some(&self.bias)
    }
}

impl<const I: usize, const O: usize, E: Dtype, D: Device<E>, C: Config>
    BayesUnbiasedLinear<I, O, E, D, C>
{
    fn its_bias(&self) -> Option<&Bias<I, O, E, D, C>> {
        None
    }
}

impl<const I: usize, const O: usize, E: Dtype, D: Device<E>, C: Config> TensorCollection<E, D>
    for BayesLinear<I, O, E, D, C>
{
    type To<E2: Dtype, D2: Device<E2>> = BayesLinear<I, O, E2, D2, C>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::module("weight", |s| &s.weight, |s| &mut s.weight),
                Self::module("bias", |s| &s.bias, |s| &mut s.bias),
            ),
            |(weight, bias)| BayesLinear { weight, bias },
        )
    }
}

impl<const I: usize, const O: usize, E: Dtype, D: Device<E>, C: Config> TensorCollection<E, D>
    for BayesUnbiasedLinear<I, O, E, D, C>
{
    type To<E2: Dtype, D2: Device<E2>> = BayesUnbiasedLinear<I, O, E2, D2, C>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        let weight = Self::module("weight", |s| &s.weight, |s| &mut s.weight);
        visitor.visit_fields(weight, |weight| BayesUnbiasedLinear { weight })
    }
}

impl<const I: usize, const O: usize, E: Dtype, D: Device<E>, C: Config> Bayesian<E, D>
    for BayesLinear<I, O, E, D, C>
{
    fn visit_posteriors<V: VisitPosteriors<E, D>>(
        &self,
        name: &Name<'_>,
        visitor: &mut V,
    ) -> Result<(), V::Err> {
        visitor.visit(&name.field("weight"), &self.weight)?;
        visitor.visit(&name.field("bias"), &self.bias)
    }
}

impl<const I: usize, const O: usize, E: Dtype, D: Device<E>, C: Config> Bayesian<E, D>
    for BayesUnbiasedLinear<I, O, E, D, C>
{
    fn visit_posteriors<V: VisitPosteriors<E, D>>(
        &self,
        name: &Name<'_>,
        visitor: &mut V,
    ) -> Result<(), V::Err> {
        visitor.visit(&name.field("weight"), &self.weight)
    }
}

const fn is_local<C: Config>() -> bool {
    matches!(C::Estimator::KIND, EstimatorKind::LocalReparameterization)
}

/// `x` times a weight that is the same in all draws, plus a bias.
fn product<X: Shape, W: Shape, B: Shape, Y: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    draw: &Draw,
    what: &'static str,
    x: Tensor<X, E, D, T>,
    weight: impl Fn() -> Result<Tensor<W, E, D, T>, D::Err>,
    bias: Option<Tensor<B, E, D, T>>,
    size: LinearSize,
    out: Y,
) -> Result<Tensor<Y, E, D, T>, D::Err> {
    match draw.packed(what, &weight, size)? {
        Some(packed) => D::linear_packed(x, &packed, bias, size, out),
        None => D::linear(x, weight()?, bias, size, out),
    }
}

/// What both layers do with their weights; [`its_bias`](BayesLinear::its_bias) says whether there is a bias.
macro_rules! variational_linear {
    ($Bayes:ident) => {
        impl<const I: usize, const O: usize, E: Dtype, D: Device<E>, C: Config> Bind
            for $Bayes<I, O, E, D, C>
        {
            const RULE: Rule = Rule::Linear {
                inputs: I,
                outputs: O,
            };
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

        impl<const I: usize, const O: usize, E, D, C> $Bayes<I, O, E, D, C>
        where
            E: Dtype,
            D: Kernels<E>,
            C: Config,
        {
            /// The layer with its mean weights, which are those of all draws.
            fn with_mean<X: FeatureShape, T: Tape<E, D>>(
                &self,
                draw: &Draw,
                x: Tensor<X, E, D, T>,
            ) -> Result<Tensor<X::With<O>, E, D, T>, D::Err> {
                let shape = shape_of(&x);
                let weight = || Ok(self.weight.mu.retaped());
                let bias = self.its_bias().map(|bias| bias.mu.retaped());
                let (size, out) = (size::<X, I, O>(&shape), shape.with::<O>());
                product(draw, "mean weight", x, weight, bias, size, out)
            }
        }

        impl<const I: usize, const O: usize, X, E, D, C, T> Product<E, D, X, T>
            for $Bayes<I, O, E, D, C>
        where
            X: FeatureShape,
            E: Dtype,
            D: Kernels<E>,
            C: Config,
            T: Tape<E, D>,
        {
            type Output = X::With<O>;
            // Joint draws of local reparameterisation draw the weights.
            const ONCE: bool = true;

            fn with_weights(
                &self,
                draw: &Draw,
                x: Tensor<X, E, D, T>,
            ) -> Result<Tensor<X::With<O>, E, D, T>, D::Err> {
                let shape = shape_of(&x);
                let bias = self.its_bias().map(|bias| bias.weights(draw, "bias"));
                D::linear(
                    x,
                    self.weight.weights(draw, "weight")?,
                    bias.transpose()?,
                    size::<X, I, O>(&shape),
                    shape.with::<O>(),
                )
            }

            fn flipped(
                &self,
                draw: &Draw,
                x: Tensor<X, E, D, T>,
                input: Option<(Noise, SignSize)>,
                output: (Noise, SignSize),
            ) -> Result<Tensor<X::With<O>, E, D, T>, D::Err> {
                let shape = shape_of(&x);
                let (size, out) = (size::<X, I, O>(&shape), shape.with::<O>());
                let with_mean = |x| self.with_mean(draw, x);
                let with_deviation = |x| {
                    let weight = self.weight.deviation(draw, "weight")?;
                    let bias = self.its_bias().map(|bias| bias.deviation(draw, "bias"));
                    D::linear(x, weight, bias.transpose()?, size, out)
                };
                two_products(draw, x, input, output, with_mean, with_deviation)
            }

            fn signs(&self, x: &X) -> (Option<SignSize>, SignSize) {
                let input = SignSize {
                    examples: x.examples(),
                    steps: x.steps(),
                    channels: I,
                    pixels: 1,
                };
                (
                    Some(input),
                    SignSize {
                        channels: O,
                        ..input
                    },
                )
            }
        }

        impl<const I: usize, const O: usize, X, E, D, C, T> Module<Tensor<X, E, D, T>>
            for DrawnView<'_, $Bayes<I, O, E, D, C>>
        where
            X: FeatureShape,
            X::Features: Fits<I>,
            E: Dtype,
            D: Kernels<E>,
            C: Config,
            T: Tape<E, D>,
        {
            type Output = Tensor<X::With<O>, E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
                const {
                    assert!(
                        !(is_local::<C>() && X::NUM_DIMS > 2 && T::OWNS_TAPE),
                        "LocalReparameterization takes one input vector per example: train a Linear on sequences with \
                         #[bayes(estimator = Flipout)] or #[bayes(estimator = Reparameterization)]"
                    );
                }
                const {
                    assert!(
                        !is_local::<C>() || C::POSTERIOR.is_mean_field(),
                        "LocalReparameterization draws outputs of independent weights: the posterior of this layer is not \
                         MeanField; write #[bayes(estimator = Reparameterization)]"
                    );
                }
                let shape = shape_of(&x);
                if shape.features() != I {
                    self.draw
                        .report(Error::input("Linear", format!("{I} features"), shape));
                    return Err(D::misfit());
                }
                let kind = self.draw.estimator_or(C::Estimator::KIND);
                let local = kind == EstimatorKind::LocalReparameterization && C::POSTERIOR.is_mean_field();
                if local && X::NUM_DIMS <= 2 && !self.draw.is_joint() && !self.draw.is_mean() {
                    return self.draw_outputs(x);
                }
                estimate(self.layer, C::Estimator::KIND, &self.draw, x)
            }
        }

        impl<const I: usize, const O: usize, E: Dtype, D: Kernels<E>, C: Config>
            DrawnView<'_, $Bayes<I, O, E, D, C>>
        {
            /// Local reparameterisation: noise of its own for each example and output.
            fn draw_outputs<X: FeatureShape, T: Tape<E, D>>(
                &self,
                x: Tensor<X, E, D, T>,
            ) -> Result<Tensor<X::With<O>, E, D, T>, D::Err> {
                let shape = shape_of(&x);
                let Some(noise) = self.draw.example_noise(Kind::Local, shape.examples()) else {
                    return estimate(self.layer, C::Estimator::KIND, &self.draw, x);
                };
                if !self.first_use() {
                    self.draw.report(Error::UsedTwice);
                    return Err(D::misfit());
                }
                let (weight, bias) = (&self.layer.weight, self.layer.its_bias());
                let size = size::<X, I, O>(&shape);
                let out = shape.with::<O>();
                let of_bias = |bias: &Bias<I, O, E, D, C>| bias.variance(&self.draw, "bias");
                let mean = self.draw.of_input("mean", x.retaped::<T>(), |x| {
                    self.layer.with_mean(&self.draw, x)
                })?;
                let variance = self.draw.of_input("variance", x, |x| {
                    product(
                        &self.draw,
                        "variance weight",
                        x.try_square()?,
                        || weight.variance(&self.draw, "weight"),
                        bias.map(of_bias).transpose()?,
                        size,
                        out,
                    )
                })?;
                D::local_noise(mean, variance, noise)
            }
        }

        impl<const I: usize, const O: usize, E: Dtype, D: Device<E>, C: Config> Structure<E>
            for $Bayes<I, O, E, D, C>
        {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                let weights = self.weight.traced(name, "weight")?;
                let product = graph.product(name, x, sizes::<I, O>(), weights)?;
                match self.its_bias() {
                    Some(bias) => graph.bias(name, product, bias.traced(name, "bias")?),
                    None => Ok(product),
                }
            }
        }
    };
}

variational_linear!(BayesLinear);
variational_linear!(BayesUnbiasedLinear);
