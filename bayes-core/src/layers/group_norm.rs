//! Group normalisation of lines, images and volumes: each group of channels of each example by itself.

use crate::device::{self, GroupSize, ImageSize, Kernels};
use crate::error::Error;
use crate::layers::shape_of;
use crate::plan::{Graph, Normalize, Structure, Wire, host_f32};
use crate::shape::{Fits, GridShape, Line, Plane, Rule, Space, Volume};
use crate::twin::{Bayesian, Bind, Config, Draw, DrawnView, Name, Spec, Twin, VisitPosteriors};
use builder::GroupNorm as Builder;
use dfdx::nn::tensor_collection::{ModuleVisitor, ScalarOptions, TensorCollection, TensorOptions};
use dfdx::nn::{BuildModule, BuildOnDevice, Module, NonMutableModule};
use dfdx::prelude::{Device, Dim, Dtype, Rank1, Tape, Tensor};
use std::marker::PhantomData;

/// The builder forms.
pub mod builder {
    use crate::shape::{Line, Plane, Volume};
    use std::marker::PhantomData;

    /// Group normalisation of `C` channels in `G` groups; of images, unless `N` names another
    /// [`Space`](crate::shape::Space). See [`modules::GroupNorm`](crate::layers::modules::GroupNorm).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct GroupNorm<const G: usize, const C: usize, N = Plane>(PhantomData<N>);

    /// Group normalisation of `C` channels of `(C, L)` or `(batch, C, L)` in `G` groups.
    pub type GroupNorm1D<const G: usize, const C: usize> = GroupNorm<G, C, Line>;

    /// Group normalisation of `C` channels of `(C, H, W)` or `(batch, C, H, W)` in `G` groups.
    pub type GroupNorm2D<const G: usize, const C: usize> = GroupNorm<G, C, Plane>;

    /// Group normalisation of `C` channels of `(C, D, H, W)` or `(batch, C, D, H, W)` in `G` groups.
    pub type GroupNorm3D<const G: usize, const C: usize> = GroupNorm<G, C, Volume>;
}

/// `(x − mean)/√(var + epsilon)·gamma + beta` (Wu and He 2018): mean and biased variance are those of each of `G` groups of
/// channels of each example, gamma and beta are per channel. `N` is the space of the grids: a [`Line`], a [`Plane`] or a
/// [`Volume`], each with or without a batch.
///
/// Unlike batch normalisation it does the same in training and in prediction, whatever the batch. A group of one value
/// becomes its beta. It is not Bayesian: its twin is a copy of it. `G` that does not divide `C` is a compile error.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (3, 6, 6))]
/// struct Net {
///     conv: Conv2D<3, 8, 3>,
///     norm: GroupNorm<4, 8>, // GroupNorm1D and GroupNorm3D for lines and volumes
///     act: ReLU,
///     pool: AvgPoolGlobal,
///     fc: Linear<8, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
/// let x: Tensor<Rank4<2, 3, 6, 6>, f32, _> = dev.sample_normal();
/// assert_eq!(bayes.predict(x, 8, 7).classify()?.predicted().len(), 2);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct GroupNorm<const G: usize, const C: usize, N, E: Dtype, D: Device<E>> {
    /// Factor of each channel; starts at 1.
    pub gamma: Tensor<Rank1<C>, E, D>,
    /// Offset of each channel; starts at 0.
    pub beta: Tensor<Rank1<C>, E, D>,
    /// Added to the variance: 1e-5.
    pub epsilon: f64,
    space: PhantomData<N>,
}

/// [`GroupNorm`] of lines.
pub type GroupNorm1D<const G: usize, const C: usize, E, D> = GroupNorm<G, C, Line, E, D>;

/// [`GroupNorm`] of images.
pub type GroupNorm2D<const G: usize, const C: usize, E, D> = GroupNorm<G, C, Plane, E, D>;

/// [`GroupNorm`] of volumes.
pub type GroupNorm3D<const G: usize, const C: usize, E, D> = GroupNorm<G, C, Volume, E, D>;

const fn rule<const G: usize, const C: usize, N: Space>() -> Rule {
    Rule::GroupNorm {
        groups: G,
        channels: C,
        sides: N::SIDES,
    }
}

impl<const G: usize, const C: usize, N: Space> Spec for Builder<G, C, N> {
    type Built<E: Dtype, D: Device<E>> = GroupNorm<G, C, N, E, D>;
    const RULE: Rule = rule::<G, C, N>();
}

impl<const G: usize, const C: usize, N: Space, E: Dtype, D: Device<E>> BuildOnDevice<D, E>
    for Builder<G, C, N>
{
    type Built = GroupNorm<G, C, N, E, D>;

    fn try_build_on_device(device: &D) -> Result<Self::Built, D::Err> {
        Self::Built::try_build(device)
    }
}

impl<const G: usize, const C: usize, N, E: Dtype, D: Device<E>> NonMutableModule
    for GroupNorm<G, C, N, E, D>
{
}

impl<const G: usize, const C: usize, N: Space, E: Dtype, D: Device<E>> TensorCollection<E, D>
    for GroupNorm<G, C, N, E, D>
{
    type To<E2: Dtype, D2: Device<E2>> = GroupNorm<G, C, N, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::tensor(
                    "gamma",
                    |s| &s.gamma,
                    |s| &mut s.gamma,
                    TensorOptions::reset_to_ones(),
                ),
                Self::tensor(
                    "beta",
                    |s| &s.beta,
                    |s| &mut s.beta,
                    TensorOptions::reset_to_zeros(),
                ),
                Self::scalar(
                    "epsilon",
                    |s| &s.epsilon,
                    |s| &mut s.epsilon,
                    ScalarOptions::from_default(1e-5),
                ),
            ),
            |(gamma, beta, epsilon)| GroupNorm {
                gamma,
                beta,
                epsilon,
                space: PhantomData,
            },
        )
    }
}

impl<const G: usize, const C: usize, N: Space, E: Dtype, D: Device<E>> Bind
    for GroupNorm<G, C, N, E, D>
{
    const RULE: Rule = rule::<G, C, N>();
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

impl<const G: usize, const C: usize, N: Space, E: Dtype, D: Device<E>> GroupNorm<G, C, N, E, D> {
    /// A copy with tensors of its own: clones share their identity, and so their gradients.
    fn copied(&self) -> Result<Self, Error> {
        Ok(Self {
            gamma: device::copy(&self.gamma).map_err(Error::device)?,
            beta: device::copy(&self.beta).map_err(Error::device)?,
            ..*self
        })
    }
}

impl<const G: usize, const C: usize, N: Space, E: Dtype, D: Device<E>> Twin<E, D>
    for GroupNorm<G, C, N, E, D>
{
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

impl<const G: usize, const C: usize, N: Space, E: Dtype, D: Device<E>> Bayesian<E, D>
    for GroupNorm<G, C, N, E, D>
{
    fn visit_posteriors<V: VisitPosteriors<E, D>>(
        &self,
        _: &Name<'_>,
        _: &mut V,
    ) -> Result<(), V::Err> {
        Ok(())
    }
}

impl<const G: usize, const C: usize, N, X, E, D, T> Module<Tensor<X, E, D, T>>
    for GroupNorm<G, C, N, E, D>
where
    N: Space,
    X: GridShape<N>,
    X::Channels: Fits<C>,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Output = Tensor<X, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
        const {
            assert!(
                G > 0 && C.is_multiple_of(G),
                "GroupNorm<G, C>: the groups must divide the channels"
            );
        }
        let shape = shape_of(&x);
        let image = ImageSize {
            examples: shape.examples(),
            channels: shape.channels().size(),
            pixels: shape.positions(),
        };
        if image.channels != C {
            return Err(D::misfit());
        }
        let size = GroupSize {
            image,
            groups: G,
            epsilon: self.epsilon,
        };
        D::group_norm(x, self.gamma.retaped(), self.beta.retaped(), size)
    }
}

impl<const G: usize, const C: usize, N, X, E, D, T> Module<Tensor<X, E, D, T>>
    for DrawnView<'_, GroupNorm<G, C, N, E, D>>
where
    N: Space,
    X: GridShape<N>,
    X::Channels: Fits<C>,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Output = Tensor<X, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
        let shape = shape_of(&x);
        if shape.channels().size() != C {
            let takes = format!("{C} channels");
            self.draw.report(Error::input("GroupNorm", takes, shape));
        }
        self.layer.try_forward(x)
    }
}

impl<const G: usize, const C: usize, N: Space, E: Dtype, D: Device<E>> Structure<E>
    for GroupNorm<G, C, N, E, D>
{
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        let normalize = Normalize {
            groups: G,
            epsilon: self.epsilon,
            scale: host_f32(&self.gamma)?,
            shift: host_f32(&self.beta)?,
        };
        graph.normalize(name, x, normalize)
    }
}
