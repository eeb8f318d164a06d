//! The transformer's encoder block.

use super::heads::MultiHeadAttention;
use crate::device::Kernels;
use crate::error::Error;
use crate::layers::activation::ReLU;
use crate::layers::layer_norm::LayerNorm1D;
use crate::layers::linear::Linear;
use crate::layers::residual::Residual;
use crate::plan::{Graph, Plans, Structure, Wire};
use crate::shape::Rule;
use crate::twin::{Bayesian, Bind, Config, Draw, Name, Spec, StandIns, Twin, VisitPosteriors};
use dfdx::nn::builders::{
    TransformerEncoder as EncoderBuilder, TransformerEncoderBlock as BlockBuilder,
};
use dfdx::nn::modules::Repeated;
use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection};
use dfdx::nn::{Module, NonMutableModule};
use dfdx::prelude::{Device, Dtype, Shape, Tape, Tensor};

/// `norm2(ff(norm1(x + self_attn(x))))` over its four parts, those of a plain net, of its twin, or views of either
/// (Vaswani et al. 2017); `ff` is a residual block. Field names are dfdx's.
#[derive(Clone, Debug)]
pub struct EncoderBlock<A, N, F, N2> {
    /// Attention of the tokens to each other.
    pub self_attn: A,
    /// Normalisation after it.
    pub norm1: N,
    /// Two linear layers with a ReLU between them, added to their input.
    pub ff: F,
    /// Normalisation after them.
    pub norm2: N2,
}

/// The plain layer: `M` features in `H` heads, `F` features inside.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (6, 8), estimator = Reparameterization)]
/// struct Net {
///     position: PositionalEncoding,
///     block: TransformerEncoderBlock<8, 2, 16>,
///     mean: MeanSteps,
///     head: Linear<8, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
/// let x: Tensor<Rank3<5, 6, 8>, f32, _> = dev.sample_normal();
/// assert_eq!(bayes.predict(x, 8, 7).classify()?.predicted().len(), 5);
/// # Ok::<(), Error>(())
/// ```
pub type TransformerEncoderBlock<const M: usize, const H: usize, const F: usize, E, D> =
    EncoderBlock<
        MultiHeadAttention<M, H, M, M, E, D>,
        LayerNorm1D<M, E, D>,
        Residual<(Linear<M, F, E, D>, ReLU, Linear<F, M, E, D>)>,
        LayerNorm1D<M, E, D>,
    >;

/// `L` blocks, one after the other.
pub type TransformerEncoder<const M: usize, const H: usize, const F: usize, const L: usize, E, D> =
    Repeated<TransformerEncoderBlock<M, H, F, E, D>, L>;

impl<const M: usize, const H: usize, const F: usize> Spec for BlockBuilder<M, H, F> {
    type Built<E: Dtype, D: Device<E>> = TransformerEncoderBlock<M, H, F, E, D>;
    const RULE: Rule = Rule::Recurrent {
        inputs: M,
        outputs: M,
    };
}

impl<const M: usize, const H: usize, const F: usize, const L: usize> Spec
    for EncoderBuilder<M, H, F, L>
{
    type Built<E: Dtype, D: Device<E>> = TransformerEncoder<M, H, F, L, E, D>;
    const RULE: Rule = Rule::Recurrent {
        inputs: M,
        outputs: M,
    };
}

impl<A, N, F, N2> NonMutableModule for EncoderBlock<A, N, F, N2> {}

impl<E, D, A, N, F, N2> TensorCollection<E, D> for EncoderBlock<A, N, F, N2>
where
    E: Dtype,
    D: Device<E>,
    A: TensorCollection<E, D>,
    N: TensorCollection<E, D>,
    F: TensorCollection<E, D>,
    N2: TensorCollection<E, D>,
{
    type To<E2: Dtype, D2: Device<E2>> =
        EncoderBlock<A::To<E2, D2>, N::To<E2, D2>, F::To<E2, D2>, N2::To<E2, D2>>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::module("self_attn", |s| &s.self_attn, |s| &mut s.self_attn),
                Self::module("norm1", |s| &s.norm1, |s| &mut s.norm1),
                Self::module("ff", |s| &s.ff, |s| &mut s.ff),
                Self::module("norm2", |s| &s.norm2, |s| &mut s.norm2),
            ),
            |(self_attn, norm1, ff, norm2)| EncoderBlock {
                self_attn,
                norm1,
                ff,
                norm2,
            },
        )
    }
}

impl<A: Bind, N: Bind, F: Bind, N2: Bind> Bind for EncoderBlock<A, N, F, N2> {
    const RULE: Rule = A::RULE;
    type Eval<'a>
        = EncoderBlock<A::Eval<'a>, N::Eval<'a>, F::Eval<'a>, N2::Eval<'a>>
    where
        Self: 'a;
    type Train<'a>
        = EncoderBlock<A::Train<'a>, N::Train<'a>, F::Train<'a>, N2::Train<'a>>
    where
        Self: 'a;

    fn eval<'a>(&'a self, draw: &Draw) -> Self::Eval<'a> {
        EncoderBlock {
            self_attn: self.self_attn.eval(&draw.field("self_attn")),
            norm1: self.norm1.eval(&draw.field("norm1")),
            ff: self.ff.eval(&draw.field("ff")),
            norm2: self.norm2.eval(&draw.field("norm2")),
        }
    }

    fn train<'a>(&'a mut self, draw: &Draw) -> Self::Train<'a> {
        EncoderBlock {
            self_attn: self.self_attn.train(&draw.field("self_attn")),
            norm1: self.norm1.train(&draw.field("norm1")),
            ff: self.ff.train(&draw.field("ff")),
            norm2: self.norm2.train(&draw.field("norm2")),
        }
    }

    type Int8<'a> = EncoderBlock<A::Int8<'a>, N::Int8<'a>, F::Int8<'a>, N2::Int8<'a>>;

    fn int8<'a>(stand_ins: &StandIns<'a>, name: &Name<'_>) -> Self::Int8<'a> {
        EncoderBlock {
            self_attn: A::int8(stand_ins, &name.field("self_attn")),
            norm1: N::int8(stand_ins, &name.field("norm1")),
            ff: F::int8(stand_ins, &name.field("ff")),
            norm2: N2::int8(stand_ins, &name.field("norm2")),
        }
    }
}

impl<E, D, A, N, F, N2> Twin<E, D> for EncoderBlock<A, N, F, N2>
where
    E: Dtype,
    D: Device<E>,
    A: Twin<E, D>,
    N: Twin<E, D>,
    F: Twin<E, D>,
    N2: Twin<E, D>,
{
    type Bayes<C: Config> = EncoderBlock<A::Bayes<C>, N::Bayes<C>, F::Bayes<C>, N2::Bayes<C>>;

    fn to_bayes<C: Config>(&self, name: &Name<'_>) -> Result<Self::Bayes<C>, Error> {
        Ok(EncoderBlock {
            self_attn: self.self_attn.to_bayes::<C>(&name.field("self_attn"))?,
            norm1: self.norm1.to_bayes::<C>(&name.field("norm1"))?,
            ff: self.ff.to_bayes::<C>(&name.field("ff"))?,
            norm2: self.norm2.to_bayes::<C>(&name.field("norm2"))?,
        })
    }

    fn from_bayes<C: Config>(bayes: &Self::Bayes<C>, draw: &Draw) -> Result<Self, Error>
    where
        D: Kernels<E>,
    {
        Ok(Self {
            self_attn: A::from_bayes::<C>(&bayes.self_attn, &draw.field("self_attn"))?,
            norm1: N::from_bayes::<C>(&bayes.norm1, &draw.field("norm1"))?,
            ff: F::from_bayes::<C>(&bayes.ff, &draw.field("ff"))?,
            norm2: N2::from_bayes::<C>(&bayes.norm2, &draw.field("norm2"))?,
        })
    }
}

impl<E, D, A, N, F, N2> Bayesian<E, D> for EncoderBlock<A, N, F, N2>
where
    E: Dtype,
    D: Device<E>,
    A: Bayesian<E, D>,
    N: Bayesian<E, D>,
    F: Bayesian<E, D>,
    N2: Bayesian<E, D>,
{
    fn visit_posteriors<V: VisitPosteriors<E, D>>(
        &self,
        name: &Name<'_>,
        visitor: &mut V,
    ) -> Result<(), V::Err> {
        self.self_attn
            .visit_posteriors(&name.field("self_attn"), visitor)?;
        self.norm1.visit_posteriors(&name.field("norm1"), visitor)?;
        self.ff.visit_posteriors(&name.field("ff"), visitor)?;
        self.norm2.visit_posteriors(&name.field("norm2"), visitor)
    }
}

impl<S, E, D, T, A, N, F, N2> Module<Tensor<S, E, D, T>> for EncoderBlock<A, N, F, N2>
where
    S: Shape,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
    A: Module<Tensor<S, E, D, T>, Output = Tensor<S, E, D, T>, Error = D::Err>,
    N: Module<Tensor<S, E, D, T>, Output = Tensor<S, E, D, T>, Error = D::Err>,
    F: Module<Tensor<S, E, D, T>, Output = Tensor<S, E, D, T>, Error = D::Err>,
    N2: Module<Tensor<S, E, D, T>, Output = Tensor<S, E, D, T>, Error = D::Err>,
{
    type Output = Tensor<S, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<S, E, D, T>) -> Result<Self::Output, D::Err> {
        let seen = self.self_attn.try_forward(x.retaped::<T>())?;
        let x = self.norm1.try_forward(D::sum(seen, x)?)?;
        self.norm2.try_forward(self.ff.try_forward(x)?)
    }
}

impl<E, A, N, F, N2> Structure<E> for EncoderBlock<A, N, F, N2>
where
    E: Dtype,
    A: Structure<E>,
    N: Structure<E>,
    F: Structure<E>,
    N2: Structure<E>,
{
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        let seen = self.self_attn.trace(&name.field("self_attn"), graph, x)?;
        let x = graph.add(name, seen, x);
        let x = self.norm1.trace(&name.field("norm1"), graph, x)?;
        let x = self.ff.trace(&name.field("ff"), graph, x)?;
        self.norm2.trace(&name.field("norm2"), graph, x)
    }

    fn layers(&self, name: &Name<'_>, plans: &mut Plans) -> Result<(), Error> {
        self.self_attn.layers(&name.field("self_attn"), plans)?;
        self.norm1.layers(&name.field("norm1"), plans)?;
        self.ff.layers(&name.field("ff"), plans)?;
        self.norm2.layers(&name.field("norm2"), plans)
    }
}
