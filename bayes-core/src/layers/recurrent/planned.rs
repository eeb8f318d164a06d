//! Recurrent layers in plans: a product with the input of all steps, then the steps, for each layer and direction.

use super::run::Form;
use crate::error::Error;
use crate::plan::{Graph, Recurrent, Sizes, Weights, Wire};
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

impl Layers {
    /// Appends the layers to `graph`; gives the outputs of the last one.
    pub fn trace(
        self,
        form: Form,
        name: &Name<'_>,
        graph: &mut Graph,
        mut x: Wire,
    ) -> Result<Wire, Error> {
        let outputs = form.cell.gates() * form.hidden;
        let mut biases = self.input_biases.into_iter().zip(self.hidden_biases);
        let mut forward = None;
        for (k, (input, hidden)) in self.inputs.into_iter().zip(self.hidden).enumerate() {
            let reverse = form.bidirectional && k % 2 == 1;
            // The signs of a product with a hidden state or an input are those of its weight, also on its bias.
            let (of_input, of_hidden) = (input.field.clone(), hidden.field.clone());
            let (of_input, of_hidden) = (name.field(&of_input), name.field(&of_hidden));
            let sizes = Sizes::Linear {
                inputs: input.mu.len() / outputs.max(1),
                outputs,
            };
            let mut pre = graph.product(&of_input, x, sizes, input.with_signs_of(&of_input))?;
            let mut hidden_bias = None;
            if let Some((input_bias, bias)) = biases.next() {
                pre = graph.bias(&of_input, pre, input_bias.with_signs_of(&of_input))?;
                hidden_bias = Some(bias.with_signs_of(&of_hidden));
            }
            let recurrent = Recurrent {
                cell: form.cell,
                hidden: form.hidden,
                reverse,
                weights: hidden.with_signs_of(&of_hidden),
                bias: hidden_bias,
            };
            let y = graph.recurrence(&of_hidden, pre, recurrent)?;
            match forward.take() {
                Some(forward) => x = graph.concat(name, forward, vec![y]),
                None if form.bidirectional => forward = Some(y),
                None => x = y,
            }
        }
        Ok(x)
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
