//! Recurrent layers in plans: a product with the input of all steps, then the steps, for each layer and direction.

use super::run::Form;
use crate::error::Error;
use crate::plan::{Graph, Plans, Recurrent, Sizes, Weights, Wire};
use crate::posterior::{FanIn, Variational};
use crate::twin::{Config, Name};
use dfdx::prelude::{ConstShape, Device, Dtype, Shape, Tensor};

/// The weights of all layers, by layer and direction; no biases where there are none.
pub struct Layers {
    pub inputs: Vec<Weights>,
    pub hidden: Vec<Weights>,
    pub input_biases: Vec<Weights>,
    pub hidden_biases: Vec<Weights>,
}

/// One layer in one direction: a product with the input of all steps, then the steps.
struct Direction {
    input: Weights,
    input_bias: Option<Weights>,
    recurrent: Recurrent,
}

impl Direction {
    /// The names of the two parts, those of their weights.
    fn names<'a>(&'a self, layer: &'a Name<'a>) -> [Name<'a>; 2] {
        [&self.input, &self.recurrent.weights].map(|weights| layer.field(&weights.field))
    }

    /// `W_ih·x + b_ih` of all steps. The signs of a product are those of its weight, also on its bias.
    fn product(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        let outputs = self.recurrent.cell.gates() * self.recurrent.hidden;
        let sizes = Sizes::Linear {
            inputs: self.input.mu.len() / outputs.max(1),
            outputs,
        };
        let input = self.input.clone().with_signs_of(name);
        let pre = graph.product(name, x, sizes, input)?;
        match &self.input_bias {
            None => Ok(pre),
            Some(bias) => graph.bias(name, pre, bias.clone().with_signs_of(name)),
        }
    }

    fn steps(&self, name: &Name<'_>, graph: &mut Graph, pre: Wire) -> Result<Wire, Error> {
        let Recurrent { weights, bias, .. } = self.recurrent.clone();
        let recurrent = Recurrent {
            weights: weights.with_signs_of(name),
            bias: bias.map(|bias| bias.with_signs_of(name)),
            ..self.recurrent
        };
        graph.recurrence(name, pre, recurrent)
    }
}

impl Layers {
    fn directions(self, form: Form) -> impl Iterator<Item = Direction> {
        let (mut input_biases, mut hidden_biases) = (
            self.input_biases.into_iter(),
            self.hidden_biases.into_iter(),
        );
        let weights = self.inputs.into_iter().zip(self.hidden).enumerate();
        weights.map(move |(k, (input, weights))| Direction {
            input,
            input_bias: input_biases.next(),
            recurrent: Recurrent {
                cell: form.cell,
                hidden: form.hidden,
                reverse: form.bidirectional && k % 2 == 1,
                weights,
                bias: hidden_biases.next(),
            },
        })
    }

    /// Appends the layers to `graph`; gives the outputs of the last one.
    pub fn trace(
        self,
        form: Form,
        name: &Name<'_>,
        graph: &mut Graph,
        mut x: Wire,
    ) -> Result<Wire, Error> {
        let mut forward = None;
        for direction in self.directions(form) {
            let [of_input, of_hidden] = direction.names(name);
            let pre = direction.product(&of_input, graph, x)?;
            let y = direction.steps(&of_hidden, graph, pre)?;
            match forward.take() {
                Some(forward) => x = graph.concat(name, forward, vec![y]),
                None if form.bidirectional => forward = Some(y),
                None => x = y,
            }
        }
        Ok(x)
    }

    /// The two plans of each layer and direction: between them stands the state, which a forward pass may hand over.
    pub fn plans(self, form: Form, name: &Name<'_>, plans: &mut Plans) -> Result<(), Error> {
        for direction in self.directions(form) {
            let [of_input, of_hidden] = direction.names(name);
            plans.push(&of_input, |graph, x| direction.product(&of_input, graph, x))?;
            plans.push(&of_hidden, |graph, x| direction.steps(&of_hidden, graph, x))?;
        }
        Ok(())
    }
}

/// Plain tensors with their names in the layer.
pub fn plain<S: Shape, E: Dtype, D: Device<E>>(
    tensors: &[Tensor<S, E, D>],
    names: &[String],
    layer: &Name<'_>,
) -> Result<Vec<Weights>, Error> {
    let pairs = tensors.iter().zip(names);
    pairs
        .map(|(tensor, name)| Weights::plain(layer, name, tensor))
        .collect()
}

/// Variational tensors with their names in the layer.
pub fn bayes<S: ConstShape, E: Dtype, D: Device<E>, C: Config, F: FanIn>(
    tensors: &[Variational<S, E, D, C, F>],
    names: &[String],
    layer: &Name<'_>,
) -> Result<Vec<Weights>, Error> {
    let pairs = tensors.iter().zip(names);
    pairs
        .map(|(tensor, name)| tensor.traced(layer, name))
        .collect()
}
