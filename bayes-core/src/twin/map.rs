//! The mapping: builder → layer on a device → Bayesian layer, and back.

use super::{Bind, Config, Draw, Name};
use crate::device::Kernels;
use crate::error::Error;
use crate::posterior::{FanIn, Variational};
use crate::shape::{Rule, Size};
use dfdx::prelude::{ConstShape, Device, Dtype};

/// A builder type: a layer without a number type or device, such as `Linear<784, 10>` or `(Linear<2, 3>, ReLU)`.
///
/// Implement it for a layer of your own to use it in an annotated struct; see [`Deterministic`](super::Deterministic).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no layer that `#[bayesian]` knows",
    label = "this type has no twin",
    note = "for a layer of your own implement it, or `bayes_core::twin::Deterministic` where it holds nothing to be drawn"
)]
pub trait Spec {
    /// The layer on a device. A twin has a copy of it where the field is skipped.
    type Built<E: Dtype, D: Device<E>>: Twin<E, D> + Clone;

    /// What the layer does to the size of its input.
    const RULE: Rule;

    /// The size of one example, where an annotated struct states it.
    const INPUT: Size = Size::UNKNOWN;
}

/// A layer on a device, with what it becomes in the Bayesian model.
pub trait Twin<E: Dtype, D: Device<E>>: Bind + Sized {
    /// The Bayesian layer, configured by `C`.
    type Bayes<C: Config>: Bayesian<E, D>;

    /// The Bayesian layer around these weights.
    ///
    /// With `C::MOPED` = delta: mu = w, sigma = delta·|w|, and the prior's mean is a copy of w (Krishnan et al. 2020).
    /// Without: mu = w and rho from `C::POSTERIOR`.
    ///
    /// # Errors
    /// A weight that is not finite, by its name; a device that fails.
    fn to_bayes<C: Config>(&self, name: &Name<'_>) -> Result<Self::Bayes<C>, Error>;

    /// The layer with the weights of `bayes` in `draw`: their mean, or one draw of them.
    ///
    /// # Errors
    /// A device that fails.
    fn from_bayes<C: Config>(bayes: &Self::Bayes<C>, draw: &Draw) -> Result<Self, Error>
    where
        D: Kernels<E>;
}

/// A layer of a Bayesian model: it can show the posteriors that it holds.
pub trait Bayesian<E: Dtype, D: Device<E>>: Bind {
    /// Shows each posterior, in the order of the fields.
    ///
    /// # Errors
    /// Whatever the visitor fails with.
    fn visit_posteriors<V: VisitPosteriors<E, D>>(
        &self,
        name: &Name<'_>,
        visitor: &mut V,
    ) -> Result<(), V::Err>;
}

/// Something to be done with every posterior of a model: KL, reports, saved priors.
pub trait VisitPosteriors<E: Dtype, D: Device<E>> {
    /// What can fail.
    type Err;

    /// Takes one posterior, by its tensor's dotted name.
    ///
    /// # Errors
    /// As the visitor says.
    fn visit<S: ConstShape, C: Config, F: FanIn>(
        &mut self,
        name: &Name<'_>,
        weights: &Variational<S, E, D, C, F>,
    ) -> Result<(), Self::Err>;
}

/// The layer that the builder `S` is on device `D` with numbers `E`.
pub type Built<S, E, D> = <S as Spec>::Built<E, D>;

/// The Bayesian layer of the layer `L`, configured by `C`.
pub type Bayes<L, E, D, C> = <L as Twin<E, D>>::Bayes<C>;
