//! Multi-head attention.

use crate::device::Kernels;
use crate::error::Error;
use crate::layers::linear::Linear;
use crate::layers::recurrent::SequenceShape;
use crate::layers::shape_of;
use crate::plan::{Graph, Plans, Structure, Wire};
use crate::shape::{Fits, Rule};
use crate::twin::{Bayesian, Bind, Config, Draw, Name, Spec, StandIns, Twin, VisitPosteriors};
use dfdx::nn::builders::MultiHeadAttention as Builder;
use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection};
use dfdx::nn::{Module, NonMutableModule};
use dfdx::prelude::{
    Axes4, Axis, Const, Device, Dtype, PermuteTo, ReshapeTo, Tape, Tensor, TryMatMul, TryMul,
};

/// Multi-head attention over its four parts: the linear layers of a plain net, those of its twin, or views of either.
///
/// `softmax(q·kᵀ/√(K/H))·v` in each of `H` heads, then `w_o`, with `q = w_q(x)` and k and v likewise (Vaswani et al.
/// 2017). On `(steps, M)` or `(batch, steps, M)`; self-attention of a tensor, or a tuple of queries, keys and values.
///
/// Field names are dfdx's. With Flipout the signs of an example are the same for all its tokens.
#[derive(Clone, Debug)]
pub struct Attention<const M: usize, const H: usize, const K: usize, const V: usize, Q, P, L, O> {
    /// Queries, `M` to `K` features.
    pub w_q: Q,
    /// Keys, `M` to `K` features.
    pub w_k: P,
    /// Values, `M` to `V` features.
    pub w_v: L,
    /// Output, `V` to `M` features.
    pub w_o: O,
}

/// The plain layer.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (6, 8), estimator = Flipout)]
/// struct Net {
///     attention: MultiHeadAttention<8, 2>,
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
pub type MultiHeadAttention<const M: usize, const H: usize, const K: usize, const V: usize, E, D> =
    Attention<
        M,
        H,
        K,
        V,
        Linear<M, K, E, D>,
        Linear<M, K, E, D>,
        Linear<M, V, E, D>,
        Linear<V, M, E, D>,
    >;

impl<const M: usize, const H: usize, const K: usize, const V: usize> Spec for Builder<M, H, K, V> {
    type Built<E: Dtype, D: Device<E>> = MultiHeadAttention<M, H, K, V, E, D>;
    const RULE: Rule = rule::<M, H, K, V>();
}

const fn rule<const M: usize, const H: usize, const K: usize, const V: usize>() -> Rule {
    assert!(
        H > 0 && K.is_multiple_of(H) && V.is_multiple_of(H),
        "the number of heads must divide the features of keys and values, which are those of the model where they are \
         not named"
    );
    Rule::Recurrent {
        inputs: M,
        outputs: M,
    }
}

impl<const M: usize, const H: usize, const K: usize, const V: usize, Q, P, L, O> NonMutableModule
    for Attention<M, H, K, V, Q, P, L, O>
{
}

impl<const M: usize, const H: usize, const K: usize, const V: usize, E, D, Q, P, L, O>
    TensorCollection<E, D> for Attention<M, H, K, V, Q, P, L, O>
where
    E: Dtype,
    D: Device<E>,
    Q: TensorCollection<E, D>,
    P: TensorCollection<E, D>,
    L: TensorCollection<E, D>,
    O: TensorCollection<E, D>,
{
    type To<E2: Dtype, D2: Device<E2>> =
        Attention<M, H, K, V, Q::To<E2, D2>, P::To<E2, D2>, L::To<E2, D2>, O::To<E2, D2>>;

    fn iter_tensors<Vi: ModuleVisitor<Self, E, D>>(
        visitor: &mut Vi,
    ) -> Result<Option<Self::To<Vi::E2, Vi::D2>>, Vi::Err> {
        visitor.visit_fields(
            (
                Self::module("w_q", |s| &s.w_q, |s| &mut s.w_q),
                Self::module("w_k", |s| &s.w_k, |s| &mut s.w_k),
                Self::module("w_v", |s| &s.w_v, |s| &mut s.w_v),
                Self::module("w_o", |s| &s.w_o, |s| &mut s.w_o),
            ),
            |(w_q, w_k, w_v, w_o)| Attention { w_q, w_k, w_v, w_o },
        )
    }
}

impl<const M: usize, const H: usize, const K: usize, const V: usize, Q, P, L, O> Bind
    for Attention<M, H, K, V, Q, P, L, O>
where
    Q: Bind,
    P: Bind,
    L: Bind,
    O: Bind,
{
    const RULE: Rule = rule::<M, H, K, V>();
    type Eval<'a>
        = Attention<M, H, K, V, Q::Eval<'a>, P::Eval<'a>, L::Eval<'a>, O::Eval<'a>>
    where
        Self: 'a;
    type Train<'a>
        = Attention<M, H, K, V, Q::Train<'a>, P::Train<'a>, L::Train<'a>, O::Train<'a>>
    where
        Self: 'a;

    fn eval<'a>(&'a self, draw: &Draw) -> Self::Eval<'a> {
        Attention {
            w_q: self.w_q.eval(&draw.field("w_q")),
            w_k: self.w_k.eval(&draw.field("w_k")),
            w_v: self.w_v.eval(&draw.field("w_v")),
            w_o: self.w_o.eval(&draw.field("w_o")),
        }
    }

    fn train<'a>(&'a mut self, draw: &Draw) -> Self::Train<'a> {
        Attention {
            w_q: self.w_q.train(&draw.field("w_q")),
            w_k: self.w_k.train(&draw.field("w_k")),
            w_v: self.w_v.train(&draw.field("w_v")),
            w_o: self.w_o.train(&draw.field("w_o")),
        }
    }

    type Int8<'a> = Attention<M, H, K, V, Q::Int8<'a>, P::Int8<'a>, L::Int8<'a>, O::Int8<'a>>;

    fn int8<'a>(stand_ins: &StandIns<'a>, name: &Name<'_>) -> Self::Int8<'a> {
        Attention {
            w_q: Q::int8(stand_ins, &name.field("w_q")),
            w_k: P::int8(stand_ins, &name.field("w_k")),
            w_v: L::int8(stand_ins, &name.field("w_v")),
            w_o: O::int8(stand_ins, &name.field("w_o")),
        }
    }
}

impl<const M: usize, const H: usize, const K: usize, const V: usize, E, D, Q, P, L, O> Twin<E, D>
    for Attention<M, H, K, V, Q, P, L, O>
where
    E: Dtype,
    D: Device<E>,
    Q: Twin<E, D>,
    P: Twin<E, D>,
    L: Twin<E, D>,
    O: Twin<E, D>,
{
    type Bayes<C: Config> =
        Attention<M, H, K, V, Q::Bayes<C>, P::Bayes<C>, L::Bayes<C>, O::Bayes<C>>;

    fn to_bayes<C: Config>(&self, name: &Name<'_>) -> Result<Self::Bayes<C>, Error> {
        Ok(Attention {
            w_q: self.w_q.to_bayes::<C>(&name.field("w_q"))?,
            w_k: self.w_k.to_bayes::<C>(&name.field("w_k"))?,
            w_v: self.w_v.to_bayes::<C>(&name.field("w_v"))?,
            w_o: self.w_o.to_bayes::<C>(&name.field("w_o"))?,
        })
    }

    fn from_bayes<C: Config>(bayes: &Self::Bayes<C>, draw: &Draw) -> Result<Self, Error>
    where
        D: Kernels<E>,
    {
        Ok(Self {
            w_q: Q::from_bayes::<C>(&bayes.w_q, &draw.field("w_q"))?,
            w_k: P::from_bayes::<C>(&bayes.w_k, &draw.field("w_k"))?,
            w_v: L::from_bayes::<C>(&bayes.w_v, &draw.field("w_v"))?,
            w_o: O::from_bayes::<C>(&bayes.w_o, &draw.field("w_o"))?,
        })
    }
}

impl<const M: usize, const H: usize, const K: usize, const V: usize, E, D, Q, P, L, O>
    Bayesian<E, D> for Attention<M, H, K, V, Q, P, L, O>
where
    E: Dtype,
    D: Device<E>,
    Q: Bayesian<E, D>,
    P: Bayesian<E, D>,
    L: Bayesian<E, D>,
    O: Bayesian<E, D>,
{
    fn visit_posteriors<Vi: VisitPosteriors<E, D>>(
        &self,
        name: &Name<'_>,
        visitor: &mut Vi,
    ) -> Result<(), Vi::Err> {
        self.w_q.visit_posteriors(&name.field("w_q"), visitor)?;
        self.w_k.visit_posteriors(&name.field("w_k"), visitor)?;
        self.w_v.visit_posteriors(&name.field("w_v"), visitor)?;
        self.w_o.visit_posteriors(&name.field("w_o"), visitor)
    }
}

/// Tokens as the parts take them: always with a batch, so that an example's tokens share its signs.
type Tokens<const M: usize, E, D, T> = Tensor<(usize, usize, Const<M>), E, D, T>;

impl<const M: usize, const H: usize, const K: usize, const V: usize, E, D, Q, P, L, O, A, B, T>
    Module<(Tensor<A, E, D, T>, Tensor<B, E, D, T>, Tensor<B, E, D, T>)>
    for Attention<M, H, K, V, Q, P, L, O>
where
    A: SequenceShape,
    B: SequenceShape,
    A::Features: Fits<M>,
    B::Features: Fits<M>,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
    Q: Module<Tokens<M, E, D, T>, Output = Tokens<K, E, D, T>, Error = D::Err>,
    P: Module<Tokens<M, E, D, T>, Output = Tokens<K, E, D, T>, Error = D::Err>,
    L: Module<Tokens<M, E, D, T>, Output = Tokens<V, E, D, T>, Error = D::Err>,
    O: Module<Tokens<V, E, D, T>, Output = Tokens<M, E, D, T>, Error = D::Err>,
{
    type Output = Tensor<A, E, D, T>;
    type Error = D::Err;

    fn try_forward(
        &self,
        (q, k, v): (Tensor<A, E, D, T>, Tensor<B, E, D, T>, Tensor<B, E, D, T>),
    ) -> Result<Self::Output, D::Err> {
        let shape = shape_of(&q);
        let (examples, steps, features) = shape.sizes();
        let (others, tokens, key_features) = shape_of(&k).sizes();
        let of_values = shape_of(&v).sizes();
        if [features, key_features] != [M; 2]
            || others != examples
            || of_values != (others, tokens, key_features)
            || tokens == 0
        {
            return Err(D::misfit());
        }
        let q = self
            .w_q
            .try_forward(q.try_reshape_like(&(examples, steps, Const))?)?;
        let k = self
            .w_k
            .try_forward(k.try_reshape_like(&(examples, tokens, Const))?)?;
        let v = self
            .w_v
            .try_forward(v.try_reshape_like(&(examples, tokens, Const))?)?;
        let q = q.try_reshape_like(&(examples, steps, H, K / H))?;
        let k = k.try_reshape_like(&(examples, tokens, H, K / H))?;
        let v = v.try_reshape_like(&(examples, tokens, H, V / H))?;
        let q = q.try_permute::<(usize, usize, usize, usize), Axes4<0, 2, 1, 3>>()?;
        let k = k.try_permute::<(usize, usize, usize, usize), Axes4<0, 2, 3, 1>>()?;
        let v = v.try_permute::<(usize, usize, usize, usize), Axes4<0, 2, 1, 3>>()?;
        let scale = E::from_f64(1.0 / ((K / H) as f64).sqrt()).unwrap_or_default();
        let weights = q.try_matmul(k)?.try_mul(scale)?;
        let seen = weights.try_softmax::<Axis<3>>()?.try_matmul(v)?;
        let seen = seen.try_permute::<(usize, usize, usize, usize), Axes4<0, 2, 1, 3>>()?;
        let y = self
            .w_o
            .try_forward(seen.try_reshape_like(&(examples, steps, Const))?)?;
        y.try_reshape_like(&shape)
    }
}

impl<const M: usize, const H: usize, const K: usize, const V: usize, E, D, Q, P, L, O, A, T>
    Module<Tensor<A, E, D, T>> for Attention<M, H, K, V, Q, P, L, O>
where
    A: SequenceShape,
    A::Features: Fits<M>,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
    Q: Module<Tokens<M, E, D, T>, Output = Tokens<K, E, D, T>, Error = D::Err>,
    P: Module<Tokens<M, E, D, T>, Output = Tokens<K, E, D, T>, Error = D::Err>,
    L: Module<Tokens<M, E, D, T>, Output = Tokens<V, E, D, T>, Error = D::Err>,
    O: Module<Tokens<V, E, D, T>, Output = Tokens<M, E, D, T>, Error = D::Err>,
{
    type Output = Tensor<A, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<A, E, D, T>) -> Result<Self::Output, D::Err> {
        let (k, v) = (x.retaped::<T>(), x.retaped::<T>());
        self.try_forward((x, k, v))
    }
}

impl<const M: usize, const H: usize, const K: usize, const V: usize, E, Q, P, L, O> Structure<E>
    for Attention<M, H, K, V, Q, P, L, O>
where
    E: Dtype,
    Q: Structure<E>,
    P: Structure<E>,
    L: Structure<E>,
    O: Structure<E>,
{
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        let q = self.w_q.trace(&name.field("w_q"), graph, x)?;
        let k = self.w_k.trace(&name.field("w_k"), graph, x)?;
        let v = self.w_v.trace(&name.field("w_v"), graph, x)?;
        let seen = graph.attention(name, [q, k, v], H);
        self.w_o.trace(&name.field("w_o"), graph, seen)
    }

    fn layers(&self, name: &Name<'_>, plans: &mut Plans) -> Result<(), Error> {
        self.w_q.layers(&name.field("w_q"), plans)?;
        self.w_k.layers(&name.field("w_k"), plans)?;
        self.w_v.layers(&name.field("w_v"), plans)?;
        self.w_o.layers(&name.field("w_o"), plans)
    }
}
