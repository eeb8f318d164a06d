//! The plan in f32: slow and obvious, the reference for every faster one, and what calibration observes.

use super::form::Form;
use super::graph::{Sizes, Weights, Wire};
use super::step::{Activation, Float, Operation, Plan, Step};
use crate::draw::{Key, Noise};
use crate::error::Error;
use crate::kernels::conv::{self, Axis, ConvGeometry};
use crate::kernels::linear::{self, LinearGeometry};
use crate::kernels::pool2d::adaptive_average::{self, AdaptivePool2dGeometry};
use crate::kernels::pool2d::{Pool2dGeometry, average, max};
use crate::shape::Sliding;
use std::borrow::Cow;

/// A batch of examples, row-major as in their tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    /// Number of examples.
    pub examples: usize,
    /// What each example is.
    pub form: Form,
    /// The numbers.
    pub values: Vec<f32>,
}

/// At what point of a step a value is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Before the function at the end of the step.
    Before,
    /// What the step gives.
    Value,
}

impl Plan<Float> {
    /// The output for `input` in the draw `key`, with every wire shown to `seen`.
    ///
    /// All examples see the same weights, whatever the estimator.
    ///
    /// # Errors
    /// An input that does not fit.
    pub fn run(
        &self,
        key: Key,
        input: Values,
        mut seen: impl FnMut(Wire, Stage, &Values),
    ) -> Result<Values, Error> {
        let mut wires: Vec<Option<Values>> = vec![None; self.wires()];
        seen(Wire::INPUT, Stage::Value, &input);
        wires[Wire::INPUT.0] = Some(input);
        for (i, step) in self.steps.iter().enumerate() {
            let read = |wire: Wire| wires[wire.0].as_ref().ok_or_else(|| unwritten(&step.name));
            let add = step.add.map(read).transpose()?;
            let mut y = step.before_activation(key, read(step.input)?, add)?;
            if let Some(Activation::Map(_)) = step.activation {
                seen(step.output, Stage::Before, &y);
            }
            step.activate(&mut y.values);
            seen(step.output, Stage::Value, &y);
            wires[step.output.0] = Some(y);
            for wire in [Some(step.input), step.add].into_iter().flatten() {
                if self.last_use(wire) == Some(i) && wire != self.output {
                    wires[wire.0] = None;
                }
            }
        }
        wires[self.output.0]
            .take()
            .ok_or_else(|| unwritten("output"))
    }
}

pub(crate) fn unwritten(layer: &str) -> Error {
    Error::Structure {
        layer: layer.to_owned(),
        problem: "it reads a value that no step has written".to_owned(),
    }
}

impl Step<Float> {
    fn before_activation(
        &self,
        key: Key,
        x: &Values,
        add: Option<&Values>,
    ) -> Result<Values, Error> {
        let form = self.operation.gives(&self.name, x.form)?;
        let mut y = vec![0.0; x.examples * form.len()];
        match &self.operation {
            Operation::Product(sizes, weights) => product(sizes, &drawn(weights, key), x, &mut y),
            Operation::Scale(scale) => {
                y.copy_from_slice(&x.values);
                per_channel(form, scale, &mut y, |y, scale| *y *= scale);
            }
            Operation::MaxPool(window) => max::forward(&pool(window, x), &x.values, &mut y),
            Operation::AvgPool(window) => average::forward(&pool(window, x), &x.values, &mut y),
            Operation::GlobalAvgPool => {
                let geometry = AdaptivePool2dGeometry {
                    planes: x.examples * form.channels(),
                    input: [x.form.positions(), 1],
                    output: [1, 1],
                };
                adaptive_average::forward(&geometry, &x.values, &mut y);
            }
            Operation::Flatten => y.copy_from_slice(&x.values),
            Operation::PadChannels([before, _]) => {
                let start = before * form.positions();
                let examples = x.values.chunks_exact(x.form.len().max(1));
                for (y, x) in y.chunks_exact_mut(form.len().max(1)).zip(examples) {
                    y[start..start + x.len()].copy_from_slice(x);
                }
            }
            Operation::Softmax { log } => softmax(&x.values, form.channels(), *log, &mut y),
        }
        for bias in &self.biases {
            per_channel(form, &drawn(bias, key), &mut y, |y, bias| *y += bias);
        }
        per_channel(form, &self.offset, &mut y, |y, offset| *y += offset);
        if let Some(add) = add {
            same_form(&self.name, form, add.form)?;
            y.iter_mut().zip(&add.values).for_each(|(y, add)| *y += add);
        }
        Ok(Values {
            examples: x.examples,
            form,
            values: y,
        })
    }

    fn activate(&self, y: &mut [f32]) {
        match self.activation {
            None => {}
            Some(Activation::Relu) => y.iter_mut().for_each(|y| *y = y.max(0.0)),
            Some(Activation::Map(function)) => {
                y.iter_mut()
                    .for_each(|y| *y = (function.call)(f64::from(*y)) as f32);
            }
        }
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

/// The weights in the draw.
fn drawn(weights: &Weights, key: Key) -> Cow<'_, [f32]> {
    let stream = weights.key(key).stream(Noise::Weight);
    let (Some(sigma), Some(stream)) = (&weights.sigma, stream) else {
        return Cow::Borrowed(&weights.mu);
    };
    let mut epsilon = vec![0.0; sigma.len()];
    stream.fill_normal(0, &mut epsilon);
    let pairs = weights.mu.iter().zip(sigma).zip(&epsilon);
    Cow::Owned(
        pairs
            .map(|((mu, sigma), epsilon)| mu + sigma * epsilon)
            .collect(),
    )
}

fn product(sizes: &Sizes, weights: &[f32], x: &Values, y: &mut [f32]) {
    match (*sizes, x.form) {
        (
            Sizes::Convolution {
                inputs,
                outputs,
                window,
                groups,
            },
            Form::Image { height, width, .. },
        ) => {
            let axis = |size| Axis {
                size,
                kernel: window.kernel,
                stride: window.stride,
                padding: window.padding,
                dilation: window.dilation,
            };
            let geometry = ConvGeometry {
                batch: x.examples,
                in_channels: inputs,
                out_channels: outputs,
                axes: [Axis::NONE, axis(height), axis(width)],
                groups,
            };
            conv::forward(&geometry, &x.values, weights, None, y);
        }
        (sizes, form) => {
            let geometry = LinearGeometry {
                rows: x.examples * form.positions(),
                inputs: sizes.inputs(),
                outputs: sizes.outputs(),
            };
            linear::forward(&geometry, &x.values, weights, None, y);
        }
    }
}

/// Applies `change` with each channel's number; no numbers, no change.
fn per_channel(form: Form, numbers: &[f32], y: &mut [f32], change: impl Fn(&mut f32, f32)) {
    if numbers.is_empty() {
        return;
    }
    // In images a channel's positions lie together; elsewhere the channels of a position do.
    let inner = match form {
        Form::Image { .. } => form.positions(),
        Form::Vector(_) | Form::Sequence { .. } => 1,
    };
    for (plane, number) in y.chunks_mut(inner.max(1)).zip(numbers.iter().cycle()) {
        plane.iter_mut().for_each(|y| change(y, *number));
    }
}

fn pool(window: &Sliding, x: &Values) -> Pool2dGeometry {
    let (height, width) = x.form.sides();
    Pool2dGeometry {
        planes: x.examples * x.form.channels(),
        height,
        width,
        kernel: window.kernel,
        stride: window.stride,
        padding: window.padding,
    }
}

/// Softmax of each row, or its logarithm, in f64.
pub(crate) fn softmax(x: &[f32], classes: usize, log: bool, y: &mut [f32]) {
    let rows = x
        .chunks_exact(classes.max(1))
        .zip(y.chunks_exact_mut(classes.max(1)));
    for (x, y) in rows {
        let largest = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let shifted = x.iter().map(|x| f64::from(x - largest));
        let log_sum = shifted.clone().map(f64::exp).sum::<f64>().ln();
        for (y, x) in y.iter_mut().zip(shifted) {
            *y = if log {
                x - log_sum
            } else {
                (x - log_sum).exp()
            } as f32;
        }
    }
}
