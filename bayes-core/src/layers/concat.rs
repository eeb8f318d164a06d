//! Two parts with one input, whose outputs are joined.

use crate::device::Kernels;
use crate::error::Error;
use crate::layers::shape_of;
use crate::plan::{Graph, Plans, Structure, Wire};
use crate::shape::{Fits, Known, Rule};
use crate::twin::{Bayesian, Bind, Config, Draw, Name, Spec, StandIns, Twin, VisitPosteriors};
use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection};
use dfdx::nn::{BuildOnDevice, Module, NonMutableModule};
use dfdx::prelude::{Axis, Device, Dtype, ReshapeTo, Tape, Tensor, TryConcatAlong};
use dfdx::shapes::{ConstDim, Dim, Shape};
use dfdx::tensor::WithEmptyTape;

/// Runs both parts on its input and joins their outputs along the channels of images or the features of vectors, those
/// of the first part in front: the skip connection of a U-Net (Ronneberger, Fischer and Brox 2015).
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (2, 6, 6), estimator = Flipout)]
/// struct Net {
///     skip: Concat<Conv2D<2, 3, 1>, (Conv2D<2, 4, 3, 2, 1>, ReLU, ConvTrans2D<4, 4, 2, 2>)>, // down and up again
///     conv: Conv2D<7, 2, 3, 1, 1>,
///     flatten: Flatten,
///     fc: Linear<72, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
/// let x: Tensor<Rank4<2, 2, 6, 6>, f32, _> = dev.sample_normal();
/// assert_eq!(bayes.predict(x, 8, 7).classify()?.predicted().len(), 2);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Concat<A, B>(pub A, pub B);

/// `A + B`: what joining gives.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConcatDim<A, B>(A, B);

impl<A: Dim, B: Dim> Dim for ConcatDim<A, B> {
    fn size(&self) -> usize {
        self.0.size() + self.1.size()
    }

    fn from_size(size: usize) -> Option<Self> {
        (0..=size).find_map(|a| Some(Self(A::from_size(a)?, B::from_size(size - a)?)))
    }
}

impl<A: ConstDim, B: ConstDim> ConstDim for ConcatDim<A, B> {
    const SIZE: usize = A::SIZE + B::SIZE;
}

impl<A: Dim, B: Dim> PartialEq for ConcatDim<A, B> {
    fn eq(&self, other: &Self) -> bool {
        self.size() == other.size()
    }
}
impl<A: Dim, B: Dim> Eq for ConcatDim<A, B> {}
impl<const N: usize, A: Dim, B: Dim> Fits<N> for ConcatDim<A, B> {}
impl<A: Known, B: Known> Known for ConcatDim<A, B> {
    const KNOWN: Option<usize> = match (A::KNOWN, B::KNOWN) {
        (Some(a), Some(b)) => Some(a + b),
        _ => None,
    };
}

/// Shapes that can be joined with `Other`: vectors with vectors, images with images of the same height and width.
///
/// Heights and widths are compared by size, so that a part that goes down and up again joins one that does not; those of
/// an annotated model are proven at compile time. The joined shape has the types of the first.
#[diagnostic::on_unimplemented(
    message = "`{Self}` and `{Other}` cannot be joined",
    note = "`Concat` joins vectors (K,), (batch, K) along their features and images (C, H, W), (batch, C, H, W) of one \
            height and width along their channels"
)]
pub trait Join<Other: Shape>: Shape {
    /// The joined shape.
    type Joined: Shape;

    /// The joined shape; `None` where other sizes than those that are joined differ.
    fn join(&self, other: &Other) -> Option<Self::Joined>;
    /// Examples.
    fn examples(&self) -> usize;
}

impl<A: Dim, B: Dim> Join<(B,)> for (A,) {
    type Joined = (ConcatDim<A, B>,);

    fn join(&self, other: &(B,)) -> Option<Self::Joined> {
        Some((ConcatDim(self.0, other.0),))
    }
    fn examples(&self) -> usize {
        1
    }
}

impl<N: Dim, A: Dim, B: Dim> Join<(N, B)> for (N, A) {
    type Joined = (N, ConcatDim<A, B>);

    fn join(&self, other: &(N, B)) -> Option<Self::Joined> {
        (self.0 == other.0).then_some((self.0, ConcatDim(self.1, other.1)))
    }
    fn examples(&self) -> usize {
        self.0.size()
    }
}

// Height and width are compared by value: on its way down and up again, a side keeps its size but not its type.
impl<A: Dim, B: Dim, H: Dim, W: Dim, H2: Dim, W2: Dim> Join<(B, H2, W2)> for (A, H, W) {
    type Joined = (ConcatDim<A, B>, H, W);

    fn join(&self, other: &(B, H2, W2)) -> Option<Self::Joined> {
        let same = self.1.size() == other.1.size() && self.2.size() == other.2.size();
        same.then_some((ConcatDim(self.0, other.0), self.1, self.2))
    }
    fn examples(&self) -> usize {
        1
    }
}

impl<N: Dim, A: Dim, B: Dim, H: Dim, W: Dim, H2: Dim, W2: Dim> Join<(N, B, H2, W2)>
    for (N, A, H, W)
{
    type Joined = (N, ConcatDim<A, B>, H, W);

    fn join(&self, other: &(N, B, H2, W2)) -> Option<Self::Joined> {
        let same =
            self.0 == other.0 && self.2.size() == other.2.size() && self.3.size() == other.3.size();
        same.then_some((self.0, ConcatDim(self.1, other.1), self.2, self.3))
    }
    fn examples(&self) -> usize {
        self.0.size()
    }
}

impl<A: Spec, B: Spec> Spec for Concat<A, B> {
    type Built<E: Dtype, D: Device<E>> = Concat<A::Built<E, D>, B::Built<E, D>>;
    const RULE: Rule = Rule::Concat {
        first: &A::RULE,
        second: &B::RULE,
    };
}

impl<E: Dtype, D: Device<E>, A: BuildOnDevice<D, E>, B: BuildOnDevice<D, E>> BuildOnDevice<D, E>
    for Concat<A, B>
{
    type Built = Concat<A::Built, B::Built>;
}

impl<A, B> NonMutableModule for Concat<A, B> {}

impl<E: Dtype, D: Device<E>, A: TensorCollection<E, D>, B: TensorCollection<E, D>>
    TensorCollection<E, D> for Concat<A, B>
{
    type To<E2: Dtype, D2: Device<E2>> = Concat<A::To<E2, D2>, B::To<E2, D2>>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::module("0", |s| &s.0, |s| &mut s.0),
                Self::module("1", |s| &s.1, |s| &mut s.1),
            ),
            |(a, b)| Concat(a, b),
        )
    }
}

impl<A: Bind, B: Bind> Bind for Concat<A, B> {
    const RULE: Rule = Rule::Concat {
        first: &A::RULE,
        second: &B::RULE,
    };
    type Eval<'a>
        = Concat<A::Eval<'a>, B::Eval<'a>>
    where
        Self: 'a;
    type Train<'a>
        = Concat<A::Train<'a>, B::Train<'a>>
    where
        Self: 'a;

    fn eval<'a>(&'a self, draw: &Draw) -> Self::Eval<'a> {
        Concat(self.0.eval(&draw.index(0)), self.1.eval(&draw.index(1)))
    }

    fn train<'a>(&'a mut self, draw: &Draw) -> Self::Train<'a> {
        Concat(self.0.train(&draw.index(0)), self.1.train(&draw.index(1)))
    }

    type Int8<'a> = Concat<A::Int8<'a>, B::Int8<'a>>;

    fn int8<'a>(stand_ins: &StandIns<'a>, name: &Name<'_>) -> Self::Int8<'a> {
        Concat(
            A::int8(stand_ins, &name.index(0)),
            B::int8(stand_ins, &name.index(1)),
        )
    }
}

impl<E: Dtype, D: Device<E>, A: Twin<E, D>, B: Twin<E, D>> Twin<E, D> for Concat<A, B> {
    type Bayes<C: Config> = Concat<A::Bayes<C>, B::Bayes<C>>;

    fn to_bayes<C: Config>(&self, name: &Name<'_>) -> Result<Self::Bayes<C>, Error> {
        Ok(Concat(
            A::to_bayes::<C>(&self.0, &name.index(0))?,
            B::to_bayes::<C>(&self.1, &name.index(1))?,
        ))
    }

    fn from_bayes<C: Config>(bayes: &Self::Bayes<C>, draw: &Draw) -> Result<Self, Error>
    where
        D: Kernels<E>,
    {
        Ok(Concat(
            A::from_bayes::<C>(&bayes.0, &draw.index(0))?,
            B::from_bayes::<C>(&bayes.1, &draw.index(1))?,
        ))
    }
}

impl<E: Dtype, D: Device<E>, A: Bayesian<E, D>, B: Bayesian<E, D>> Bayesian<E, D> for Concat<A, B> {
    fn visit_posteriors<V: VisitPosteriors<E, D>>(
        &self,
        name: &Name<'_>,
        visitor: &mut V,
    ) -> Result<(), V::Err> {
        self.0.visit_posteriors(&name.index(0), visitor)?;
        self.1.visit_posteriors(&name.index(1), visitor)
    }
}

impl<A, B, X, Y, Z, E, D, T> Module<Tensor<X, E, D, T>> for Concat<A, B>
where
    A: Module<Tensor<X, E, D, T>, Output = Tensor<Y, E, D, T>, Error = D::Err>,
    B: Module<Tensor<X, E, D, T>, Output = Tensor<Z, E, D, T>, Error = D::Err>,
    X: Shape,
    Y: Join<Z>,
    Z: Shape,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Output = Tensor<Y::Joined, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
        let first = self.0.try_forward(x.with_empty_tape())?;
        // The input's own history is in the second part's tape.
        join(first, self.1.try_forward(x)?)
    }
}

/// Joins vectors along their features, images along their channels, those of `first` in front: `Concat` for tensors
/// that are there already, as in a [forward pass of one's own](crate::bayesian).
///
/// ```
/// use bayes_core::prelude::*;
///
/// let dev = Cpu::seed_from_u64(0);
/// let x: Tensor<Rank4<2, 3, 5, 5>, f32, _> = dev.sample_normal();
/// let y: Tensor<Rank4<2, 4, 5, 5>, f32, _> = dev.sample_normal();
/// let joined = join(x, y)?; // (2, ConcatDim<3, 4>, 5, 5), which a layer of 7 channels takes
/// assert_eq!(joined.as_vec().len(), 2 * 7 * 25);
/// # Ok::<(), CpuError>(())
/// ```
///
/// # Errors
/// Examples, heights or widths that differ, where they are known at run time only.
pub fn join<Y, Z, E, D, T>(
    first: Tensor<Y, E, D, T>,
    second: Tensor<Z, E, D, T>,
) -> Result<Tensor<Y::Joined, E, D, T>, D::Err>
where
    Y: Join<Z>,
    Z: Shape,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    let (one, other) = (shape_of(&first), shape_of(&second));
    let joined = one.join(&other).ok_or_else(D::misfit)?;
    let examples = one.examples();
    let each = |shape: usize| shape.checked_div(examples).unwrap_or(0);
    let sizes = [each(one.num_elements()), each(other.num_elements())];
    let first = first.try_reshape_like(&(examples, sizes[0]))?;
    let second = second.try_reshape_like(&(examples, sizes[1]))?;
    let y = (first, second).try_concat_along(Axis::<1>)?;
    y.try_reshape_like(&joined)
}

impl<E: Dtype, A: Structure<E>, B: Structure<E>> Structure<E> for Concat<A, B> {
    const WHOLE: bool = A::WHOLE && B::WHOLE;

    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        let first = self.0.trace(&name.index(0), graph, x)?;
        let second = self.1.trace(&name.index(1), graph, x)?;
        Ok(graph.concat(name, first, vec![second]))
    }

    fn layers(&self, name: &Name<'_>, plans: &mut Plans) -> Result<(), Error> {
        self.0.layers(&name.index(0), plans)?;
        self.1.layers(&name.index(1), plans)
    }
}
