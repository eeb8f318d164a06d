//! An 8-bit plan with the storage of its values: what a file holds.

use super::byte::{Byte, Weights};
use super::scale::Scale;
use crate::error::Error;
use crate::plan::{self, Activation, Form, Operation, Plan, Sizes, Step, Wire};

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

    /// The number of examples in a tensor of these dimensions, and what each is: three are a sequence for each example
    /// where the first layer takes vectors, else one image.
    pub fn examples(&self, dims: &[usize]) -> Result<(usize, Form), Error> {
        let takes_vectors = |step: &Step<Byte>| match step.operation {
            Operation::Product(Sizes::Linear { .. }, _) | Operation::Softmax { .. } => Some(true),
            Operation::Scale(_) => None,
            _ => Some(false),
        };
        let vectors = self
            .plan
            .steps
            .iter()
            .find_map(takes_vectors)
            .unwrap_or(true);
        let found = match *dims {
            [_] => Form::of(dims).map(|form| (1, form)),
            [_, _, _] if !vectors => Form::of(dims).map(|form| (1, form)),
            [examples, ref example @ ..] => Form::of(example).map(|form| (examples, form)),
            [] => None,
        };
        found.ok_or_else(|| Error::input("Int8", "vectors, sequences or images", dims))
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
        self.scale("input", Wire::INPUT)?;
        let mut written = vec![false; self.scales.len()];
        written[Wire::INPUT.0] = true;
        for step in &self.plan.steps {
            let name = &step.name;
            for wire in [Some(step.input), step.add].into_iter().flatten() {
                if !written.get(wire.0).copied().unwrap_or(false) {
                    return Err(plan::unwritten(name));
                }
                self.scale(name, wire)?;
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
        let epilogue = matches!(step.operation, Operation::Product(..) | Operation::Scale(_));
        let has_epilogue = !step.biases.is_empty()
            || !step.offset.is_empty()
            || step.add.is_some()
            || step.activation.is_some();
        if has_epilogue && !epilogue {
            return Err(broken(
                name,
                "only products and scales take something behind them",
            ));
        }
        let moves = matches!(
            step.operation,
            Operation::MaxPool(_) | Operation::Flatten | Operation::PadChannels(_)
        );
        if moves && self.scales[step.input.0] != self.scales[step.output.0] {
            return Err(broken(name, "it moves numbers, but changes their scale"));
        }
        let mut lengths = vec![&step.offset];
        if let Operation::Scale(scale) = &step.operation {
            lengths.push(scale);
        }
        for bias in &step.biases {
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
        if step.biases.iter().any(|bias| bias.mu.is_empty()) {
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

fn validate_product(name: &str, sizes: &Sizes, weights: &Weights) -> Result<(), Error> {
    let (inputs, outputs) = (sizes.inputs(), sizes.outputs());
    if inputs == 0 || outputs == 0 || inputs > LARGEST || outputs > LARGEST {
        return Err(broken(name, "it takes or gives no channels, or too many"));
    }
    if let Sizes::Convolution { window, groups, .. } = sizes {
        validate_window(name, window)?;
        let divides = |channels: usize| *groups > 0 && channels.is_multiple_of(*groups);
        if !divides(inputs) || !divides(outputs) {
            return Err(broken(name, "its groups do not divide its channels"));
        }
    }
    let terms = sizes.fan_in().filter(|&terms| 0 < terms && terms <= TERMS);
    let Some(terms) = terms else {
        return Err(broken(name, "its sums have too many terms for 32 bits"));
    };
    let rows = |step: &[f32]| step.len() == outputs && step.iter().all(|step| step.is_normal());
    let fits = weights.mu.len() == terms * outputs
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
