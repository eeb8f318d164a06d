//! Layers that hold nothing to be drawn: they are their own twin.

use super::{Bayesian, Bind, Config, Draw, LayerView, Name, Spec, Twin, VisitPosteriors};
use crate::device::Kernels;
use crate::error::Error;
use crate::shape::Rule;
use dfdx::nn::ZeroSizedModule;
use dfdx::prelude::{Device, Dtype};

/// A layer that is the same in every twin: activations, pooling, and layers of your own without weights to be drawn.
///
/// A layer without numbers needs two lines besides dfdx's own:
///
/// ```
/// use bayes_core::prelude::*;
///
/// /// `x²`, element by element.
/// #[derive(Clone, Debug, Default)]
/// struct Squared;
/// impl ZeroSizedModule for Squared {}
/// impl NonMutableModule for Squared {}
/// impl bayes_core::twin::Deterministic for Squared {
///     const RULE: Rule = Rule::Keep; // says that it keeps the size, so sizes are proven through it
/// }
///
/// impl<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>> Module<Tensor<S, E, D, T>> for Squared {
///     type Output = Tensor<S, E, D, T>;
///     type Error = D::Err;
///
///     fn try_forward(&self, x: Tensor<S, E, D, T>) -> Result<Self::Output, D::Err> {
///         x.try_square()
///     }
/// }
///
/// #[bayesian(input = (4))]
/// struct Net {
///     fc1: Linear<4, 8>,
///     act: Squared,
///     fc2: Linear<8, 2>,
/// }
/// ```
pub trait Deterministic: Clone {
    /// What the layer does to the size of its input.
    const RULE: Rule = Rule::Unknown;
}

// A type that is no layer is told of `Spec` or `Twin`, once.
#[diagnostic::do_not_recommend]
impl<L: Deterministic + ZeroSizedModule> Spec for L {
    type Built<E: Dtype, D: Device<E>> = L;
    const RULE: Rule = <L as Deterministic>::RULE;
}

impl<L: Deterministic> Bind for L {
    const RULE: Rule = <L as Deterministic>::RULE;
    type Eval<'a>
        = LayerView<'a, L>
    where
        L: 'a;
    type Train<'a>
        = LayerView<'a, L>
    where
        L: 'a;

    fn eval<'a>(&'a self, _: &Draw) -> Self::Eval<'a> {
        LayerView(self)
    }

    fn train<'a>(&'a mut self, _: &Draw) -> Self::Train<'a> {
        LayerView(self)
    }

    crate::twin::stand_in!();
}

#[diagnostic::do_not_recommend]
impl<E: Dtype, D: Device<E>, L: Deterministic> Twin<E, D> for L {
    type Bayes<C: Config> = L;

    fn to_bayes<C: Config>(&self, _: &Name<'_>) -> Result<L, Error> {
        Ok(self.clone())
    }

    fn from_bayes<C: Config>(bayes: &L, _: &Draw) -> Result<Self, Error>
    where
        D: Kernels<E>,
    {
        Ok(bayes.clone())
    }
}

impl<E: Dtype, D: Device<E>, L: Deterministic> Bayesian<E, D> for L {
    fn visit_posteriors<V: VisitPosteriors<E, D>>(
        &self,
        _: &Name<'_>,
        _: &mut V,
    ) -> Result<(), V::Err> {
        Ok(())
    }
}
