//! The variational convolution, by reparameterization or Flipout.

use super::plain::{Weight, conv2d, geometry, rule, sizes};
use crate::device::{Kernels, SignSize};
use crate::error::Error;
use crate::estimator::{Estimator, EstimatorKind};
use crate::kernels::conv2d::Conv2dGeometry;
use crate::layers::shape_of;
use crate::layers::variational_layer::{Product, estimate};
use crate::plan::{Graph, Structure, Wire};
use crate::posterior::{ConvolutionFan, Variational};
use crate::shape::{Fits, Rule, Slid, WindowShape};
use crate::twin::{Bayesian, Bind, Config, Draw, DrawnView, Name, VisitPosteriors};
use dfdx::nn::Module;
use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection};
use dfdx::prelude::{Const, Device, Dtype, Tape, Tensor};

/// A convolution whose kernels are Gaussian.
///
/// With Flipout each example and channel has a sign, constant over the image: all positions of one example share
/// their kernel, as a draw of the posterior does.
#[derive(Clone, Debug)]
pub struct BayesConv2D<
    const I: usize,
    const O: usize,
    const K: usize,
    const S: usize,
    const P: usize,
    const L: usize,
    const G: usize,
    E: Dtype,
    D: Device<E>,
    C: Config,
> {
    /// Kernels, `(O, I/G, K, K)`.
    pub weight: Variational<Weight<I, O, K, G>, E, D, C, ConvolutionFan<I, K, G>>,
}

impl<
    const I: usize,
    const O: usize,
    const K: usize,
    const S: usize,
    const P: usize,
    const L: usize,
    const G: usize,
    E: Dtype,
    D: Device<E>,
    C: Config,
> BayesConv2D<I, O, K, S, P, L, G, E, D, C>
{
    pub(super) fn around(
        weight: &Tensor<Weight<I, O, K, G>, E, D>,
        name: &Name<'_>,
    ) -> Result<Self, Error> {
        Ok(Self {
            weight: Variational::around(weight, &name.field("weight"))?,
        })
    }
}

conv2d! {
    impl [E: Dtype, D: Device<E>, C: Config] TensorCollection<E, D> for BayesConv2D [E, D, C] where [] {
        type To<E2: Dtype, D2: Device<E2>> = BayesConv2D<I, O, K, S, P, L, G, E2, D2, C>;

        fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(Self::module("weight", |s| &s.weight, |s| &mut s.weight), |weight| BayesConv2D {
                weight,
            })
        }
    }
}

conv2d! {
    impl [E: Dtype, D: Device<E>, C: Config] Bind for BayesConv2D [E, D, C] where [] {
        const RULE: Rule = rule::<I, O, K, S, P, L>();
        type Eval<'a> = DrawnView<'a, Self>;
        type Train<'a> = DrawnView<'a, Self>;

        fn eval<'a>(&'a self, draw: &Draw) -> Self::Eval<'a> {
            DrawnView::new(self, draw)
        }

        fn train<'a>(&'a mut self, draw: &Draw) -> Self::Train<'a> {
            DrawnView::new(self, draw)
        }
    }
}

conv2d! {
    impl [E: Dtype, D: Device<E>, C: Config] Bayesian<E, D> for BayesConv2D [E, D, C] where [] {
        fn visit_posteriors<V: VisitPosteriors<E, D>>(
            &self,
            name: &Name<'_>,
            visitor: &mut V,
        ) -> Result<(), V::Err> {
            visitor.visit(&name.field("weight"), &self.weight)
        }
    }
}

/// A convolution of one forward pass: the layer, its geometry and the shape of its output.
struct Pass<'a, Layer, Y> {
    layer: &'a Layer,
    geometry: Conv2dGeometry,
    out: Y,
}

impl<
    const I: usize,
    const O: usize,
    const K: usize,
    const S: usize,
    const P: usize,
    const L: usize,
    const G: usize,
    X: WindowShape<K, S, P, L>,
    E: Dtype,
    D: Kernels<E>,
    C: Config,
    T: Tape<E, D>,
> Product<E, D, X, T>
    for Pass<'_, BayesConv2D<I, O, K, S, P, L, G, E, D, C>, Slid<X, Const<O>, K, S, P, L>>
{
    type Output = Slid<X, Const<O>, K, S, P, L>;

    fn with_weights(
        &self,
        draw: &Draw,
        x: Tensor<X, E, D, T>,
    ) -> Result<Tensor<Self::Output, E, D, T>, D::Err> {
        D::conv2d(
            x,
            self.layer.weight.weights(draw, "weight")?,
            self.geometry,
            self.out,
        )
    }

    fn with_deviation(
        &self,
        draw: &Draw,
        x: Tensor<X, E, D, T>,
    ) -> Result<Tensor<Self::Output, E, D, T>, D::Err> {
        D::conv2d(
            x,
            self.layer.weight.deviation(draw, "weight")?,
            self.geometry,
            self.out,
        )
    }

    fn signs(&self, _: &X) -> (Option<SignSize>, SignSize) {
        let g = &self.geometry;
        let pixels =
            |height: Option<usize>, width: Option<usize>| height.unwrap_or(0) * width.unwrap_or(0);
        (
            Some(SignSize {
                examples: g.batch,
                steps: 1,
                channels: I,
                pixels: g.height * g.width,
            }),
            SignSize {
                examples: g.batch,
                steps: 1,
                channels: O,
                pixels: pixels(g.out_height(), g.out_width()),
            },
        )
    }
}

conv2d! {
    impl [X, E, D, C, T] Module<Tensor<X, E, D, T>> for '_ View [E, D, C]
    where [
        X: WindowShape<K, S, P, L>,
        X::Channels: Fits<I>,
        E: Dtype,
        D: Kernels<E>,
        C: Config,
        T: Tape<E, D>,
    ] {
        type Output = Tensor<Slid<X, Const<O>, K, S, P, L>, E, D, T>;
        type Error = D::Err;

        fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
            const {
                assert!(
                    !matches!(C::Estimator::KIND, EstimatorKind::LocalReparameterization),
                    "LocalReparameterization is for Linear: write #[bayes(estimator = Flipout)] or \
                     #[bayes(estimator = Reparameterization)] on the convolution"
                );
            }
            match geometry::<X, I, O, K, S, P, L, G>(&shape_of(&x)) {
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
}

type View<
    'a,
    const I: usize,
    const O: usize,
    const K: usize,
    const S: usize,
    const P: usize,
    const L: usize,
    const G: usize,
    E,
    D,
    C,
> = DrawnView<'a, BayesConv2D<I, O, K, S, P, L, G, E, D, C>>;

conv2d! {
    impl [E: Dtype, D: Device<E>, C: Config] Structure<E> for BayesConv2D [E, D, C] where [] {
        fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
            let weights = self.weight.traced(name, "weight")?;
            graph.product(name, x, sizes::<I, O, K, S, P, L, G>(), weights)
        }
    }
}
