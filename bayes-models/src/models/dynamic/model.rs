//! The one struct behind all trait objects, and the three forms that its model may have.

use super::flat::Flat;
use super::net::{Learns, Net, Number, Rows, Taken};
use super::{Error, Form, Trainable};
use bayes_core::checkpoint::{self, Loaded};
use bayes_core::device::Workers;
use bayes_core::int8::{Int8, Whole};
use bayes_core::predict::Job;
use bayes_core::prelude::{Bind, Cpu, Dim, Draw, Gradients, HasErr, Kernels, Module};
use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::path::Path;

/// A model in one of its forms.
pub(super) struct Model<N: Net, F: FormOf<N>> {
    pub(super) model: F::M,
    pub(super) device: F::D,
    /// Those since the last update.
    pub(super) gradients: Option<Gradients<f32, F::D>>,
}

impl<N: Net, F: FormOf<N>> Model<N, F> {
    pub(super) fn new(model: F::M, device: F::D) -> Self {
        Self {
            model,
            device,
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
pub(super) trait FormOf<N: Net>: 'static {
    const FORM: Form;
    /// Where it runs.
    type D: Kernels<f32> + for<'m> Workers<Job<'m, Self::M, Taken<N, Self::D>>>;
    /// How many numbers it gives for each example, as far as the type says.
    type K: Dim;
    type M: 'static
        + for<'a> Bind<
            Eval<'a>: Module<
                Taken<N, Self::D>,
                Output = Rows<Self::K, Self::D>,
                Error = <Self::D as HasErr>::Err,
            >,
        >;
}

/// A form that learns.
pub(super) trait Learning<N: Net>: FormOf<N, D = <N as Net>::D, M: Learns<N>> {
    /// The KL in a draw; `None` where there is none.
    fn kl(model: &Self::M, draw: &Draw) -> Result<Option<Number<N::D>>, bayes_core::Error>;

    /// The model with these tensors, on the CPU.
    fn on_cpu(flat: &Flat<N::D>) -> Result<Box<dyn Trainable + Send + Sync>, Error>;

    /// The priors of the tensors, for a checkpoint.
    fn priors(model: &Self::M) -> BTreeMap<String, String>;

    /// Reads a state dict, in which a tensor has the name that `rename` takes.
    fn load_weights(
        flat: &mut Flat<N::D>,
        path: &Path,
        rename: fn(&str) -> String,
    ) -> Result<Loaded, checkpoint::Error>;

    /// Writes a state dict, in which a tensor has the name that `rename` gives.
    fn export(
        flat: &Flat<N::D>,
        path: &Path,
        rename: fn(&str) -> String,
    ) -> Result<(), checkpoint::Error>;
}

/// One number for each weight.
pub(super) struct Plain;

/// A posterior for each weight.
pub(super) struct Bayes;

/// A posterior in 8-bit integers, on the CPU.
pub(super) struct Quant;

impl<N: Net> FormOf<N> for Plain {
    const FORM: Form = Form::Plain;
    type D = N::D;
    type K = N::K;
    type M = N::Plain;
}

impl<N: Net> FormOf<N> for Bayes {
    const FORM: Form = Form::Bayesian;
    type D = N::D;
    type K = N::K;
    type M = N::Bayes;
}

impl<N: Net> FormOf<N> for Quant {
    const FORM: Form = Form::Int8;
    type D = Cpu;
    type K = usize;
    type M = Int8<Whole<N::Plain>>;
}
