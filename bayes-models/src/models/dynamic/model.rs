//! The one struct behind all trait objects, and the three forms that its model may have.

use super::Form;
use super::Scalar;
use super::flat::Flat;
use super::net::{Learns, Net, Rows, Taken};
use bayes_core::checkpoint::{self, Loaded};
use bayes_core::dfdx::tensor::CpuError;
use bayes_core::int8::{Int8, Whole};
use bayes_core::prelude::{Bind, Cpu, Dim, Draw, Gradients, Module};
use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::path::Path;

/// A model in one of its forms.
pub(super) struct Model<N: Net, F: FormOf<N>> {
    pub(super) model: F::M,
    /// Those since the last update.
    pub(super) gradients: Option<Gradients<f32, Cpu>>,
}

impl<N: Net, F: FormOf<N>> Model<N, F> {
    pub(super) fn new(model: F::M) -> Self {
        Self {
            model,
            gradients: None,
        }
    }
}

impl<N: Net, F: FormOf<N>> Debug for Model<N, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", F::FORM, N::ARCHITECTURE)
    }
}

/// A form, and the type that a model has in it.
pub(super) trait FormOf<N: Net>: Send + Sync + 'static {
    const FORM: Form;
    /// How many numbers it gives for each example, as far as the type says.
    type K: Dim;
    type M: Send
        + Sync
        + 'static
        + for<'a> Bind<Eval<'a>: Module<Taken<N>, Output = Rows<Self::K>, Error = CpuError>>;
}

/// A form that learns.
pub(super) trait Learning<N: Net>: FormOf<N, M: Learns<N>> {
    /// The KL in a draw; `None` where there is none.
    fn kl(model: &Self::M, draw: &Draw) -> Result<Option<Scalar>, bayes_core::Error>;

    /// The priors of the tensors, for a checkpoint.
    fn priors(model: &Self::M) -> BTreeMap<String, String>;

    /// Reads a state dict, in which a tensor has the name that `rename` takes.
    fn load_weights(
        flat: &mut Flat,
        path: &Path,
        rename: fn(&str) -> String,
    ) -> Result<Loaded, checkpoint::Error>;

    /// Writes a state dict, in which a tensor has the name that `rename` gives.
    fn export(
        flat: &Flat,
        path: &Path,
        rename: fn(&str) -> String,
    ) -> Result<(), checkpoint::Error>;
}

/// One number for each weight.
pub(super) struct Plain;

/// A posterior for each weight.
pub(super) struct Bayes;

/// A posterior in 8-bit integers.
pub(super) struct Quant;

impl<N: Net> FormOf<N> for Plain {
    const FORM: Form = Form::Plain;
    type K = N::K;
    type M = N::Plain;
}

impl<N: Net> FormOf<N> for Bayes {
    const FORM: Form = Form::Bayesian;
    type K = N::K;
    type M = N::Bayes;
}

impl<N: Net> FormOf<N> for Quant {
    const FORM: Form = Form::Int8;
    type K = usize;
    type M = Int8<Whole<N::Plain>>;
}
