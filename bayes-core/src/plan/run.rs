//! The plan in f32: slow and obvious, the reference for every faster one, and what calibration observes.

use super::form::Form;
use super::functions::{add_positions, attention, last_step, normalize, softmax};
use super::graph::{Weights, Wire};
use super::sizes::Sizes;
use super::step::{
    Activation, Float, Operation, Plan, Recurrence, Step, Table, same_form, unwritten,
};
use crate::draw::{Key, Noise};
use crate::error::Error;
use crate::kernels::conv::{self, transposed};
use crate::kernels::linear::{self, LinearGeometry};
use crate::kernels::pool_axis::{self, AxisPool};
use crate::kernels::pool2d::adaptive_average::{self, AdaptivePool2dGeometry};
use crate::kernels::recurrent::{self, HiddenProduct, RecurrentGeometry};
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
            let others = step.others.iter().map(|&wire| read(wire));
            let others = others.collect::<Result<Vec<&Values>, Error>>()?;
            let mut y = step.before_activation(key, read(step.input)?, &others, add)?;
            if let Some(Activation::Map(_)) = step.activation {
                seen(step.output, Stage::Before, &y);
            }
            step.activate(&mut y.values);
            seen(step.output, Stage::Value, &y);
            wires[step.output.0] = Some(y);
            for wire in step.reads() {
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

impl Step<Float> {
    fn before_activation(
        &self,
        key: Key,
        x: &Values,
        others: &[&Values],
        add: Option<&Values>,
    ) -> Result<Values, Error> {
        let forms: Vec<Form> = others.iter().map(|other| other.form).collect();
        let form = self.operation.gives(&self.name, x.form, &forms)?;
        let mut y = vec![0.0; x.examples * form.len()];
        match &self.operation {
            Operation::Product(sizes, weights) => {
                let weights = sizes.as_tensor(drawn(weights, key, Some(sizes)).into_owned());
                product(sizes, &weights, x, &mut y);
            }
            Operation::Embedding(table, weights) => {
                rows(&self.name, table, &drawn(weights, key, None), x, &mut y)?;
            }
            Operation::Recurrence(recurrence) => {
                (y, _) = recur(recurrence, key, x, [&[], &[]]);
            }
            Operation::Scale(scale) => {
                y.copy_from_slice(&x.values);
                per_channel(form, scale, &mut y, |y, scale| *y *= scale);
            }
            Operation::Normalize(numbers) => {
                y.copy_from_slice(&x.values);
                let examples = y.chunks_exact_mut(form.len().max(1));
                examples.for_each(|y| normalize(numbers, form, false, y));
            }
            Operation::MaxPool(window) => y = pooled(x, form, &|axis| slide(axis, window), true),
            Operation::AvgPool(window) => y = pooled(x, form, &|axis| slide(axis, window), false),
            Operation::AdaptivePool { out, max } => {
                y = pooled(x, form, &|axis| AxisPool::adaptive(axis, *out), *max);
            }
            Operation::GlobalAvgPool => {
                let geometry = AdaptivePool2dGeometry {
                    planes: x.examples * form.channels(),
                    input: [x.form.positions(), 1],
                    output: [1, 1],
                };
                adaptive_average::forward(&geometry, &x.values, &mut y);
            }
            Operation::Flatten | Operation::Unflatten(_) => y.copy_from_slice(&x.values),
            Operation::PadChannels([before, _]) => {
                let start = before * form.positions();
                let examples = x.values.chunks_exact(x.form.len().max(1));
                for (y, x) in y.chunks_exact_mut(form.len().max(1)).zip(examples) {
                    y[start..start + x.len()].copy_from_slice(x);
                }
            }
            Operation::Softmax { log } => softmax(&x.values, form.channels(), *log, &mut y),
            Operation::Attention { heads } => attend(*heads, x, others, &mut y),
            Operation::Concat => join(x, others, form, &mut y),
            Operation::LastStep { hidden } => last_step(x.form, *hidden, &x.values, &mut y),
            Operation::MeanSteps => {
                let pool = AxisPool::adaptive([x.examples, x.form.positions(), form.len()], 1);
                if let Some(pool) = pool {
                    pool_axis::mean_forward(&pool, &x.values, &mut y);
                }
            }
            Operation::Positions => {
                y.copy_from_slice(&x.values);
                add_positions(form, &mut y);
            }
        }
        for bias in &self.biases {
            per_channel(form, &drawn(bias, key, None), &mut y, |y, bias| *y += bias);
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
                    .for_each(|y| *y = function.at(f64::from(*y)) as f32);
            }
        }
    }
}

/// The weights in the draw; those of a product lie by output.
fn drawn<'a>(weights: &'a Weights, key: Key, sizes: Option<&Sizes>) -> Cow<'a, [f32]> {
    let stream = weights.key(key).stream(Noise::Weight);
    let (Some(sigma), Some(stream)) = (&weights.sigma, stream) else {
        return Cow::Borrowed(&weights.mu);
    };
    let mut epsilon = vec![0.0; sigma.len()];
    stream.fill_normal(0, &mut epsilon);
    if let Some(sizes) = sizes {
        epsilon = sizes.by_output(epsilon);
    }
    let pairs = weights.mu.iter().zip(sigma).zip(&epsilon);
    Cow::Owned(
        pairs
            .map(|((mu, sigma), epsilon)| mu + sigma * epsilon)
            .collect(),
    )
}

fn product(sizes: &Sizes, weights: &[f32], x: &Values, y: &mut [f32]) {
    let sides = x.form.sides();
    match sizes {
        Sizes::Convolution(grid) => {
            let geometry = grid.geometry(x.examples, sides);
            conv::forward(&geometry, &x.values, weights, None, y);
        }
        Sizes::Transposed { grid, extra } => {
            if let Some(geometry) = grid.transposed(x.examples, sides, *extra) {
                transposed::forward(&geometry, &x.values, weights, y);
            }
        }
        Sizes::Linear { inputs, outputs } => {
            let geometry = LinearGeometry {
                rows: x.examples * x.form.positions(),
                inputs: *inputs,
                outputs: *outputs,
            };
            linear::forward(&geometry, &x.values, weights, None, y);
        }
    }
}

/// The rows of a table that words name.
fn rows(
    layer: &str,
    table: &Table,
    weights: &[f32],
    x: &Values,
    y: &mut [f32],
) -> Result<(), Error> {
    let out = y.chunks_exact_mut(table.features.max(1));
    for (y, word) in out.zip(&x.values) {
        let word = table.word(layer, *word)?;
        y.copy_from_slice(&weights[word * table.features..][..table.features]);
    }
    Ok(())
}

/// All steps of one direction of a recurrent layer from a hidden and a cell state, which are empty for zeros: what each
/// step gives, and the last states.
pub(crate) fn recur(
    recurrence: &Recurrence<Float>,
    key: Key,
    x: &Values,
    state: [&[f32]; 2],
) -> (Vec<f32>, [Vec<f32>; 2]) {
    let geometry = RecurrentGeometry {
        cell: recurrence.cell,
        batch: x.examples,
        steps: x.form.positions(),
        hidden: recurrence.hidden,
        reverse: recurrence.reverse,
    };
    let weight = drawn(&recurrence.weights, key, None);
    let bias = recurrence.bias.as_ref().map(|bias| drawn(bias, key, None));
    let product = HiddenProduct {
        weight: &weight,
        bias: bias.as_deref().unwrap_or_default(),
        signs: None,
    };
    let mut out = vec![0.0; geometry.out_len()];
    recurrent::forward_alone(&geometry, &x.values, &[product], state, &mut out);
    // Behind the outputs of each example lies the last state of its cell.
    let [from, to] = [geometry.rows(), geometry.steps].map(|rows| rows * geometry.hidden);
    let (mut y, mut c) = (Vec::new(), Vec::new());
    for example in out.chunks_exact(from.max(1)) {
        y.extend_from_slice(&example[..to]);
        c.extend_from_slice(&example[to..]);
    }
    let h = last_of(&y, geometry.steps, geometry.hidden, geometry.reverse);
    (y, [h, c])
}

/// The last state of each example: that of its first step where the last one comes first.
pub(crate) fn last_of(y: &[f32], steps: usize, hidden: usize, reverse: bool) -> Vec<f32> {
    let at = if reverse {
        0
    } else {
        steps.saturating_sub(1) * hidden
    };
    let examples = y.chunks_exact((steps * hidden).max(1));
    examples
        .flat_map(|y| y[at..at + hidden].iter().copied())
        .collect()
}

/// Attention of each example.
fn attend(heads: usize, q: &Values, others: &[&Values], y: &mut [f32]) {
    let [k, v] = others else { return };
    let example = |values: &Values, n: usize| {
        let len = values.form.len();
        n * len..(n + 1) * len
    };
    let sizes = [q.form.positions(), k.form.positions()];
    let len = y.len() / q.examples.max(1);
    for (n, y) in y.chunks_exact_mut(len.max(1)).enumerate() {
        let [q, k, v] = [q, k, v].map(|values| &values.values[example(values, n)]);
        attention(heads, [q, k, v], sizes, y);
    }
}

/// Channels behind channels: of grids they are planes, elsewhere the numbers of a position.
fn join(x: &Values, others: &[&Values], form: Form, y: &mut [f32]) {
    let whole = matches!(form, Form::Grid { .. });
    let width = |form: Form| if whole { form.len() } else { form.channels() };
    let mut start = 0;
    for part in std::iter::once(&x).chain(others) {
        let each = width(part.form).max(1);
        let rows = y.chunks_exact_mut(width(form).max(1));
        for (y, x) in rows.zip(part.values.chunks_exact(each)) {
            y[start..start + each].copy_from_slice(x);
        }
        start += width(part.form);
    }
}

/// Applies `change` with each channel's number; no numbers, no change.
fn per_channel(form: Form, numbers: &[f32], y: &mut [f32], change: impl Fn(&mut f32, f32)) {
    if numbers.is_empty() {
        return;
    }
    // In grids a channel's positions lie together; elsewhere the channels of a position do.
    let inner = match form {
        Form::Grid { .. } => form.positions(),
        Form::Vector(_) | Form::Sequence { .. } | Form::Tokens(_) => 1,
    };
    for (plane, number) in y.chunks_mut(inner.max(1)).zip(numbers.iter().cycle()) {
        plane.iter_mut().for_each(|y| change(y, *number));
    }
}

/// The windows along one axis `(outer, size, inner)`.
pub(crate) fn slide(axis: [usize; 3], window: &Sliding) -> Option<AxisPool> {
    AxisPool::sliding(axis, window.kernel, window.stride, window.padding)
}

/// Pools each side of the grids, one after the other.
fn pooled(
    x: &Values,
    form: Form,
    windows: &dyn Fn([usize; 3]) -> Option<AxisPool>,
    max: bool,
) -> Vec<f32> {
    let (mut sides, mut values) = (x.form.sides(), x.values.clone());
    let planes = x.examples * form.channels();
    for axis in 3 - form.axes()..3 {
        let before: usize = sides[..axis].iter().product();
        let behind: usize = sides[axis + 1..].iter().product();
        let Some(pool) = windows([planes * before, sides[axis], behind]) else {
            continue;
        };
        let mut y = vec![0.0; pool.output_len()];
        if max {
            pool_axis::max_forward(&pool, &values, &mut y);
        } else {
            pool_axis::mean_forward(&pool, &values, &mut y);
        }
        sides[axis] = pool.windows.len();
        values = y;
    }
    values
}
