//! A plan: steps that each read whole values and write one.

use super::form::Form;
use super::graph::{Function, Weights, Wire};
use super::sizes::Sizes;
use crate::error::Error;
use crate::estimator::EstimatorKind;
use crate::kernels::recurrent::Cell;
use crate::shape::Sliding;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// How a plan holds what it computes with.
pub trait Element: Debug + Clone {
    /// The weights of a product.
    type Product: Debug + Clone;
    /// A function of one number.
    type Function: Debug + Clone;
    /// How the state of a recurrent layer is stored.
    type State: Debug + Clone;
}

/// f32 weights.
#[derive(Clone, Copy, Debug)]
pub struct Float;

impl Element for Float {
    type Product = Weights;
    type Function = Function;
    type State = ();
}

/// What a step does first.
#[derive(Clone, Debug)]
pub enum Operation<E: Element> {
    /// `W·x`.
    Product(Sizes, E::Product),
    /// The rows of a table that words name.
    Embedding(Table, E::Product),
    /// The steps of a recurrent layer in one direction, after the input's product.
    Recurrence(Recurrence<E>),
    /// `scale·x` for each channel; an empty scale stands for 1.
    Scale(Vec<f32>),
    /// `(x − mean)/√(var + epsilon)·scale + shift` over groups of the example's own numbers.
    Normalize(Normalize),
    /// Maximum over windows.
    MaxPool(Sliding),
    /// Mean over windows.
    AvgPool(Sliding),
    /// Maximum or mean over as many bins of each side.
    AdaptivePool {
        /// Bins of each side.
        out: usize,
        /// The maximum.
        max: bool,
    },
    /// Mean of each channel.
    GlobalAvgPool,
    /// Grids to vectors.
    Flatten,
    /// Vectors to grids of these dimensions, channels first.
    Unflatten(Vec<usize>),
    /// Channels of zeros before and behind those of grids.
    PadChannels([usize; 2]),
    /// Softmax over features, or its logarithm.
    Softmax {
        /// The logarithm.
        log: bool,
    },
    /// `softmax(q·kᵀ/√(K/heads))·v` in each head: of queries, keys and values.
    Attention {
        /// Parts of the features that attend by themselves.
        heads: usize,
    },
    /// The channels of several values, one after the other.
    Concat,
    /// The output of the last step; of two directions that of the last step of each.
    LastStep {
        /// Features of one direction.
        hidden: usize,
    },
    /// The mean of the steps.
    MeanSteps,
    /// Sines and cosines that say where a step is are added.
    Positions,
}

impl<E: Element> Operation<E> {
    /// Whether it gives numbers that it reads, so that they keep their scale.
    pub(crate) fn moves(&self) -> bool {
        matches!(
            self,
            Self::MaxPool(_)
                | Self::AdaptivePool { max: true, .. }
                | Self::Flatten
                | Self::Unflatten(_)
                | Self::PadChannels(_)
                | Self::LastStep { .. }
        )
    }

    /// Whether it computes in f32 whatever the plan's element is.
    pub(crate) fn is_float(&self) -> bool {
        matches!(
            self,
            Self::Normalize(_) | Self::Softmax { .. } | Self::Attention { .. } | Self::Positions
        )
    }

    /// Whether biases, an addend and an activation can run with it.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Self::Product(..) | Self::Scale(_))
    }
}

/// The size of a table of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Words.
    pub words: usize,
    /// Numbers of each.
    pub features: usize,
}

impl Table {
    /// The word that a number stands for.
    ///
    /// # Errors
    /// A number that names none.
    pub(crate) fn word(&self, layer: &str, number: f32) -> Result<usize, Error> {
        let word = number as usize;
        if word as f32 == number && word < self.words {
            return Ok(word);
        }
        Err(Error::Structure {
            layer: layer.to_owned(),
            problem: format!("it takes words below {}, but got {number}", self.words),
        })
    }
}

/// A recurrent layer in one direction behind the product with its input: it takes `W_ih·x + b_ih` of all steps.
#[derive(Clone, Debug)]
pub struct Recurrence<E: Element> {
    /// Which cell.
    pub cell: Cell,
    /// Numbers of a state.
    pub hidden: usize,
    /// Whether the last step comes first.
    pub reverse: bool,
    /// `W_hh`, `(gates·hidden, hidden)`.
    pub weights: E::Product,
    /// `b_hh`.
    pub bias: Option<Weights>,
    /// How the hidden state is stored.
    pub state: E::State,
}

impl<E: Element> Recurrence<E> {
    /// Numbers of all gates; `None` where they are too many to count.
    pub(crate) fn width(&self) -> Option<usize> {
        self.cell.gates().checked_mul(self.hidden)
    }

    /// The product with the hidden state.
    pub(crate) fn sizes(&self) -> Sizes {
        Sizes::Linear {
            inputs: self.hidden,
            outputs: self.width().unwrap_or(0),
        }
    }
}

/// Normalisation of an example by its own mean and variance.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalize {
    /// Groups of channels of a grid that are normalised separately; 0 for the features of each vector.
    pub groups: usize,
    /// Added to the variance.
    pub epsilon: f64,
    /// Factor of each channel.
    pub scale: Vec<f32>,
    /// Offset of each channel.
    pub shift: Vec<f32>,
}

impl Normalize {
    /// Whether an example of this form can be normalised.
    pub(crate) fn fits(&self, form: Form) -> bool {
        let numbers = [self.scale.len(), self.shift.len()] == [form.channels(); 2];
        let kind = match form {
            Form::Grid { channels, .. } => {
                self.groups > 0 && channels.is_multiple_of(self.groups) && !form.is_empty()
            }
            Form::Vector(_) | Form::Sequence { .. } => self.groups == 0 && form.channels() > 0,
            Form::Tokens(_) => false,
        };
        numbers && kind
    }
}

/// What a step does last.
#[derive(Clone, Debug)]
pub enum Activation<F> {
    /// `max(y, 0)`.
    Relu,
    /// A function of each element.
    Map(F),
}

/// A fused region: `activation(operation(input) + biases + offset + add)`.
///
/// Only products and scales have biases, an offset, an addend or an activation.
#[derive(Clone, Debug)]
pub struct Step<E: Element> {
    /// Dotted name of the layer that leads.
    pub name: String,
    /// What it reads.
    pub input: Wire,
    /// What it reads besides, where the operation takes several values.
    pub others: Vec<Wire>,
    /// What it writes.
    pub output: Wire,
    /// What it does first.
    pub operation: Operation<E>,
    /// Added to each channel, in the draw.
    pub biases: Vec<Weights>,
    /// Added to each channel; empty for nothing.
    pub offset: Vec<f32>,
    /// A value of the same shape that is added.
    pub add: Option<Wire>,
    /// What is done last.
    pub activation: Option<Activation<E::Function>>,
    /// What was folded in behind the operation, by name.
    pub fused: Vec<String>,
}

impl<E: Element> Step<E> {
    /// All values that it reads.
    pub fn reads(&self) -> impl Iterator<Item = Wire> + '_ {
        std::iter::once(self.input)
            .chain(self.others.iter().copied())
            .chain(self.add)
    }
}

impl Step<Float> {
    /// Draws its weights by `estimator`.
    fn estimate_by(&mut self, estimator: EstimatorKind) {
        let drawn = match &mut self.operation {
            Operation::Product(_, weights) | Operation::Embedding(_, weights) => {
                [Some(weights), None]
            }
            Operation::Recurrence(recurrence) => {
                [Some(&mut recurrence.weights), recurrence.bias.as_mut()]
            }
            _ => [None, None],
        };
        let weights = drawn.into_iter().flatten().chain(&mut self.biases);
        weights.for_each(|weights| weights.estimator = estimator);
    }
}

/// The steps of a model in the order in which they run.
#[derive(Clone, Debug)]
pub struct Plan<E: Element> {
    /// The steps.
    pub steps: Vec<Step<E>>,
    /// The model's output.
    pub output: Wire,
}

impl Plan<Float> {
    /// The plan with weights that are drawn by `estimator`, where there is one. Outputs are drawn in the place of weights by
    /// linear layers alone.
    #[must_use]
    pub(crate) fn estimated_by(mut self, estimator: Option<EstimatorKind>) -> Self {
        for step in &mut self.steps {
            let is_linear = matches!(step.operation, Operation::Product(Sizes::Linear { .. }, _));
            let estimator = match estimator {
                Some(EstimatorKind::LocalReparameterization) if !is_linear => {
                    Some(EstimatorKind::Reparameterization)
                }
                estimator => estimator,
            };
            if let Some(estimator) = estimator {
                step.estimate_by(estimator);
            }
        }
        self
    }
}

impl<E: Element> Plan<E> {
    /// One more than the largest index of a wire.
    pub(crate) fn wires(&self) -> usize {
        let outputs = self.steps.iter().map(|step| step.output.0);
        outputs.chain([self.output.0]).max().unwrap_or(0) + 1
    }

    /// The index of the last step that reads each wire; what is read no more can be dropped.
    pub(crate) fn last_use(&self, wire: Wire) -> Option<usize> {
        self.steps
            .iter()
            .rposition(|step| step.reads().any(|read| read == wire))
    }

    /// What each wire holds of an example of this form.
    ///
    /// # Errors
    /// An example that does not fit.
    pub(crate) fn forms(&self, input: Form) -> Result<Vec<Form>, Error> {
        let mut forms = vec![None; self.wires()];
        forms[Wire::INPUT.0] = Some(input);
        for step in &self.steps {
            let read = |wire: Wire| forms[wire.0].ok_or_else(|| unwritten(&step.name));
            let others = step.others.iter().map(|&wire| read(wire));
            let others = others.collect::<Result<Vec<Form>, Error>>()?;
            let form = step
                .operation
                .gives(&step.name, read(step.input)?, &others)?;
            if let Some(add) = step.add {
                same_form(&step.name, form, read(add)?)?;
            }
            forms[step.output.0] = Some(form);
        }
        forms
            .into_iter()
            .map(|form| form.ok_or_else(|| unwritten("output")))
            .collect()
    }
}

pub(crate) fn unwritten(layer: &str) -> Error {
    Error::Structure {
        layer: layer.to_owned(),
        problem: "it reads a value that no step has written".to_owned(),
    }
}

pub(crate) fn same_form(layer: &str, form: Form, add: Form) -> Result<(), Error> {
    if form == add {
        return Ok(());
    }
    Err(Error::Structure {
        layer: layer.to_owned(),
        problem: format!("it gives {form}, and {add} cannot be added to that"),
    })
}
