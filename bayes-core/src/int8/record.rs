//! An 8-bit plan as a file holds it: its structure as JSON, its numbers as tensors.

use super::byte::{Byte, Noise, Pieces, Sigma, Weights};
use super::inspect::LayerInspection;
use super::program::Program;
use super::scale::{Scale, Storage};
use crate::checkpoint::format::{Entry, Stored};
use crate::estimator::EstimatorKind;
use crate::kernels::recurrent::Cell;
use crate::plan::{
    self, Activation, Normalize, Operation, Plan, Recurrence, Sizes, Step, Table, Wire,
};
use crate::shape::Sliding;
use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The structure of a plan.
#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    output: Wire,
    steps: Vec<StepRecord>,
    storage: Vec<Option<StorageRecord>>,
    layers: Vec<LayerInspection>,
}

#[derive(Serialize, Deserialize)]
struct StorageRecord {
    storage: Storage,
    zero: u16,
}

#[derive(Serialize, Deserialize)]
struct StepRecord {
    name: String,
    input: Wire,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    others: Vec<Wire>,
    output: Wire,
    operation: OperationRecord,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    biases: Vec<BiasRecord>,
    #[serde(default, skip_serializing_if = "is_false")]
    offset: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    add: Option<Wire>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    activation: Option<ActivationRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fused: Vec<String>,
}

#[derive(Serialize, Deserialize)]
enum OperationRecord {
    Product(Sizes, WeightsRecord),
    Embedding(Table, WeightsRecord),
    Recurrence {
        cell: Cell,
        hidden: usize,
        reverse: bool,
        weights: WeightsRecord,
        bias: Option<BiasRecord>,
        state: StorageRecord,
    },
    Scale {
        factors: bool,
    },
    Normalize {
        groups: usize,
        epsilon: f64,
    },
    PadChannels([usize; 2]),
    MaxPool(Sliding),
    AvgPool(Sliding),
    AdaptivePool {
        out: usize,
        max: bool,
    },
    GlobalAvgPool,
    Flatten,
    Unflatten(Vec<usize>),
    Softmax {
        log: bool,
    },
    Attention {
        heads: usize,
    },
    Concat,
    LastStep {
        hidden: usize,
    },
    MeanSteps,
    Positions,
}

#[derive(Serialize, Deserialize)]
struct WeightsRecord {
    layer: String,
    field: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signs: Option<String>,
    estimator: EstimatorKind,
    noise: Option<Noise>,
}

#[derive(Serialize, Deserialize)]
struct BiasRecord {
    layer: String,
    field: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signs: Option<String>,
    estimator: EstimatorKind,
    random: bool,
}

#[derive(Serialize, Deserialize)]
enum ActivationRecord {
    Relu,
    Function(String),
}

fn is_false(value: &bool) -> bool {
    !value
}

/// The name of the tensor with the steps of all values.
const STEPS: &str = "steps";

/// The structure of a program and its tensors, whose names begin with `prefix`.
pub(super) fn of(
    program: &Program,
    layers: &[LayerInspection],
    prefix: &str,
) -> (Record, Vec<Entry>) {
    let mut tensors = vec![floats(
        STEPS,
        program.scales.iter().flatten().map(|scale| scale.step),
    )];
    let steps = program.plan.steps.iter().enumerate();
    let record = Record {
        output: program.plan.output,
        steps: steps
            .map(|(i, step)| record(i, step, &mut tensors))
            .collect(),
        storage: program
            .scales
            .iter()
            .map(|scale| scale.map(storage))
            .collect(),
        layers: layers.to_vec(),
    };
    for tensor in &mut tensors {
        tensor.name.insert_str(0, prefix);
    }
    (record, tensors)
}

fn storage(scale: Scale) -> StorageRecord {
    StorageRecord {
        storage: scale.storage,
        zero: scale.zero,
    }
}

fn record(i: usize, step: &Step<Byte>, tensors: &mut Vec<Entry>) -> StepRecord {
    let operation = match &step.operation {
        Operation::Product(sizes, weights) => {
            OperationRecord::Product(*sizes, weights_record(weights, tensors))
        }
        Operation::Embedding(table, weights) => {
            OperationRecord::Embedding(*table, weights_record(weights, tensors))
        }
        Operation::Recurrence(recurrence) => {
            let step = std::iter::once(recurrence.state.step);
            tensors.push(floats(&format!("step{i}.state"), step));
            OperationRecord::Recurrence {
                cell: recurrence.cell,
                hidden: recurrence.hidden,
                reverse: recurrence.reverse,
                weights: weights_record(&recurrence.weights, tensors),
                bias: recurrence
                    .bias
                    .as_ref()
                    .map(|bias| bias_record(bias, tensors)),
                state: storage(recurrence.state),
            }
        }
        Operation::Normalize(numbers) => {
            for (name, values) in [("scale", &numbers.scale), ("shift", &numbers.shift)] {
                tensors.push(floats(&format!("step{i}.{name}"), values.iter().copied()));
            }
            OperationRecord::Normalize {
                groups: numbers.groups,
                epsilon: numbers.epsilon,
            }
        }
        Operation::Scale(factors) => {
            if !factors.is_empty() {
                tensors.push(floats(&format!("step{i}.factors"), factors.iter().copied()));
            }
            OperationRecord::Scale {
                factors: !factors.is_empty(),
            }
        }
        Operation::PadChannels(sides) => OperationRecord::PadChannels(*sides),
        Operation::MaxPool(window) => OperationRecord::MaxPool(*window),
        Operation::AvgPool(window) => OperationRecord::AvgPool(*window),
        Operation::AdaptivePool { out, max } => OperationRecord::AdaptivePool {
            out: *out,
            max: *max,
        },
        Operation::GlobalAvgPool => OperationRecord::GlobalAvgPool,
        Operation::Flatten => OperationRecord::Flatten,
        Operation::Unflatten(dims) => OperationRecord::Unflatten(dims.clone()),
        Operation::Softmax { log } => OperationRecord::Softmax { log: *log },
        Operation::Attention { heads } => OperationRecord::Attention { heads: *heads },
        Operation::Concat => OperationRecord::Concat,
        Operation::LastStep { hidden } => OperationRecord::LastStep { hidden: *hidden },
        Operation::MeanSteps => OperationRecord::MeanSteps,
        Operation::Positions => OperationRecord::Positions,
    };
    if !step.offset.is_empty() {
        tensors.push(floats(
            &format!("step{i}.offset"),
            step.offset.iter().copied(),
        ));
    }
    let activation = step.activation.as_ref().map(|activation| match activation {
        Activation::Relu => ActivationRecord::Relu,
        Activation::Map(pieces) => {
            let ends = [pieces.low, pieces.high].into_iter();
            tensors.push(floats(
                &format!("step{i}.knots"),
                ends.chain(pieces.knots.iter().copied()),
            ));
            ActivationRecord::Function(pieces.name.clone())
        }
    });
    StepRecord {
        name: step.name.clone(),
        input: step.input,
        others: step.others.clone(),
        output: step.output,
        operation,
        biases: step
            .biases
            .iter()
            .map(|bias| bias_record(bias, tensors))
            .collect(),
        offset: !step.offset.is_empty(),
        add: step.add,
        activation,
        fused: step.fused.clone(),
    }
}

fn weights_record(weights: &Weights, tensors: &mut Vec<Entry>) -> WeightsRecord {
    let name = format!("{}.{}", weights.layer, weights.field);
    let mu = weights.mu.iter().map(|&w| w as u8).collect();
    tensors.push(bytes(&format!("{name}.mu"), Dtype::I8, mu));
    let steps = weights.step.iter().copied();
    tensors.push(floats(&format!("{name}.mu_step"), steps));
    if let Some(sigma) = &weights.sigma {
        let values = sigma.values.clone();
        tensors.push(bytes(&format!("{name}.sigma"), Dtype::U8, values));
        let steps = sigma.step.iter().copied();
        tensors.push(floats(&format!("{name}.sigma_step"), steps));
    }
    WeightsRecord {
        layer: weights.layer.clone(),
        field: weights.field.clone(),
        signs: other_than(&weights.layer, &weights.signs),
        estimator: weights.estimator,
        noise: weights.sigma.as_ref().map(|sigma| sigma.noise),
    }
}

/// The part of the signs, where it is not the layer.
fn other_than(layer: &str, signs: &str) -> Option<String> {
    (signs != layer).then(|| signs.to_owned())
}

fn bias_record(bias: &plan::Weights, tensors: &mut Vec<Entry>) -> BiasRecord {
    let name = format!("{}.{}", bias.layer, bias.field);
    tensors.push(floats(&format!("{name}.mu"), bias.mu.iter().copied()));
    if let Some(sigma) = &bias.sigma {
        tensors.push(floats(&format!("{name}.sigma"), sigma.iter().copied()));
    }
    BiasRecord {
        layer: bias.layer.clone(),
        field: bias.field.clone(),
        signs: other_than(&bias.layer, &bias.signs),
        estimator: bias.estimator,
        random: bias.sigma.is_some(),
    }
}

fn bytes(name: &str, dtype: Dtype, data: Vec<u8>) -> Entry {
    Entry {
        name: name.to_owned(),
        dtype,
        shape: vec![data.len()],
        data,
    }
}

fn floats(name: &str, values: impl Iterator<Item = f32>) -> Entry {
    let data: Vec<u8> = values.flat_map(f32::to_le_bytes).collect();
    Entry {
        name: name.to_owned(),
        dtype: Dtype::F32,
        shape: vec![data.len() / 4],
        data,
    }
}

/// The tensors of a file, each to be taken once.
struct Tensors<'a>(BTreeMap<String, Stored<'a>>);

impl Tensors<'_> {
    fn bytes(&mut self, name: &str, dtype: Dtype) -> Result<Vec<u8>, String> {
        let stored = self.0.remove(name).filter(|stored| stored.dtype == dtype);
        let stored = stored.ok_or_else(|| format!("no {dtype:?} tensor `{name}`"))?;
        Ok(stored.data.to_vec())
    }

    fn floats(&mut self, name: &str) -> Result<Vec<f32>, String> {
        let bytes = self.bytes(name, Dtype::F32)?;
        let (numbers, _) = bytes.as_chunks::<4>();
        Ok(numbers
            .iter()
            .map(|&bytes| f32::from_le_bytes(bytes))
            .collect())
    }

    fn floats_if(&mut self, there: bool, name: &str) -> Result<Option<Vec<f32>>, String> {
        there.then(|| self.floats(name)).transpose()
    }
}

impl Record {
    /// The program with the tensors of its file.
    pub fn program(
        self,
        tensors: BTreeMap<String, Stored<'_>>,
    ) -> Result<(Program, Vec<LayerInspection>), String> {
        let mut tensors = Tensors(tensors);
        let mut steps = tensors.floats(STEPS)?.into_iter();
        let mut scales = Vec::new();
        for record in self.storage {
            let Some(StorageRecord { storage, zero }) = record else {
                scales.push(None);
                continue;
            };
            let step = steps.next().ok_or("fewer steps than values")?;
            scales.push(Some(Scale {
                storage,
                step,
                zero,
            }));
        }
        if self.layers.len() != self.steps.len() {
            return Err("a report that is not of its layers".to_owned());
        }
        let steps = self.steps.into_iter().enumerate();
        let steps = steps.map(|(i, record)| record.step(i, &mut tensors));
        let plan = Plan {
            steps: steps.collect::<Result<_, _>>()?,
            output: self.output,
        };
        if let Some(name) = tensors.0.keys().next() {
            return Err(format!("a tensor `{name}` that no layer has"));
        }
        Ok((Program { plan, scales }, self.layers))
    }
}

impl StepRecord {
    fn step(self, i: usize, tensors: &mut Tensors<'_>) -> Result<Step<Byte>, String> {
        let operation = match self.operation {
            OperationRecord::Product(sizes, weights) => {
                Operation::Product(sizes, weights.weights(tensors)?)
            }
            OperationRecord::Embedding(table, weights) => {
                Operation::Embedding(table, weights.weights(tensors)?)
            }
            OperationRecord::Recurrence {
                cell,
                hidden,
                reverse,
                weights,
                bias,
                state,
            } => {
                let steps = tensors.floats(&format!("step{i}.state"))?;
                let [step] = steps[..] else {
                    return Err("a state with more or less than one step".to_owned());
                };
                Operation::Recurrence(Recurrence {
                    cell,
                    hidden,
                    reverse,
                    weights: weights.weights(tensors)?,
                    bias: bias.map(|bias| bias.bias(tensors)).transpose()?,
                    state: Scale {
                        storage: state.storage,
                        step,
                        zero: state.zero,
                    },
                })
            }
            OperationRecord::Normalize { groups, epsilon } => Operation::Normalize(Normalize {
                groups,
                epsilon,
                scale: tensors.floats(&format!("step{i}.scale"))?,
                shift: tensors.floats(&format!("step{i}.shift"))?,
            }),
            OperationRecord::Scale { factors } => {
                let factors = tensors.floats_if(factors, &format!("step{i}.factors"))?;
                Operation::Scale(factors.unwrap_or_default())
            }
            OperationRecord::PadChannels(sides) => Operation::PadChannels(sides),
            OperationRecord::MaxPool(window) => Operation::MaxPool(window),
            OperationRecord::AvgPool(window) => Operation::AvgPool(window),
            OperationRecord::AdaptivePool { out, max } => Operation::AdaptivePool { out, max },
            OperationRecord::GlobalAvgPool => Operation::GlobalAvgPool,
            OperationRecord::Flatten => Operation::Flatten,
            OperationRecord::Unflatten(dims) => Operation::Unflatten(dims),
            OperationRecord::Softmax { log } => Operation::Softmax { log },
            OperationRecord::Attention { heads } => Operation::Attention { heads },
            OperationRecord::Concat => Operation::Concat,
            OperationRecord::LastStep { hidden } => Operation::LastStep { hidden },
            OperationRecord::MeanSteps => Operation::MeanSteps,
            OperationRecord::Positions => Operation::Positions,
        };
        let offset = tensors.floats_if(self.offset, &format!("step{i}.offset"))?;
        let activation = match self.activation {
            None => None,
            Some(ActivationRecord::Relu) => Some(Activation::Relu),
            Some(ActivationRecord::Function(name)) => {
                let numbers = tensors.floats(&format!("step{i}.knots"))?;
                let [low, high, knots @ ..] = &numbers[..] else {
                    return Err("a function without knots".to_owned());
                };
                Some(Activation::Map(Pieces {
                    name,
                    low: *low,
                    high: *high,
                    knots: knots.to_vec(),
                }))
            }
        };
        let biases = self.biases.into_iter().map(|bias| bias.bias(tensors));
        Ok(Step {
            biases: biases.collect::<Result<_, _>>()?,
            name: self.name,
            input: self.input,
            others: self.others,
            output: self.output,
            operation,
            offset: offset.unwrap_or_default(),
            add: self.add,
            activation,
            fused: self.fused,
        })
    }
}

impl WeightsRecord {
    fn weights(self, tensors: &mut Tensors<'_>) -> Result<Weights, String> {
        let name = format!("{}.{}", self.layer, self.field);
        let mu = tensors.bytes(&format!("{name}.mu"), Dtype::I8)?;
        let step = tensors.floats(&format!("{name}.mu_step"))?;
        let sigma = match self.noise {
            None => None,
            Some(noise) => Some(Sigma {
                values: tensors.bytes(&format!("{name}.sigma"), Dtype::U8)?,
                step: tensors.floats(&format!("{name}.sigma_step"))?,
                noise,
            }),
        };
        Ok(Weights {
            signs: self.signs.unwrap_or_else(|| self.layer.clone()),
            layer: self.layer,
            field: self.field,
            estimator: self.estimator,
            mu: mu.into_iter().map(|byte| byte as i8).collect(),
            step,
            sigma,
        })
    }
}

impl BiasRecord {
    fn bias(self, tensors: &mut Tensors<'_>) -> Result<plan::Weights, String> {
        let name = format!("{}.{}", self.layer, self.field);
        Ok(plan::Weights {
            mu: tensors.floats(&format!("{name}.mu"))?,
            sigma: tensors.floats_if(self.random, &format!("{name}.sigma"))?,
            signs: self.signs.unwrap_or_else(|| self.layer.clone()),
            layer: self.layer,
            field: self.field,
            estimator: self.estimator,
        })
    }
}
