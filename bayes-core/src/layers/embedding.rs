//! Embeddings: a vector for each word of a vocabulary, plain and variational.

use crate::device::{Kernels, SignSize};
use crate::draw::{Key, Noise as Kind};
use crate::error::Error;
use crate::estimator::{Estimator, EstimatorKind};
use crate::plan::{Graph, Structure, Table, Weights, Wire};
use crate::posterior::{LinearFan, Variational, Within};
use crate::shape::Rule;
use crate::twin::{
    Bayesian, Bind, Config, Draw, DrawnView, LayerView, Name, Spec, Twin, VisitPosteriors,
};
use dfdx::nn::builders::Embedding as Builder;
use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection, TensorOptions};
use dfdx::nn::{Module, NonMutableModule};
use dfdx::prelude::{Const, Device, Dim, Dtype, GatherTo, Rank2, ReshapeTo, Shape, Tape, Tensor};
use dfdx::shapes::HasShape;
use dfdx::tensor::{PutTape, SplitTape};

/// Row `x[i]` of a `(WORDS, M)` table for each number: `(steps,)` to `(steps, M)` and `(batch, steps)` to
/// `(batch, steps, M)` (Bengio et al. 2003). Numbers are `usize`, below `WORDS`.
///
/// The table starts uniform in `±1/√WORDS`, as dfdx's.
///
/// ```
/// use bayes_core::prelude::*;
/// use bayes_core::predict::Tokens;
///
/// #[bayesian(input = (6), estimator = Flipout)]
/// struct Net {
///     embed: Embedding<20, 8>,
///     block: TransformerEncoderBlock<8, 2, 16>,
///     mean: MeanSteps,
///     head: Linear<8, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
/// let words: Tensor<Rank2<2, 6>, usize, _> = dev.tensor([[0, 3, 7, 19, 2, 2], [5; 6]]);
/// assert_eq!(bayes.predict(Tokens(words), 8, 7).classify()?.predicted().len(), 2);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Embedding<const WORDS: usize, const M: usize, E: Dtype, D: Device<E>> {
    /// The table.
    pub weight: Tensor<Rank2<WORDS, M>, E, D>,
}

/// An [`Embedding`] whose table has a posterior.
///
/// With Flipout each example and feature has a sign, the same for all its words.
#[derive(Clone, Debug)]
pub struct BayesEmbedding<const WORDS: usize, const M: usize, E: Dtype, D: Device<E>, C: Config> {
    /// The table.
    pub weight: Variational<Rank2<WORDS, M>, E, D, C, LinearFan<WORDS>>,
}

impl<const WORDS: usize, const M: usize> Spec for Builder<WORDS, M> {
    type Built<E: Dtype, D: Device<E>> = Embedding<WORDS, M, E, D>;
    const RULE: Rule = Rule::Embedding { outputs: M };
}

impl<const WORDS: usize, const M: usize, E: Dtype, D: Device<E>> NonMutableModule
    for Embedding<WORDS, M, E, D>
{
}

impl<const WORDS: usize, const M: usize, E: Dtype, D: Device<E>> TensorCollection<E, D>
    for Embedding<WORDS, M, E, D>
{
    type To<E2: Dtype, D2: Device<E2>> = Embedding<WORDS, M, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        let options = TensorOptions::reset_with(|t| t.try_fill_with_distr(Within::fan_in(WORDS)));
        let weight = Self::tensor("weight", |s| &s.weight, |s| &mut s.weight, options);
        visitor.visit_fields(weight, |weight| Embedding { weight })
    }
}

impl<const WORDS: usize, const M: usize, E: Dtype, D: Device<E>, C: Config> TensorCollection<E, D>
    for BayesEmbedding<WORDS, M, E, D, C>
{
    type To<E2: Dtype, D2: Device<E2>> = BayesEmbedding<WORDS, M, E2, D2, C>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        let weight = Self::module("weight", |s| &s.weight, |s| &mut s.weight);
        visitor.visit_fields(weight, |weight| BayesEmbedding { weight })
    }
}

impl<const WORDS: usize, const M: usize, E: Dtype, D: Device<E>> Bind
    for Embedding<WORDS, M, E, D>
{
    const RULE: Rule = Rule::Embedding { outputs: M };
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

impl<const WORDS: usize, const M: usize, E: Dtype, D: Device<E>, C: Config> Bind
    for BayesEmbedding<WORDS, M, E, D, C>
{
    const RULE: Rule = Rule::Embedding { outputs: M };
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

impl<const WORDS: usize, const M: usize, E: Dtype, D: Device<E>> Twin<E, D>
    for Embedding<WORDS, M, E, D>
{
    type Bayes<C: Config> = BayesEmbedding<WORDS, M, E, D, C>;

    fn to_bayes<C: Config>(&self, name: &Name<'_>) -> Result<Self::Bayes<C>, Error> {
        let weight = Variational::around(&self.weight, &name.field("weight"))?;
        Ok(BayesEmbedding { weight })
    }

    fn from_bayes<C: Config>(bayes: &Self::Bayes<C>, draw: &Draw) -> Result<Self, Error>
    where
        D: Kernels<E>,
    {
        let weight = bayes.weight.drawn(draw, "weight")?;
        Ok(Self { weight })
    }
}

impl<const WORDS: usize, const M: usize, E: Dtype, D: Device<E>, C: Config> Bayesian<E, D>
    for BayesEmbedding<WORDS, M, E, D, C>
{
    fn visit_posteriors<V: VisitPosteriors<E, D>>(
        &self,
        name: &Name<'_>,
        visitor: &mut V,
    ) -> Result<(), V::Err> {
        visitor.visit(&name.field("weight"), &self.weight)
    }
}

/// Word numbers: `(steps,)` or `(batch, steps)`.
pub trait WordShape: Shape {
    /// A vector for each.
    type With<const M: usize>: Shape;

    /// A vector for each.
    fn with<const M: usize>(&self) -> Self::With<M>;
    /// Examples and words of each.
    fn sizes(&self) -> (usize, usize);
}

impl<S: Dim> WordShape for (S,) {
    type With<const M: usize> = (S, Const<M>);

    fn with<const M: usize>(&self) -> Self::With<M> {
        (self.0, Const)
    }
    fn sizes(&self) -> (usize, usize) {
        (1, self.0.size())
    }
}

impl<B: Dim, S: Dim> WordShape for (B, S) {
    type With<const M: usize> = (B, S, Const<M>);

    fn with<const M: usize>(&self) -> Self::With<M> {
        (self.0, self.1, Const)
    }
    fn sizes(&self) -> (usize, usize) {
        (self.0.size(), self.1.size())
    }
}

/// The rows of `table` that the words name.
fn rows<
    const WORDS: usize,
    const M: usize,
    X: WordShape,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
>(
    table: Tensor<Rank2<WORDS, M>, E, D, T>,
    words: &Tensor<X, usize, D>,
) -> Result<Tensor<X::With<M>, E, D, T>, D::Err> {
    let shape = *words.shape();
    let index: Vec<usize> = words.as_vec();
    let count = index.len();
    let index: Tensor<(usize,), usize, D> = words.device().try_tensor_from_vec(index, (count,))?;
    let table = table.try_reshape_like(&(WORDS, M))?;
    let rows: Tensor<(usize, usize), E, D, T> = table.try_gather(index)?;
    rows.try_reshape_like(&shape.with::<M>())
}

/// The sentence for a word beyond the table.
fn beyond<const WORDS: usize, X: Shape, E: Dtype, D: Device<E>>(
    words: &Tensor<X, usize, D>,
) -> Option<Error> {
    let found = words.as_vec().into_iter().find(|&word| word >= WORDS)?;
    Some(Error::Input {
        layer: "Embedding",
        takes: format!("words below {WORDS}"),
        got: found.to_string(),
    })
}

impl<const WORDS: usize, const M: usize, X, E, D, T> Module<Tensor<X, usize, D, T>>
    for Embedding<WORDS, M, E, D>
where
    X: WordShape,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Output = Tensor<X::With<M>, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, words: Tensor<X, usize, D, T>) -> Result<Self::Output, D::Err> {
        let (words, tape) = words.split_tape();
        if beyond::<WORDS, X, E, D>(&words).is_some() {
            return Err(D::misfit());
        }
        rows(self.weight.clone().put_tape(tape), &words)
    }
}

impl<const WORDS: usize, const M: usize, X, E, D, C, T> Module<Tensor<X, usize, D, T>>
    for DrawnView<'_, BayesEmbedding<WORDS, M, E, D, C>>
where
    X: WordShape,
    E: Dtype,
    D: Kernels<E>,
    C: Config,
    T: Tape<E, D>,
{
    type Output = Tensor<X::With<M>, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, words: Tensor<X, usize, D, T>) -> Result<Self::Output, D::Err> {
        const {
            assert!(
                !matches!(C::Estimator::KIND, EstimatorKind::LocalReparameterization),
                "LocalReparameterization is for Linear: write #[bayes(estimator = Flipout)] or \
                 #[bayes(estimator = Reparameterization)] on the embedding"
            );
        }
        let (words, tape) = words.split_tape();
        let kind = self.draw.estimator_or(C::Estimator::KIND);
        let problem = match kind {
            EstimatorKind::LocalReparameterization => Some(Error::Estimator {
                estimator: kind,
                because: "a layer uses one weight at several positions",
            }),
            _ => beyond::<WORDS, X, E, D>(&words),
        };
        if let Some(problem) = problem {
            self.draw.report(problem);
            return Err(D::misfit());
        }
        let weight = &self.layer.weight;
        let (examples, steps) = words.shape().sizes();
        let signs = self.draw.example_noise(Kind::SignOut, examples);
        let (EstimatorKind::Flipout, Some(signs)) = (kind, signs) else {
            let table = weight.weights::<T>(&self.draw, "weight")?;
            let (table, more) = table.split_tape();
            return rows(table.put_tape(tape.merge(more)), &words);
        };
        let size = SignSize {
            examples,
            steps,
            channels: M,
            pixels: 1,
        };
        let mean = weight.weights::<T>(&Key::MEAN.into(), "weight")?;
        let mean = rows(mean.split_tape().0.put_tape(tape), &words)?;
        let deviation = rows(weight.deviation::<T>(&self.draw, "weight")?, &words)?;
        D::flip_onto(mean, deviation, signs, size)
    }
}

macro_rules! traced {
    ([$($param:tt)*] $Layer:ty, $layer:ident => $weights:expr) => {
        impl<const WORDS: usize, const M: usize, $($param)*> Structure<E> for $Layer {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                let $layer = self;
                let table = Table { words: WORDS, features: M };
                graph.embedding(name, x, table, $weights(name)?)
            }
        }
    };
}

traced!(
    [E: Dtype, D: Device<E>] Embedding<WORDS, M, E, D>,
    layer => |name| Weights::plain(name, "weight", &layer.weight)
);
traced!(
    [E: Dtype, D: Device<E>, C: Config] BayesEmbedding<WORDS, M, E, D, C>,
    layer => |name| layer.weight.traced(name, "weight")
);
