//! From a plan in f32 and what calibration saw to a plan in 8 bits.

use super::byte::{Byte, Noise, Pieces, Sigma, Weights};
use super::calibration::Calibration;
use super::observe::{Observed, name_of};
use super::program::Program;
use super::scale::{Scale, Storage};
use crate::error::Error;
use crate::estimator::EstimatorKind;
use crate::plan::{self, Activation, Float, Operation, Plan, Recurrence, Step, Wire};

/// The draws of a value stored in 8 bits differ by at least so many of its steps: rounding then adds at most
/// 1 / (12·2²), 2 %, to their variance.
const NOISE_IN_STEPS: f64 = 2.0;

/// The same for weights whose noise is added before they are rounded.
const SIGMA_IN_STEPS: f32 = 2.0;

/// What the range of a function's argument is widened by at each end: beyond it, the function is constant.
const MARGIN: f32 = 0.25;

/// The 8-bit plan, and how each value between its steps is stored.
pub(super) fn quantize(
    plan: &Plan<Float>,
    seen: &[Observed],
    calibration: &Calibration,
) -> Result<Program, Error> {
    let mut scales: Vec<Option<Scale>> = vec![None; plan.wires()];
    if plan.steps.is_empty() {
        let (steps, output) = (Vec::new(), plan.output);
        let plan = Plan { steps, output };
        return Ok(Program { plan, scales });
    }
    // Words are numbers of rows, not values.
    let reads_words = |step: &Step<Float>| {
        step.input == Wire::INPUT && matches!(step.operation, Operation::Embedding(..))
    };
    if !plan.steps.iter().any(reads_words) {
        let seen = &seen[Wire::INPUT.0];
        let multiplies = |step: &Step<Float>| matches!(step.operation, Operation::Product(..));
        scales[Wire::INPUT.0] = Some(if plan.steps.iter().any(multiplies) {
            scale(seen, calibration)
        } else {
            // A layer by itself between values in f32: 16 bits cost it nothing.
            covering(Storage::Wide, seen, calibration)
        });
    }
    let mut steps = Vec::new();
    for step in &plan.steps {
        scales[step.output.0] = match step.operation {
            _ if step.operation.moves() => scales[step.input.0],
            _ if step.output == plan.output => None,
            _ => Some(scale(&seen[step.output.0], calibration)),
        };
        steps.push(quantize_step(step, &seen[step.output.0], calibration)?);
    }
    for (i, scale) in scales.iter().enumerate() {
        if let Some(problem) = scale.and_then(|scale| scale.problem()) {
            return Err(Error::Structure {
                layer: name_of(plan, Wire(i)).to_owned(),
                problem: format!("calibration found no scale for what it gives: {problem}"),
            });
        }
    }
    Ok(Program {
        plan: Plan {
            steps,
            output: plan.output,
        },
        scales,
    })
}

/// The scale of a value: 16 bits where its draws differ by less than two steps of 8.
fn scale(seen: &Observed, calibration: &Calibration) -> Scale {
    let byte = covering(Storage::Byte, seen, calibration);
    let is_small = seen.noise > 0.0 && seen.noise < NOISE_IN_STEPS * f64::from(byte.step);
    if is_small {
        covering(Storage::Wide, seen, calibration)
    } else {
        byte
    }
}

fn covering(storage: Storage, seen: &Observed, calibration: &Calibration) -> Scale {
    let (low, high) = seen.range(calibration, storage.largest());
    Scale::covering(storage, low, high)
}

fn quantize_step(
    step: &Step<Float>,
    seen: &Observed,
    calibration: &Calibration,
) -> Result<Step<Byte>, Error> {
    let operation = match &step.operation {
        Operation::Product(sizes, weights) => {
            Operation::Product(*sizes, quantize_weights(weights, sizes.outputs())?)
        }
        Operation::Embedding(table, weights) => {
            Operation::Embedding(*table, quantize_weights(weights, table.words)?)
        }
        Operation::Recurrence(recurrence) => Operation::Recurrence(Recurrence {
            cell: recurrence.cell,
            hidden: recurrence.hidden,
            reverse: recurrence.reverse,
            weights: quantize_weights(&recurrence.weights, recurrence.sizes().outputs())?,
            bias: recurrence.bias.clone(),
            state: scale(seen, calibration),
        }),
        Operation::Scale(scale) => Operation::Scale(scale.clone()),
        Operation::Normalize(numbers) => Operation::Normalize(numbers.clone()),
        Operation::PadChannels(sides) => Operation::PadChannels(*sides),
        Operation::MaxPool(window) => Operation::MaxPool(*window),
        Operation::AvgPool(window) => Operation::AvgPool(*window),
        Operation::AdaptivePool { out, max } => Operation::AdaptivePool {
            out: *out,
            max: *max,
        },
        Operation::GlobalAvgPool => Operation::GlobalAvgPool,
        Operation::Flatten => Operation::Flatten,
        Operation::Unflatten(dims) => Operation::Unflatten(dims.clone()),
        Operation::Softmax { log } => Operation::Softmax { log: *log },
        Operation::Attention { heads } => Operation::Attention { heads: *heads },
        Operation::Concat => Operation::Concat,
        Operation::LastStep { hidden } => Operation::LastStep { hidden: *hidden },
        Operation::MeanSteps => Operation::MeanSteps,
        Operation::Positions => Operation::Positions,
    };
    let activation = step.activation.as_ref().map(|activation| match activation {
        Activation::Relu => Activation::Relu,
        Activation::Map(function) => {
            let (low, high) = seen.before;
            let margin = MARGIN * (high - low);
            Activation::Map(Pieces::of(*function, low - margin, high + margin))
        }
    });
    Ok(Step {
        name: step.name.clone(),
        input: step.input,
        others: step.others.clone(),
        output: step.output,
        operation,
        biases: step.biases.clone(),
        offset: step.offset.clone(),
        add: step.add,
        activation,
        fused: step.fused.clone(),
    })
}

/// Weights in 8 bits, each output with a step that covers its largest weight: |mu|, or |mu| + 3·sigma where the noise
/// is rounded together with the mean.
fn quantize_weights(weights: &plan::Weights, outputs: usize) -> Result<Weights, Error> {
    let each = weights.mu.len().checked_div(outputs).unwrap_or(0).max(1);
    let largest = |values: &[f32]| values.iter().fold(0.0f32, |most, w| most.max(w.abs()));
    let (step, sigma) = match &weights.sigma {
        None => (steps(weights.mu.chunks(each).map(largest)), None),
        Some(sigma) => {
            let rows = || weights.mu.chunks(each).zip(sigma.chunks(each));
            let reach = |(mu, sigma): (&[f32], &[f32])| {
                let pairs = mu.iter().zip(sigma);
                pairs.fold(0.0f32, |most, (mu, sigma)| {
                    most.max(mu.abs() + 3.0 * sigma.abs())
                })
            };
            let joint = steps(rows().map(reach));
            let is_large = |(step, sigma): (&f32, &[f32])| {
                let squares: f32 = sigma.iter().map(|sigma| sigma * sigma).sum();
                (squares / sigma.len() as f32).sqrt() >= SIGMA_IN_STEPS * step
            };
            let together = weights.estimator == EstimatorKind::Reparameterization
                && joint.iter().zip(sigma.chunks(each)).all(is_large);
            let (step, noise) = if together {
                (joint, Noise::InTheWeight)
            } else {
                let step = steps(weights.mu.chunks(each).map(largest));
                (step, Noise::InItsOwnProduct)
            };
            (step, Some(quantize_sigma(sigma, each, noise)))
        }
    };
    let rounded = weights.mu.chunks(each).zip(&step);
    let rounded = rounded.flat_map(|(row, step)| {
        row.iter()
            .map(move |w| (w / step).round_ties_even().clamp(-127.0, 127.0) as i8)
    });
    Ok(Weights {
        layer: weights.layer.clone(),
        field: weights.field.clone(),
        signs: weights.signs.clone(),
        estimator: weights.estimator,
        mu: rounded.collect(),
        step,
        sigma,
    })
}

/// 127 steps to the largest of each output; outputs of zeros get a step of 1.
fn steps(largest: impl Iterator<Item = f32>) -> Vec<f32> {
    let step = |largest: f32| {
        let step = largest / f32::from(i8::MAX);
        if step.recip().is_finite() { step } else { 1.0 }
    };
    largest.map(step).collect()
}

fn quantize_sigma(sigma: &[f32], each: usize, noise: Noise) -> Sigma {
    let step = |row: &[f32]| {
        let largest = row.iter().fold(0.0f32, |most, sigma| most.max(sigma.abs()));
        let step = largest / f32::from(u8::MAX);
        // All of a row have the sign of the factor that was folded in.
        let sign = if row.iter().any(|&sigma| sigma < 0.0) {
            -1.0
        } else {
            1.0
        };
        if step.recip().is_finite() {
            sign * step
        } else {
            sign * f32::MIN_POSITIVE
        }
    };
    let step: Vec<f32> = sigma.chunks(each).map(step).collect();
    let rounded = sigma.chunks(each).zip(&step).flat_map(|(row, step)| {
        row.iter()
            .map(move |sigma| (sigma / step).round_ties_even().clamp(0.0, 255.0) as u8)
    });
    Sigma {
        values: rounded.collect(),
        step,
        noise,
    }
}
