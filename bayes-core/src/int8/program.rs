//! An 8-bit plan with the storage of its values: what a file holds.

use super::byte::{Byte, Weights};
use super::scale::Scale;
use crate::error::Error;
use crate::plan::{self, Activation, Operation, Plan, Sizes, Step, Wire};

/// The largest kernel side, stride, padding or dilation, and the most channels: far beyond any model, and small enough
/// that no size computed from them overflows.
const LARGEST: usize = 1 << 20;

/// The most terms of a sum of products that fits in 32 bits: `255·127·terms < 2³¹`.
const TERMS: usize = 1 << 16;

/// An 8-bit plan, and how each value between its steps is stored: `None` for f32.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub plan: Plan<Byte>,
    pub scales: Vec<Option<Scale>>,
}

/// Channels of zeros beyond which a file is not believed.
const MOST_PADDING: usize = 1 << 16;

impl Program {
    /// How a value that a step reads is stored.
    pub fn scale(&self, layer: &str, wire: Wire) -> Result<Scale, Error> {
        let scale = self.scales.get(wire.0).copied().flatten();
        scale.ok_or_else(|| broken(layer, "it reads a value that is not stored in integers"))
    }

    /// Checks everything that running relies on, whoever wrote the file.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn validate(&self) -> Result<(), Error> {
        if self.scales.len() != self.plan.wires() {
            return Err(broken("scales", "there is not one for each value"));
        }
        if let Some(problem) = self.scales.iter().flatten().find_map(Scale::problem) {
            return Err(broken("scales", problem));
        }
        let mut written = vec![false; self.scales.len()];
        written[Wire::INPUT.0] = true;
        for step in &self.plan.steps {
            let name = &step.name;
            for wire in step.reads() {
                if !written.get(wire.0).copied().unwrap_or(false) {
                    return Err(plan::unwritten(name));
                }
                match (&step.operation, self.scale(name, wire)) {
                    (Operation::Embedding(..), Err(_)) => {}
                    (Operation::Embedding(..), Ok(_)) => {
                        return Err(broken(name, "it looks up words, but reads values"));
                    }
                    (_, scale) => drop(scale?),
                }
            }
            match written.get_mut(step.output.0) {
                Some(written @ false) => *written = true,
                _ => return Err(broken(name, "it writes a value that is there already")),
            }
            self.validate_step(step)?;
        }
        if written.get(self.plan.output.0) != Some(&true) {
            return Err(plan::unwritten("output"));
        }
        Ok(())
    }

    fn validate_step(&self, step: &Step<Byte>) -> Result<(), Error> {
        let name = &step.name;
        let channels = match &step.operation {
            Operation::Product(sizes, weights) => {
                validate_product(name, sizes, weights)?;
                Some(sizes.outputs())
            }
            Operation::Embedding(table, weights) => {
                validate_sizes(name, table.features, table.words)?;
                validate_weights(name, table.features, table.words, weights)?;
                None
            }
            Operation::Recurrence(recurrence) => {
                validate_sizes(name, recurrence.hidden, recurrence.width().unwrap_or(0))?;
                validate_product(name, &recurrence.sizes(), &recurrence.weights)?;
                if let Some(problem) = recurrence.state.problem() {
                    return Err(broken(name, problem));
                }
                None
            }
            Operation::Normalize(numbers)
                if !(numbers.epsilon.is_finite() && numbers.epsilon >= 0.0) =>
            {
                return Err(broken(name, "what it adds to the variance makes no sense"));
            }
            Operation::AdaptivePool { out, .. } if *out > MOST_PADDING => {
                return Err(broken(name, "it gives more bins than any model has"));
            }
            Operation::Scale(scale) if scale.iter().all(|scale| scale.is_finite()) => None,
            Operation::Scale(_) => return Err(broken(name, "a scale is not finite")),
            Operation::MaxPool(window) | Operation::AvgPool(window) => {
                validate_window(name, window)?;
                None
            }
            Operation::PadChannels([before, behind])
                if before.saturating_add(*behind) > MOST_PADDING =>
            {
                return Err(broken(name, "it pads more channels than any model has"));
            }
            _ => None,
        };
        let takes_others = matches!(
            step.operation,
            Operation::Attention { .. } | Operation::Concat
        );
        if !step.others.is_empty() && !takes_others {
            return Err(broken(name, "it reads more values than it takes"));
        }
        let has_epilogue = !step.biases.is_empty()
            || !step.offset.is_empty()
            || step.add.is_some()
            || step.activation.is_some();
        if has_epilogue && !step.operation.is_open() {
            return Err(broken(
                name,
                "only products and scales take something behind them",
            ));
        }
        if step.operation.moves() && self.scales[step.input.0] != self.scales[step.output.0] {
            return Err(broken(name, "it moves numbers, but changes their scale"));
        }
        let mut lengths = vec![&step.offset];
        let mut biases: Vec<&plan::Weights> = step.biases.iter().collect();
        match &step.operation {
            Operation::Scale(scale) => lengths.push(scale),
            Operation::Normalize(numbers) => lengths.extend([&numbers.scale, &numbers.shift]),
            Operation::Recurrence(recurrence) => {
                biases.extend(&recurrence.bias);
                let fits = |bias: &plan::Weights| Some(bias.mu.len()) == recurrence.width();
                if !recurrence.bias.iter().all(fits) {
                    return Err(broken(name, "its bias has not one number for each gate"));
                }
            }
            _ => {}
        }
        for bias in &biases {
            if bias
                .sigma
                .as_ref()
                .is_some_and(|sigma| sigma.len() != bias.mu.len())
            {
                return Err(broken(name, "a bias has more or fewer sigmas than means"));
            }
            lengths.push(&bias.mu);
            lengths.extend(&bias.sigma);
        }
        for numbers in lengths {
            let fits =
                numbers.is_empty() || channels.is_none_or(|channels| numbers.len() == channels);
            if !fits || !numbers.iter().all(|number| number.is_finite()) {
                return Err(broken(
                    name,
                    "a bias or an offset is not finite, or not one for each channel",
                ));
            }
        }
        if biases.iter().any(|bias| bias.mu.is_empty()) {
            return Err(broken(name, "a bias is empty"));
        }
        match &step.activation {
            Some(Activation::Map(pieces)) if pieces.problem() => {
                Err(broken(name, "the pieces of its function make no sense"))
            }
            _ => Ok(()),
        }
    }
}

fn validate_sizes(name: &str, inputs: usize, outputs: usize) -> Result<(), Error> {
    if inputs == 0 || outputs == 0 || inputs > LARGEST || outputs > LARGEST {
        return Err(broken(name, "it takes or gives no channels, or too many"));
    }
    Ok(())
}

fn validate_product(name: &str, sizes: &Sizes, weights: &Weights) -> Result<(), Error> {
    let (inputs, outputs) = (sizes.inputs(), sizes.outputs());
    validate_sizes(name, inputs, outputs)?;
    if let Sizes::Convolution(grid) | Sizes::Transposed { grid, .. } = sizes {
        validate_window(name, &grid.window)?;
        let divides = |channels: usize| grid.groups > 0 && channels.is_multiple_of(grid.groups);
        if !divides(inputs) || !divides(outputs) {
            return Err(broken(name, "its groups do not divide its channels"));
        }
        if !(1..=3).contains(&grid.sides) {
            return Err(broken(name, "grids have one to three sides"));
        }
    }
    if let Sizes::Transposed { grid, extra } = sizes
        && *extra > 0
        && *extra >= grid.window.stride
    {
        return Err(broken(name, "its output padding is not below its stride"));
    }
    let terms = sizes.fan_in().filter(|&terms| 0 < terms && terms <= TERMS);
    let Some(terms) = terms else {
        return Err(broken(name, "its sums have too many terms for 32 bits"));
    };
    validate_weights(name, terms, outputs, weights)
}

/// Rows of `terms` weights, each row with a step.
fn validate_weights(
    name: &str,
    terms: usize,
    outputs: usize,
    weights: &Weights,
) -> Result<(), Error> {
    let rows = |step: &[f32]| step.len() == outputs && step.iter().all(|step| step.is_normal());
    let fits = Some(weights.mu.len()) == terms.checked_mul(outputs)
        && rows(&weights.step)
        && weights
            .sigma
            .as_ref()
            .is_none_or(|sigma| sigma.values.len() == weights.mu.len() && rows(&sigma.step));
    if !fits {
        return Err(broken(
            name,
            "its weights or their steps are not as many as its sizes say, or not finite",
        ));
    }
    Ok(())
}

fn validate_window(name: &str, window: &crate::shape::Sliding) -> Result<(), Error> {
    let numbers = [window.kernel, window.stride, window.dilation];
    let sane = numbers.iter().all(|&n| 0 < n && n <= 1024) && window.padding <= 1024;
    if sane {
        Ok(())
    } else {
        Err(broken(name, "its window makes no sense"))
    }
}

pub(super) fn broken(layer: &str, problem: &str) -> Error {
    Error::Structure {
        layer: layer.to_owned(),
        problem: problem.to_owned(),
    }
}
