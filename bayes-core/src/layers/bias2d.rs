//! A bias per channel of an image, plain and variational.

use crate::device::{ImageSize, Kernels, SignSize};
use crate::error::Error;
use crate::estimator::{Estimator, EstimatorKind};
use crate::layers::shape_of;
use crate::layers::variational_layer::{Product, estimate};
use crate::plan::{Graph, Structure, Weights, Wire};
use crate::posterior::{NoFan, Variational};
use crate::shape::{Fits, ImageShape, Rule};
use crate::twin::{
    Bayesian, Bind, Config, Draw, DrawnView, LayerView, Name, Spec, Twin, VisitPosteriors,
};
use dfdx::nn::builders::Bias2D as Builder;
use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection, TensorOptions};
use dfdx::nn::{Module, NonMutableModule};
use dfdx::prelude::{Device, Dim, Dtype, Rank1, Tape, Tensor};
use dfdx::tensor::{PutTape, SplitTape};

/// Adds `bias[c]` to channel c of `(C, H, W)` or `(batch, C, H, W)`; it starts at 0.
#[derive(Clone, Debug)]
pub struct Bias2D<const C: usize, E: Dtype, D: Device<E>> {
    /// Bias of each channel.
    pub bias: Tensor<Rank1<C>, E, D>,
}

/// A [`Bias2D`] whose biases are Gaussian.
#[derive(Clone, Debug)]
pub struct BayesBias2D<const C: usize, E: Dtype, D: Device<E>, Cfg: Config> {
    /// Bias of each channel.
    pub bias: Variational<Rank1<C>, E, D, Cfg, NoFan>,
}

impl<const C: usize> Spec for Builder<C> {
    type Built<E: Dtype, D: Device<E>> = Bias2D<C, E, D>;
    const RULE: Rule = Rule::Bias { channels: C };
}

impl<const C: usize, E: Dtype, D: Device<E>> NonMutableModule for Bias2D<C, E, D> {}

impl<const C: usize, E: Dtype, D: Device<E>> TensorCollection<E, D> for Bias2D<C, E, D> {
    type To<E2: Dtype, D2: Device<E2>> = Bias2D<C, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        let bias = Self::tensor(
            "bias",
            |s| &s.bias,
            |s| &mut s.bias,
            TensorOptions::reset_to_zeros(),
        );
        visitor.visit_fields(bias, |bias| Bias2D { bias })
    }
}

impl<const C: usize, E: Dtype, D: Device<E>, Cfg: Config> TensorCollection<E, D>
    for BayesBias2D<C, E, D, Cfg>
{
    type To<E2: Dtype, D2: Device<E2>> = BayesBias2D<C, E2, D2, Cfg>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(Self::module("bias", |s| &s.bias, |s| &mut s.bias), |bias| {
            BayesBias2D { bias }
        })
    }
}

impl<const C: usize, E: Dtype, D: Device<E>> Bind for Bias2D<C, E, D> {
    const RULE: Rule = Rule::Bias { channels: C };
    type Eval<'a> = LayerView<'a, Self>;
    type Train<'a> = LayerView<'a, Self>;

    fn eval<'a>(&'a self, _: &Draw) -> Self::Eval<'a> {
        LayerView(self)
    }

    fn train<'a>(&'a mut self, _: &Draw) -> Self::Train<'a> {
        LayerView(self)
    }
}

impl<const C: usize, E: Dtype, D: Device<E>, Cfg: Config> Bind for BayesBias2D<C, E, D, Cfg> {
    const RULE: Rule = Rule::Bias { channels: C };
    type Eval<'a> = DrawnView<'a, Self>;
    type Train<'a> = DrawnView<'a, Self>;

    fn eval<'a>(&'a self, draw: &Draw) -> Self::Eval<'a> {
        DrawnView::new(self, draw)
    }

    fn train<'a>(&'a mut self, draw: &Draw) -> Self::Train<'a> {
        DrawnView::new(self, draw)
    }
}

impl<const C: usize, E: Dtype, D: Device<E>> Twin<E, D> for Bias2D<C, E, D> {
    type Bayes<Cfg: Config> = BayesBias2D<C, E, D, Cfg>;

    fn to_bayes<Cfg: Config>(&self, name: &Name<'_>) -> Result<Self::Bayes<Cfg>, Error> {
        Ok(BayesBias2D {
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
    for BayesBias2D<C, E, D, Cfg>
{
    fn visit_posteriors<V: VisitPosteriors<E, D>>(
        &self,
        name: &Name<'_>,
        visitor: &mut V,
    ) -> Result<(), V::Err> {
        visitor.visit(&name.field("bias"), &self.bias)
    }
}

fn size<X: ImageShape>(shape: &X) -> ImageSize {
    let (channels, height, width) = shape.image();
    ImageSize {
        examples: shape.examples(),
        channels: channels.size(),
        pixels: height.size() * width.size(),
    }
}

impl<const C: usize, X, E, D, T> Module<Tensor<X, E, D, T>> for Bias2D<C, E, D>
where
    X: ImageShape,
    X::Channels: Fits<C>,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Output = Tensor<X, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
        let size = size(&shape_of(&x));
        if size.channels != C {
            return Err(D::misfit());
        }
        D::add_bias(x, self.bias.retaped(), size)
    }
}

/// With Flipout the sign of each example and channel turns the bias's deviation alone, so the input passes as it is.
impl<const C: usize, X, E, D, Cfg, T> Product<E, D, X, T> for BayesBias2D<C, E, D, Cfg>
where
    X: ImageShape,
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
        let size = size(&shape_of(&x));
        D::add_bias(x, self.bias.weights(draw, "bias")?, size)
    }

    fn with_deviation(
        &self,
        draw: &Draw,
        x: Tensor<X, E, D, T>,
    ) -> Result<Tensor<X, E, D, T>, D::Err> {
        let shape = shape_of(&x);
        let (x, tape) = x.split_tape();
        let zeros = x.device().try_zeros_like(&shape)?.put_tape(tape);
        D::add_bias(zeros, self.bias.deviation(draw, "bias")?, size(&shape))
    }

    fn signs(&self, x: &X) -> (Option<SignSize>, SignSize) {
        let ImageSize {
            examples,
            channels,
            pixels,
        } = size(x);
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
    for DrawnView<'_, BayesBias2D<C, E, D, Cfg>>
where
    X: ImageShape,
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
        if shape.image().0.size() != C {
            self.draw
                .report(Error::input("Bias2D", format!("{C} channels"), shape));
            return Err(D::misfit());
        }
        estimate(self.layer, Cfg::Estimator::KIND, &self.draw, x)
    }
}

impl<const C: usize, E: Dtype, D: Device<E>> Structure<E> for Bias2D<C, E, D> {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        graph.bias(name, x, Weights::plain(name, "bias", &self.bias)?)
    }
}

impl<const C: usize, E: Dtype, D: Device<E>, Cfg: Config> Structure<E>
    for BayesBias2D<C, E, D, Cfg>
{
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        graph.bias(name, x, self.bias.traced(name, "bias")?)
    }
}
