//! What the enum of a family's members says of them, and their types.

use super::UnknownMember;
use crate::shape::{Rule, Size};
use crate::twin::{FromPretrained, Twin};
use dfdx::prelude::{Device, Dtype};
use serde::de::{self, Deserializer, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// The members of a family, by name; `#[bayesian(members(..))]` writes one.
pub trait Registry: fmt::Debug + Copy + Eq + 'static {
    /// The struct whose members these are.
    const FAMILY: &'static str;
    /// All members, in the order of the attribute.
    const ALL: &'static [Self];

    /// The member's name, which its types have too.
    fn name(self) -> &'static str;

    /// The size of one example, where the attribute states it.
    fn input(self) -> Size;

    /// What the member does to sizes.
    fn rule(self) -> &'static Rule;

    /// The trained numbers of the plain model.
    fn parameters(self) -> usize;

    /// The trained numbers of the Bayesian twin.
    fn bayes_parameters(self) -> usize;

    /// The member of this name.
    ///
    /// # Errors
    /// No member has this name; the error knows those that there are, and which one was probably meant.
    fn named(name: &str) -> Result<Self, UnknownMember> {
        let mut all = Self::ALL.iter().copied();
        let found = all.find(|member| member.name() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.iter().map(|member| member.name());
            UnknownMember::new(Self::FAMILY, name, names.collect())
        })
    }
}

/// The types of member `I` of a registry: what the family's `with_…!` names.
pub trait Member<const I: usize>: Registry {
    /// The builder, in spec form; `()` in module form, which has none.
    type Spec;
    /// The plain model on a device.
    type Plain<E: Dtype, D: Device<E>>: Twin<E, D>;
    /// Its Bayesian twin, with what the member states.
    type Bayes<E: Dtype, D: Device<E>>: FromPretrained<E, D, Plain = Self::Plain<E, D>>;
    /// Its int8 twin.
    type Quant;
}

/// A member from its name.
///
/// # Errors
/// What is no string, and what [`Registry::named`] refuses.
pub fn deserialize<'de, R: Registry, D: Deserializer<'de>>(deserializer: D) -> Result<R, D::Error> {
    deserializer.deserialize_str(Named(PhantomData))
}

struct Named<R>(PhantomData<R>);

impl<R: Registry> Visitor<'_> for Named<R> {
    type Value = R;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name of a member of `{}`", R::FAMILY)
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<R, E> {
        R::named(name).map_err(E::custom)
    }
}
