//! The operations of a model, in order, as its structure gives them.

use super::sizes::Sizes;
use super::step::{Normalize, Table};
use crate::device;
use crate::draw::Key;
use crate::error::Error;
use crate::estimator::EstimatorKind;
use crate::kernels::recurrent::Cell;
use crate::shape::Sliding;
use crate::twin::Name;
use dfdx::prelude::{Device, Dtype, Shape, Tensor};
use std::fmt;

/// A value in a [`Graph`]: the input, or what an operation gives.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Wire(pub(crate) usize);

impl Wire {
    /// The model's input.
    pub const INPUT: Self = Self(0);
}

/// Independent Gaussian weights on the host, or plain ones: `w = mu + sigma·epsilon`.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Dotted name of the layer that holds them.
    pub layer: String,
    /// Name of the tensor in the layer, such as `weight`.
    pub field: String,
    /// Dotted name of the part from whose key Flipout's signs follow: the layer, or of a recurrent layer the weight.
    pub signs: String,
    /// Means.
    pub mu: Vec<f32>,
    /// Standard deviations; `None` for plain weights. A folded factor keeps its sign here, so that the same noise
    /// means the same draw.
    pub sigma: Option<Vec<f32>>,
    /// How the noise enters.
    pub estimator: EstimatorKind,
}

impl Weights {
    /// The weights of a plain layer.
    pub(crate) fn plain<S: Shape, E: Dtype, D: Device<E>>(
        layer: &Name<'_>,
        field: &str,
        tensor: &Tensor<S, E, D>,
    ) -> Result<Self, Error> {
        Ok(Self {
            layer: layer.to_string(),
            field: field.to_owned(),
            signs: layer.to_string(),
            mu: host_f32(tensor)?,
            sigma: None,
            estimator: EstimatorKind::Reparameterization,
        })
    }

    /// The weights with Flipout's signs by the key of another part.
    #[must_use]
    pub(crate) fn with_signs_of(self, name: &Name<'_>) -> Self {
        Self {
            signs: name.to_string(),
            ..self
        }
    }

    /// The key of the tensor below the model's key.
    pub fn key(&self, model: Key) -> Key {
        key_of(model, &self.layer).field(&self.field)
    }

    /// The key of Flipout's signs below the model's key.
    pub fn signs_key(&self, model: Key) -> Key {
        key_of(model, &self.signs)
    }

    /// Multiplies the weights of output `o` by `factor[o]`.
    pub(super) fn scale(&mut self, factor: &[f32]) {
        let scale = |values: &mut [f32]| {
            let each = values.len() / factor.len().max(1);
            for (row, factor) in values.chunks_mut(each.max(1)).zip(factor) {
                row.iter_mut().for_each(|w| *w *= factor);
            }
        };
        scale(&mut self.mu);
        self.sigma.iter_mut().for_each(|sigma| scale(sigma));
    }
}

/// The key of the part with this dotted name.
pub(crate) fn key_of(model: Key, name: &str) -> Key {
    if name.is_empty() {
        model
    } else {
        model.field(name)
    }
}

/// A function of one number, applied to each element.
#[derive(Clone, Copy)]
pub struct Function {
    /// What it is called.
    pub name: &'static str,
    call: Call,
}

#[derive(Clone, Copy)]
enum Call {
    Of(fn(f64) -> f64),
    With(fn(f64, f64) -> f64, f64),
}

impl Function {
    /// `function(x)`.
    pub fn new(name: &'static str, function: fn(f64) -> f64) -> Self {
        let call = Call::Of(function);
        Self { name, call }
    }

    /// `function(x, parameter)`.
    pub fn with(name: &'static str, function: fn(f64, f64) -> f64, parameter: f64) -> Self {
        let call = Call::With(function, parameter);
        Self { name, call }
    }

    /// Its value at `x`.
    pub fn at(&self, x: f64) -> f64 {
        match self.call {
            Call::Of(function) => function(x),
            Call::With(function, parameter) => function(x, parameter),
        }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// One operation.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Product(Sizes, Weights),
    Embedding(Table, Weights),
    Recurrence(Recurrent),
    Normalize(Normalize),
    Bias(Weights),
    Affine { scale: Vec<f32>, shift: Vec<f32> },
    Relu,
    Map(Function),
    Softmax { log: bool },
    MaxPool(Sliding),
    AvgPool(Sliding),
    AdaptivePool { out: usize, max: bool },
    GlobalAvgPool,
    Flatten,
    Unflatten(Vec<usize>),
    PadChannels([usize; 2]),
    Attention { heads: usize },
    Concat,
    LastStep { hidden: usize },
    MeanSteps,
    Positions,
    Add(Wire),
}

/// One direction of a recurrent layer, without the product with its input.
#[derive(Clone, Debug)]
pub struct Recurrent {
    /// Which cell.
    pub cell: Cell,
    /// Numbers of a state.
    pub hidden: usize,
    /// Whether the last step comes first.
    pub reverse: bool,
    /// `W_hh`, `(gates·hidden, hidden)`.
    pub weights: Weights,
    /// `b_hh`.
    pub bias: Option<Weights>,
}

/// An operation with its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub name: String,
    pub input: Wire,
    /// What it reads besides.
    pub others: Vec<Wire>,
    pub op: Op,
}

/// The operations of a model, in the order in which they run.
///
/// Each method appends one that takes the wire `x`, and gives the wire of its result.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub(super) nodes: Vec<Node>,
}

impl Graph {
    fn push(&mut self, name: &Name<'_>, input: Wire, op: Op) -> Wire {
        self.push_of(name, input, Vec::new(), op)
    }

    fn push_of(&mut self, name: &Name<'_>, input: Wire, others: Vec<Wire>, op: Op) -> Wire {
        self.nodes.push(Node {
            name: name.to_string(),
            input,
            others,
            op,
        });
        Wire(self.nodes.len())
    }

    /// `W·x`, a linear layer or a convolution, with the weights as they lie in their tensor.
    ///
    /// # Errors
    /// Weights that are not finite, or not as many as the sizes say.
    pub fn product(
        &mut self,
        name: &Name<'_>,
        x: Wire,
        sizes: Sizes,
        weights: Weights,
    ) -> Result<Wire, Error> {
        let len = sizes
            .fan_in()
            .and_then(|fan_in| fan_in.checked_mul(sizes.outputs()));
        check(&weights, len.unwrap_or(usize::MAX))?;
        let weights = Weights {
            mu: sizes.by_output(weights.mu),
            sigma: weights.sigma.map(|sigma| sizes.by_output(sigma)),
            ..weights
        };
        Ok(self.push(name, x, Op::Product(sizes, weights)))
    }

    /// The rows of the table `(words, features)` that the words `x` name.
    ///
    /// # Errors
    /// Weights that are not finite, or not as many as the sizes say.
    pub fn embedding(
        &mut self,
        name: &Name<'_>,
        x: Wire,
        table: Table,
        weights: Weights,
    ) -> Result<Wire, Error> {
        let len = table.words.checked_mul(table.features);
        check(&weights, len.unwrap_or(usize::MAX))?;
        Ok(self.push(name, x, Op::Embedding(table, weights)))
    }

    /// All steps of a recurrent layer in one direction; x is `W_ih·x + b_ih` of each step.
    ///
    /// # Errors
    /// Weights that are not finite, or not as many as the sizes say.
    pub fn recurrence(
        &mut self,
        name: &Name<'_>,
        x: Wire,
        recurrent: Recurrent,
    ) -> Result<Wire, Error> {
        let width = recurrent.cell.gates() * recurrent.hidden;
        check(&recurrent.weights, width * recurrent.hidden)?;
        if let Some(bias) = &recurrent.bias {
            check(bias, width)?;
        }
        Ok(self.push(name, x, Op::Recurrence(recurrent)))
    }

    /// `(x − mean)/√(var + epsilon)·scale + shift`: layer and group normalisation.
    ///
    /// # Errors
    /// Numbers that are not finite.
    pub fn normalize(
        &mut self,
        name: &Name<'_>,
        x: Wire,
        normalize: Normalize,
    ) -> Result<Wire, Error> {
        for (tensor, values) in [("scale", &normalize.scale), ("shift", &normalize.shift)] {
            finite(&name.field(tensor), values)?;
        }
        Ok(self.push(name, x, Op::Normalize(normalize)))
    }

    /// `x + b`, a number for each channel or feature.
    ///
    /// # Errors
    /// Numbers that are not finite.
    pub fn bias(&mut self, name: &Name<'_>, x: Wire, bias: Weights) -> Result<Wire, Error> {
        check(&bias, bias.mu.len())?;
        Ok(self.push(name, x, Op::Bias(bias)))
    }

    /// `scale·x + shift` for each channel or feature: batch normalisation by its running statistics.
    ///
    /// # Errors
    /// Numbers that are not finite.
    pub fn affine(
        &mut self,
        name: &Name<'_>,
        x: Wire,
        scale: Vec<f32>,
        shift: Vec<f32>,
    ) -> Result<Wire, Error> {
        for (tensor, values) in [("scale", &scale), ("shift", &shift)] {
            finite(&name.field(tensor), values)?;
        }
        Ok(self.push(name, x, Op::Affine { scale, shift }))
    }

    /// `max(x, 0)`.
    pub fn relu(&mut self, name: &Name<'_>, x: Wire) -> Wire {
        self.push(name, x, Op::Relu)
    }

    /// `function(x)` for each element. In 8-bit plans it is 1024 straight pieces over the range that calibration saw.
    pub fn map(
        &mut self,
        name: &Name<'_>,
        x: Wire,
        called: &'static str,
        function: fn(f64) -> f64,
    ) -> Wire {
        self.map_by(name, x, Function::new(called, function))
    }

    /// [`map`](Self::map) by a function that may have a parameter, such as a slope.
    pub fn map_by(&mut self, name: &Name<'_>, x: Wire, function: Function) -> Wire {
        self.push(name, x, Op::Map(function))
    }

    /// Softmax over the features of a vector, or its logarithm.
    pub fn softmax(&mut self, name: &Name<'_>, x: Wire, log: bool) -> Wire {
        self.push(name, x, Op::Softmax { log })
    }

    /// Maximum over windows; padding never wins.
    pub fn max_pool(&mut self, name: &Name<'_>, x: Wire, window: Sliding) -> Wire {
        self.push(name, x, Op::MaxPool(window))
    }

    /// Mean over windows; padding counts as zeros.
    pub fn avg_pool(&mut self, name: &Name<'_>, x: Wire, window: Sliding) -> Wire {
        self.push(name, x, Op::AvgPool(window))
    }

    /// Mean of each channel.
    pub fn global_avg_pool(&mut self, name: &Name<'_>, x: Wire) -> Wire {
        self.push(name, x, Op::GlobalAvgPool)
    }

    /// Maximum or mean over `out` bins of each side.
    pub fn adaptive_pool(&mut self, name: &Name<'_>, x: Wire, out: usize, max: bool) -> Wire {
        self.push(name, x, Op::AdaptivePool { out, max })
    }

    /// Grids to vectors.
    pub fn flatten(&mut self, name: &Name<'_>, x: Wire) -> Wire {
        self.push(name, x, Op::Flatten)
    }

    /// Vectors to grids of these dimensions, channels first.
    pub fn unflatten(&mut self, name: &Name<'_>, x: Wire, dims: Vec<usize>) -> Wire {
        self.push(name, x, Op::Unflatten(dims))
    }

    /// Channels of zeros before and behind those of grids.
    pub fn pad_channels(&mut self, name: &Name<'_>, x: Wire, sides: [usize; 2]) -> Wire {
        self.push(name, x, Op::PadChannels(sides))
    }

    /// `softmax(q·kᵀ/√(K/heads))·v` in each head.
    pub fn attention(&mut self, name: &Name<'_>, [q, k, v]: [Wire; 3], heads: usize) -> Wire {
        self.push_of(name, q, vec![k, v], Op::Attention { heads })
    }

    /// The channels of `x` and behind them those of `others`.
    pub fn concat(&mut self, name: &Name<'_>, x: Wire, others: Vec<Wire>) -> Wire {
        self.push_of(name, x, others, Op::Concat)
    }

    /// The last output of a recurrent layer, of two directions that of each.
    ///
    /// # Errors
    /// A value that no recurrent layer gives.
    pub fn last_step(&mut self, name: &Name<'_>, x: Wire) -> Result<Wire, Error> {
        let hidden = self.hidden(x).ok_or_else(|| Error::Structure {
            layer: name.to_string(),
            problem: "in a plan it stands right behind a recurrent layer".to_owned(),
        })?;
        Ok(self.push(name, x, Op::LastStep { hidden }))
    }

    /// Features of one direction of the recurrent layer that gives `x`.
    fn hidden(&self, x: Wire) -> Option<usize> {
        let node = self.nodes.get(x.0.checked_sub(1)?)?;
        match &node.op {
            Op::Recurrence(recurrent) => Some(recurrent.hidden),
            Op::Concat => self.hidden(node.input),
            _ => None,
        }
    }

    /// The mean of the steps.
    pub fn mean_steps(&mut self, name: &Name<'_>, x: Wire) -> Wire {
        self.push(name, x, Op::MeanSteps)
    }

    /// Sines and cosines that say where a step is are added (Vaswani et al. 2017).
    pub fn positions(&mut self, name: &Name<'_>, x: Wire) -> Wire {
        self.push(name, x, Op::Positions)
    }

    /// `x + other`, element by element.
    pub fn add(&mut self, name: &Name<'_>, x: Wire, other: Wire) -> Wire {
        self.push(name, x, Op::Add(other))
    }
}

/// The numbers of a tensor.
pub(crate) fn host<S: Shape, E: Dtype, D: Device<E>>(
    tensor: &Tensor<S, E, D>,
) -> Result<Vec<f64>, Error> {
    let values = device::read(tensor).map_err(Error::device)?;
    Ok(values
        .into_iter()
        .map(|x| x.to_f64().unwrap_or(f64::NAN))
        .collect())
}

/// The numbers of a tensor in f32.
pub(crate) fn host_f32<S: Shape, E: Dtype, D: Device<E>>(
    tensor: &Tensor<S, E, D>,
) -> Result<Vec<f32>, Error> {
    Ok(host(tensor)?.into_iter().map(|x| x as f32).collect())
}

fn check(weights: &Weights, len: usize) -> Result<(), Error> {
    let name = format!("{}.{}", weights.layer, weights.field);
    let sigma = weights.sigma.as_deref();
    if weights.mu.len() != len || sigma.is_some_and(|sigma| sigma.len() != len) {
        return Err(Error::Structure {
            layer: weights.layer.clone(),
            problem: format!(
                "`{name}` holds {} numbers where its sizes say {len}",
                weights.mu.len()
            ),
        });
    }
    for values in [Some(&weights.mu[..]), sigma].into_iter().flatten() {
        finite(&name, values)?;
    }
    Ok(())
}

fn finite(tensor: &impl fmt::Display, values: &[f32]) -> Result<(), Error> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(element) => Err(Error::NotFinite {
            tensor: tensor.to_string(),
            element,
            found: values[element].into(),
        }),
    }
}
