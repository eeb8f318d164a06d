//! What quantization changed, measured on the calibration batches.

use super::byte::{Byte, Weights};
use super::inspect::{LayerInspection, ValueInspection, WeightInspection};
use super::machine::Machine;
use crate::draw::Key;
use crate::error::Error;
use crate::kernels::recurrent::Cell;
use crate::plan::{
    Element, Float, GridSizes, Operation, Plan, Sizes, Stage, Step, Values,
    Weights as FloatWeights, Wire,
};
use crate::twin::Draw;

/// Examples of each batch on which values are compared.
pub(super) const EXAMPLES: usize = 128;

/// Power of a signal and of the error that quantization makes, and the range seen.
#[derive(Clone, Copy, Debug, Default)]
struct Power {
    signal: f64,
    error: f64,
    low: f32,
    high: f32,
}

impl Power {
    /// `10·log10(signal / error)`; `None` where nothing was lost.
    fn decibel(&self) -> Option<f64> {
        (self.error > 0.0).then(|| 10.0 * (self.signal / self.error).log10())
    }
}

/// Each step with the errors of its weights and of its values, in the mean.
pub(super) fn measure(
    plan: &Plan<Float>,
    machine: &Machine,
    batches: &[Values],
) -> Result<Vec<LayerInspection>, Error> {
    let mut powers = vec![Power::default(); plan.wires()];
    for batch in batches {
        let width = batch.form.len();
        let examples = batch.examples.min(EXAMPLES);
        for rows in batch.values[..examples * width].chunks((Machine::ROWS * width).max(1)) {
            let part = Values {
                examples: rows.len() / width.max(1),
                form: batch.form,
                values: rows.to_vec(),
            };
            compare(plan, machine, part, &mut powers)?;
        }
    }
    let steps = plan.steps.iter().zip(&machine.program.plan.steps);
    let layers = steps.map(|(float, byte)| {
        let (value, power) = (machine.program.scales[byte.output.0], powers[byte.output.0]);
        LayerInspection {
            name: byte.name.clone(),
            operation: describe(byte),
            is_float: byte.operation.is_float(),
            leaves_integers: false,
            fused: byte.fused.clone(),
            weights: weights(float, byte),
            value: value.map(|scale| ValueInspection {
                scale,
                range_used: f64::from((power.high - power.low) / (scale.high() - scale.low())),
                snr: power.decibel(),
            }),
            output_snr: if value.is_none() {
                power.decibel()
            } else {
                None
            },
        }
    });
    Ok(layers.collect())
}

fn compare(
    plan: &Plan<Float>,
    machine: &Machine,
    part: Values,
    powers: &mut [Power],
) -> Result<(), Error> {
    let mut wanted: Vec<Vec<f32>> = vec![Vec::new(); powers.len()];
    plan.run(Key::MEAN, part.clone(), |wire: Wire, stage, values| {
        if stage == Stage::Value {
            wanted[wire.0].clone_from(&values.values);
        }
    })?;
    machine.watch(&Draw::from(Key::MEAN), &part, &mut |wire, values| {
        let power = &mut powers[wire.0];
        for (&got, &want) in values.values.iter().zip(&wanted[wire.0]) {
            power.signal += f64::from(want).powi(2);
            power.error += f64::from(got - want).powi(2);
            power.low = power.low.min(got);
            power.high = power.high.max(got);
        }
    })?;
    Ok(())
}

fn weights(float: &Step<Float>, byte: &Step<Byte>) -> Option<WeightInspection> {
    let (float, byte) = (weights_of(&float.operation)?, weights_of(&byte.operation)?);
    let each = byte.mu.len() / byte.step.len().max(1);
    let steps = byte
        .step
        .iter()
        .flat_map(|step| std::iter::repeat_n(step, each));
    let mean = power(
        &float.mu,
        byte.mu
            .iter()
            .zip(steps)
            .map(|(&mu, step)| f32::from(mu) * step),
    );
    Some(WeightInspection {
        mean_snr: mean.decibel(),
        sigma_snr: sigma_snr(float, byte, each),
        range_used: f64::from(
            byte.mu
                .iter()
                .map(|mu| mu.unsigned_abs())
                .max()
                .unwrap_or(0),
        ) / 127.0,
        smallest_step: byte.step.iter().copied().fold(f32::INFINITY, f32::min),
        largest_step: byte.step.iter().copied().fold(0.0, f32::max),
        noise: byte.sigma.as_ref().map(|sigma| sigma.noise),
        estimator: byte.estimator,
    })
}

/// The weights of an operation.
fn weights_of<E: Element>(operation: &Operation<E>) -> Option<&E::Product> {
    match operation {
        Operation::Product(_, weights) | Operation::Embedding(_, weights) => Some(weights),
        Operation::Recurrence(recurrence) => Some(&recurrence.weights),
        _ => None,
    }
}

fn sigma_snr(float: &FloatWeights, byte: &Weights, each: usize) -> Option<f64> {
    let (wanted, sigma) = (float.sigma.as_ref()?, byte.sigma.as_ref()?);
    let steps = sigma
        .step
        .iter()
        .flat_map(|step| std::iter::repeat_n(step, each));
    let got = sigma
        .values
        .iter()
        .zip(steps)
        .map(|(&sigma, step)| f32::from(sigma) * step);
    power(wanted, got).decibel()
}

fn power(wanted: &[f32], got: impl Iterator<Item = f32>) -> Power {
    let pairs = wanted.iter().zip(got);
    pairs.fold(Power::default(), |sum, (&want, got)| Power {
        signal: sum.signal + f64::from(want).powi(2),
        error: sum.error + f64::from(got - want).powi(2),
        ..sum
    })
}

/// What a step does first, in a word or two.
fn describe(step: &Step<Byte>) -> String {
    let kind = |max: &bool| if *max { "max" } else { "mean" };
    match &step.operation {
        Operation::Product(Sizes::Linear { inputs, outputs }, _) => {
            format!("linear {inputs}→{outputs}")
        }
        Operation::Product(Sizes::Convolution(grid), _) => format!("conv {}", describe_grid(grid)),
        Operation::Product(Sizes::Transposed { grid, .. }, _) => {
            format!("transposed conv {}", describe_grid(grid))
        }
        Operation::Embedding(table, _) => format!("{} words→{}", table.words, table.features),
        Operation::Recurrence(recurrence) => {
            let cell = match recurrence.cell {
                Cell::Lstm => "LSTM",
                Cell::Gru => "GRU",
            };
            let way = if recurrence.reverse {
                ", in reverse"
            } else {
                ""
            };
            format!("steps of {cell} {}{way}", recurrence.hidden)
        }
        Operation::Scale(_) => "by element".to_owned(),
        Operation::Normalize(numbers) if numbers.groups > 0 => {
            format!("normalise {} groups", numbers.groups)
        }
        Operation::Normalize(_) => "normalise features".to_owned(),
        Operation::PadChannels([before, behind]) => {
            format!("{before} and {behind} channels of zeros")
        }
        Operation::MaxPool(window) => format!("max pool {0}×{0}/{1}", window.kernel, window.stride),
        Operation::AvgPool(window) => {
            format!("mean pool {0}×{0}/{1}", window.kernel, window.stride)
        }
        Operation::AdaptivePool { out, max } => format!("{} of {out} bins", kind(max)),
        Operation::GlobalAvgPool => "mean of each channel".to_owned(),
        Operation::Flatten => "flatten".to_owned(),
        Operation::Unflatten(_) => "unflatten".to_owned(),
        Operation::Softmax { log: false } => "softmax".to_owned(),
        Operation::Softmax { log: true } => "log softmax".to_owned(),
        Operation::Attention { heads } => format!("attention of {heads} heads"),
        Operation::Concat => "join".to_owned(),
        Operation::LastStep { .. } => "last step".to_owned(),
        Operation::MeanSteps => "mean of the steps".to_owned(),
        Operation::Positions => "where each step is".to_owned(),
    }
}

fn describe_grid(grid: &GridSizes) -> String {
    let groups = if grid.groups > 1 {
        format!(" in {} groups", grid.groups)
    } else {
        String::new()
    };
    let window = vec![grid.window.kernel.to_string(); grid.sides].join("×");
    format!(
        "{}→{} {window}/{}{groups}",
        grid.inputs, grid.outputs, grid.window.stride
    )
}
