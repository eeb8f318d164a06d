//! The operations of a model, in order, as its structure gives them.

use crate::device;
use crate::draw::Key;
use crate::error::Error;
use crate::estimator::EstimatorKind;
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
        field: &'static str,
        tensor: &Tensor<S, E, D>,
    ) -> Result<Self, Error> {
        Ok(Self {
            layer: layer.to_string(),
            field: field.to_owned(),
            mu: host(tensor)?.into_iter().map(|w| w as f32).collect(),
            sigma: None,
            estimator: EstimatorKind::Reparameterization,
        })
    }

    /// The key of the layer below the model's key.
    pub fn layer_key(&self, model: Key) -> Key {
        key_of(model, &self.layer)
    }

    /// The key of the tensor below the model's key.
    pub fn key(&self, model: Key) -> Key {
        self.layer_key(model).field(&self.field)
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

/// The sizes of a product that hold for every input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Sizes {
    /// Vectors of `inputs` features become vectors of `outputs`; weights `(outputs, inputs)`.
    Linear {
        /// Features taken.
        inputs: usize,
        /// Features given.
        outputs: usize,
    },
    /// Images of `inputs` channels become images of `outputs`; weights `(outputs, inputs/groups, kernel, kernel)`.
    Convolution {
        /// Channels taken.
        inputs: usize,
        /// Channels given.
        outputs: usize,
        /// How the kernel moves.
        window: Sliding,
        /// Groups of channels that are convolved separately.
        groups: usize,
    },
}

impl Sizes {
    /// Channels or features taken.
    pub fn inputs(&self) -> usize {
        match *self {
            Self::Linear { inputs, .. } | Self::Convolution { inputs, .. } => inputs,
        }
    }

    /// Channels or features given.
    pub fn outputs(&self) -> usize {
        match *self {
            Self::Linear { outputs, .. } | Self::Convolution { outputs, .. } => outputs,
        }
    }

    /// Weights of one output; `None` where the sizes make no sense.
    pub fn fan_in(&self) -> Option<usize> {
        match *self {
            Self::Linear { inputs, .. } => Some(inputs),
            Self::Convolution {
                inputs,
                window,
                groups,
                ..
            } => inputs
                .checked_div(groups)?
                .checked_mul(window.kernel.checked_mul(window.kernel)?),
        }
    }
}

/// A function of one number, applied to each element.
#[derive(Clone, Copy)]
pub struct Function {
    /// What it is called.
    pub name: &'static str,
    /// Its values.
    pub call: fn(f64) -> f64,
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
    Bias(Weights),
    Affine { scale: Vec<f32>, shift: Vec<f32> },
    Relu,
    Map(Function),
    Softmax { log: bool },
    MaxPool(Sliding),
    AvgPool(Sliding),
    GlobalAvgPool,
    Flatten,
    PadChannels([usize; 2]),
    Add(Wire),
}

/// An operation with its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub name: String,
    pub input: Wire,
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
        self.nodes.push(Node {
            name: name.to_string(),
            input,
            op,
        });
        Wire(self.nodes.len())
    }

    /// `W·x`, a linear layer or a convolution.
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
        Ok(self.push(name, x, Op::Product(sizes, weights)))
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
        let function = Function {
            name: called,
            call: function,
        };
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

    /// Images to vectors.
    pub fn flatten(&mut self, name: &Name<'_>, x: Wire) -> Wire {
        self.push(name, x, Op::Flatten)
    }

    /// Channels of zeros before and behind those of images.
    pub fn pad_channels(&mut self, name: &Name<'_>, x: Wire, sides: [usize; 2]) -> Wire {
        self.push(name, x, Op::PadChannels(sides))
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
