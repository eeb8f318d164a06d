//! Layer normalisation of feature vectors.

use crate::device::{self, Kernels};
use crate::error::Error;
use crate::layers::shape_of;
use crate::plan::{Graph, Normalize, Structure, Wire, host_f32};
use crate::shape::{FeatureShape, Fits, Rule};
use crate::twin::{Bayesian, Bind, Config, Draw, LayerView, Name, Spec, Twin, VisitPosteriors};
use dfdx::nn::builders::LayerNorm1D as Builder;
use dfdx::nn::tensor_collection::{ModuleVisitor, ScalarOptions, TensorCollection, TensorOptions};
use dfdx::nn::{Module, NonMutableModule};
use dfdx::prelude::{
    Axis, BroadcastTo, Device, Dtype, Rank1, ReshapeTo, Tape, Tensor, TryAdd, TryMul,
};

/// `(x − mean)/√(var + epsilon)·gamma + beta` over the features of each vector (Ba, Kiros and Hinton 2016), var the biased
/// variance; on `(M,)`, `(batch, M)` and `(batch, steps, M)`.
///
/// It is not Bayesian: its twin is a copy of it. Names and defaults are dfdx's.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (4))]
/// struct Net {
///     fc1: Linear<4, 8>,
///     norm: LayerNorm1D<8>,
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
pub struct LayerNorm1D<const M: usize, E: Dtype, D: Device<E>> {
    /// Factor of each feature; starts at 1.
    pub gamma: Tensor<Rank1<M>, E, D>,
    /// Offset of each feature; starts at 0.
    pub beta: Tensor<Rank1<M>, E, D>,
    /// Added to the variance: 1e-5.
    pub epsilon: f64,
}

impl<const M: usize> Spec for Builder<M> {
    type Built<E: Dtype, D: Device<E>> = LayerNorm1D<M, E, D>;
    const RULE: Rule = Rule::Features { features: M };
}

impl<const M: usize, E: Dtype, D: Device<E>> NonMutableModule for LayerNorm1D<M, E, D> {}

impl<const M: usize, E: Dtype, D: Device<E>> TensorCollection<E, D> for LayerNorm1D<M, E, D> {
    type To<E2: Dtype, D2: Device<E2>> = LayerNorm1D<M, E2, D2>;

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
            |(gamma, beta, epsilon)| LayerNorm1D {
                gamma,
                beta,
                epsilon,
            },
        )
    }
}

impl<const M: usize, E: Dtype, D: Device<E>> Bind for LayerNorm1D<M, E, D> {
    const RULE: Rule = Rule::Features { features: M };
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

impl<const M: usize, E: Dtype, D: Device<E>> LayerNorm1D<M, E, D> {
    /// A copy with tensors of its own: clones share their identity, and so their gradients.
    fn copied(&self) -> Result<Self, Error> {
        Ok(Self {
            gamma: device::copy(&self.gamma).map_err(Error::device)?,
            beta: device::copy(&self.beta).map_err(Error::device)?,
            ..*self
        })
    }
}

impl<const M: usize, E: Dtype, D: Device<E>> Twin<E, D> for LayerNorm1D<M, E, D> {
    type Bayes<C: Config> = Self;

    fn to_bayes<C: Config>(&self, _: &Name<'_>) -> Result<Self, Error> {
        self.copied()
    }

    fn from_bayes<C: Config>(bayes: &Self, _: &Draw) -> Result<Self, Error>
    where
        D: Kernels<E>,
    {
        bayes.copied()
    }
}

impl<const M: usize, E: Dtype, D: Device<E>> Bayesian<E, D> for LayerNorm1D<M, E, D> {
    fn visit_posteriors<V: VisitPosteriors<E, D>>(
        &self,
        _: &Name<'_>,
        _: &mut V,
    ) -> Result<(), V::Err> {
        Ok(())
    }
}

impl<const M: usize, X, E, D, T> Module<Tensor<X, E, D, T>> for LayerNorm1D<M, E, D>
where
    X: FeatureShape,
    X::Features: Fits<M>,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Output = Tensor<X, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
        let shape = shape_of(&x);
        if shape.features() != M {
            return Err(D::misfit());
        }
        let rows = (shape.examples() * shape.steps(), M);
        let x = x.try_reshape_like(&rows)?;
        let x = x.try_normalize::<Axis<1>>(self.epsilon)?;
        let like = |t: Tensor<Rank1<M>, E, D, T>| {
            let t = t.try_reshape_like(&(M,))?;
            t.try_broadcast_like::<_, Axis<0>>(&rows)
        };
        let x = x.try_mul(like(self.gamma.retaped())?)?;
        x.try_add(like(self.beta.retaped())?)?
            .try_reshape_like(&shape)
    }
}

impl<const M: usize, E: Dtype, D: Device<E>> Structure<E> for LayerNorm1D<M, E, D> {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        let normalize = Normalize {
            groups: 0,
            epsilon: self.epsilon,
            scale: host_f32(&self.gamma)?,
            shift: host_f32(&self.beta)?,
        };
        graph.normalize(name, x, normalize)
    }
}
