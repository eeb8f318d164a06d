//! Runs an 8-bit plan.

use super::block::{Block, Data};
use super::byte::Byte;
use super::product::{Drawn, Operands, Ready};
use super::program::Program;
use crate::draw::{Key, Noise};
use crate::error::Error;
use crate::estimator::EstimatorKind;
use crate::kernels::int8::activation;
use crate::kernels::isa::Isa;
use crate::plan::{self, Activation, Form, Operation, Step, Values, Weights, Wire};
use crate::twin::Draw;

/// A program with its weights laid out for the kernels.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    /// The instruction set of its kernels; all give the same numbers.
    pub isa: Isa,
    pub program: Program,
    products: Vec<Option<Ready>>,
}

/// One draw on one block of examples.
struct Pass<'a> {
    isa: Isa,
    /// The key, at the block's first example.
    key: Key,
    /// The weights in the draw, for each step.
    drawn: &'a [Drawn],
}

impl Machine {
    /// Examples that run through all steps together, while their activations are in the cache.
    pub const ROWS: usize = 16;

    /// Lays out the weights of a program.
    ///
    /// # Errors
    /// A program that cannot run.
    pub fn new(program: Program) -> Result<Self, Error> {
        program.validate()?;
        let ready = |step: &Step<Byte>| match &step.operation {
            Operation::Product(sizes, weights) => Some(Ready::new(sizes, weights)),
            _ => None,
        };
        let products = program.plan.steps.iter().map(ready).collect();
        Ok(Self {
            isa: Isa::active(),
            program,
            products,
        })
    }

    /// The output for `x` in the draw, with every value shown to `seen`.
    ///
    /// # Errors
    /// An input that does not fit.
    pub fn run(
        &self,
        draw: &Draw,
        x: &Values,
        seen: &mut dyn FnMut(Wire, &Values),
    ) -> Result<Values, Error> {
        let drawn = self.draw(draw, x.form);
        let width = x.form.len();
        let mut output: Option<Values> = None;
        for start in (0..x.examples).step_by(Self::ROWS) {
            let end = x.examples.min(start + Self::ROWS);
            let first = draw.key().first_example.wrapping_add(start as u64);
            let pass = Pass {
                isa: self.isa,
                key: draw.key().at_example(first),
                drawn: &drawn,
            };
            let part = Values {
                examples: end - start,
                form: x.form,
                values: x.values[start * width..end * width].to_vec(),
            };
            let y = self.run_block(&pass, &part, seen)?;
            match &mut output {
                None => output = Some(y),
                Some(output) => {
                    output.examples += y.examples;
                    output.values.extend(y.values);
                }
            }
        }
        output.ok_or(Error::Empty { what: "row" })
    }

    /// The weights of every product in the draw. Steps of a sequence share their weights, so none of its outputs are
    /// drawn by themselves.
    fn draw(&self, draw: &Draw, form: Form) -> Vec<Drawn> {
        let draw = match form {
            Form::Sequence { .. } => &draw.clone().joint(),
            _ => draw,
        };
        let steps = self.program.plan.steps.iter().zip(&self.products);
        let drawn = steps.map(|(step, ready)| match (&step.operation, ready) {
            (Operation::Product(_, weights), Some(ready)) => ready.draw(self.isa, weights, draw),
            _ => Drawn::Mean,
        });
        drawn.collect()
    }

    fn run_block(
        &self,
        pass: &Pass<'_>,
        x: &Values,
        seen: &mut dyn FnMut(Wire, &Values),
    ) -> Result<Values, Error> {
        let Program { plan, scales } = &self.program;
        let mut blocks: Vec<Option<Block>> = vec![None; scales.len()];
        let input = Block::quantized(pass.isa, x, self.program.scale("input", Wire::INPUT)?);
        seen(Wire::INPUT, &input.values(pass.isa));
        blocks[Wire::INPUT.0] = Some(input);
        for (i, step) in plan.steps.iter().enumerate() {
            let read = |wire: Wire| {
                blocks[wire.0]
                    .as_ref()
                    .ok_or_else(|| plan::unwritten(&step.name))
            };
            let add = step.add.map(read).transpose()?;
            let y = self.run_step(pass, i, read(step.input)?, add)?;
            seen(step.output, &y.values(pass.isa));
            blocks[step.output.0] = Some(y);
            for wire in [Some(step.input), step.add].into_iter().flatten() {
                if plan.last_use(wire) == Some(i) && wire != plan.output {
                    blocks[wire.0] = None;
                }
            }
        }
        let output = blocks[plan.output.0].take();
        Ok(output
            .ok_or_else(|| plan::unwritten("output"))?
            .values(pass.isa))
    }

    fn run_step(
        &self,
        pass: &Pass<'_>,
        i: usize,
        x: &Block,
        add: Option<&Block>,
    ) -> Result<Block, Error> {
        let step = &self.program.plan.steps[i];
        let form = step.operation.gives(&step.name, x.form)?;
        let channels = form.channels();
        let mut y = vec![0.0; x.examples * form.len()];
        let mut variance = Vec::new();
        match (&step.operation, &self.products[i]) {
            (Operation::Product(sizes, weights), Some(ready)) => {
                let of = Operands {
                    isa: pass.isa,
                    sizes,
                    weights,
                    x,
                    form,
                    key: plan::key_of(pass.key, &weights.layer),
                };
                variance = ready.multiply(&of, &pass.drawn[i], &mut y);
            }
            (Operation::MaxPool(window), _) => return Ok(x.max_pooled(pass.isa, window, form)),
            (Operation::Flatten, _) => return Ok(x.flattened(form)),
            (Operation::PadChannels([before, _]), _) => return Ok(x.padded(*before, form)),
            (Operation::AvgPool(window), _) => x.mean_over(pass.isa, window, form, &mut y),
            (Operation::GlobalAvgPool, _) => x.global_mean(pass.isa, form, &mut y),
            (Operation::Softmax { log }, _) => {
                plan::softmax(&x.floats(pass.isa), channels, *log, &mut y)
            }
            (Operation::Scale(scale), _) => {
                y = x.floats(pass.isa);
                check_channels(&step.name, scale.len(), channels)?;
                if !scale.is_empty() {
                    for row in y.chunks_exact_mut(channels) {
                        row.iter_mut().zip(scale).for_each(|(y, scale)| *y *= scale);
                    }
                }
            }
            (Operation::Product(..), None) => return Err(plan::unwritten(&step.name)),
        }
        for bias in &step.biases {
            check_channels(&step.name, bias.mu.len(), channels)?;
            add_bias(pass, bias, form, &mut y, &mut variance);
        }
        if !variance.is_empty() {
            add_local_noise(pass, step, channels, &variance, &mut y);
        }
        if !step.offset.is_empty() {
            check_channels(&step.name, step.offset.len(), channels)?;
            activation::add_rows(pass.isa, &step.offset, &mut y);
        }
        if let Some(add) = add {
            plan::same_form(&step.name, form, add.form)?;
            add.add_to(pass.isa, &mut y);
        }
        match &step.activation {
            None => {}
            Some(Activation::Relu) => activation::relu(pass.isa, &mut y),
            Some(Activation::Map(pieces)) => y.iter_mut().for_each(|y| *y = pieces.at(*y)),
        }
        let data = match self.program.scales[step.output.0] {
            None => Data::Float(y),
            Some(scale) => Data::quantized(pass.isa, &y, scale),
        };
        Ok(Block {
            examples: x.examples,
            form,
            data,
        })
    }
}

fn check_channels(layer: &str, numbers: usize, channels: usize) -> Result<(), Error> {
    if numbers == 0 || numbers == channels {
        return Ok(());
    }
    Err(Error::Structure {
        layer: layer.to_owned(),
        problem: format!("it has {numbers} numbers for {channels} channels"),
    })
}

/// Adds a bias in the draw: the same for all examples, or with Flipout its deviation by the signs of each example.
/// Where outputs are drawn, the bias adds its variance to theirs.
fn add_bias(pass: &Pass<'_>, bias: &Weights, form: Form, y: &mut [f32], variance: &mut [f32]) {
    activation::add_rows(pass.isa, &bias.mu, y);
    let (Some(sigma), Some(stream)) = (&bias.sigma, bias.key(pass.key).stream(Noise::Weight))
    else {
        return;
    };
    if !variance.is_empty() {
        let squares: Vec<f32> = sigma.iter().map(|sigma| sigma * sigma).collect();
        activation::add_rows(pass.isa, &squares, variance);
        return;
    }
    let mut deviation = vec![0.0; sigma.len()];
    stream.fill_normal(0, &mut deviation);
    deviation
        .iter_mut()
        .zip(sigma)
        .for_each(|(d, sigma)| *d *= sigma);
    if bias.estimator != EstimatorKind::Flipout {
        activation::add_rows(pass.isa, &deviation, y);
        return;
    }
    let key = bias.layer_key(pass.key);
    let mut flipped = vec![0.0; deviation.len()];
    for (row, y) in y.chunks_exact_mut(form.len()).enumerate() {
        if let Some(signs) = key.example_stream(Noise::SignOut, row as u64) {
            signs.fill_signs(0, &mut flipped);
            flipped
                .iter_mut()
                .zip(&deviation)
                .for_each(|(f, d)| *f *= d);
            activation::add_rows(pass.isa, &flipped, y);
        }
    }
}

/// Local reparameterisation: noise of its own for each example and output.
fn add_local_noise(
    pass: &Pass<'_>,
    step: &Step<Byte>,
    channels: usize,
    variance: &[f32],
    y: &mut [f32],
) {
    let Operation::Product(_, weights) = &step.operation else {
        return;
    };
    let Some(sigma) = &weights.sigma else { return };
    let key = plan::key_of(pass.key, &weights.layer);
    let mut epsilon = vec![0.0; channels];
    let rows = y
        .chunks_exact_mut(channels)
        .zip(variance.chunks_exact(channels));
    for (row, (y, variance)) in rows.enumerate() {
        if let Some(stream) = key.example_stream(Noise::Local, row as u64) {
            stream.fill_normal(0, &mut epsilon);
            // A folded factor turns the noise with the weights.
            let turned = epsilon.iter_mut().zip(&sigma.step);
            turned.for_each(|(epsilon, step)| *epsilon *= step.signum());
            activation::add_noise(pass.isa, y, variance, &epsilon);
        }
    }
}
