//! Runs an 8-bit plan.

use super::block::{Block, Data};
use super::byte::{self, Byte};
use super::fused::Following;
use super::product::{Drawn, Operands, Ready};
use super::program::{Program, broken};
use super::recurrence::Gates;
use super::scale::Storage;
use crate::draw::{Key, Noise};
use crate::error::Error;
use crate::estimator::EstimatorKind;
use crate::kernels::int8::activation;
use crate::kernels::isa::Isa;
use crate::plan::{self, Activation, Form, Operation, Sizes, Step, Table, Values, Weights, Wire};
use crate::twin::Draw;
use std::borrow::Cow;

/// A program with its weights laid out for the kernels.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    /// The instruction set of its kernels; all give the same numbers.
    pub isa: Isa,
    pub program: Program,
    products: Vec<Option<Ready>>,
    gates: Gates,
}

/// One draw on one block of examples.
pub(super) struct Pass<'a> {
    pub isa: Isa,
    /// The key, at the block's first example.
    pub key: Key,
    /// The weights in the draw, for each step.
    drawn: &'a [Drawn],
    /// What each wire holds of an example.
    forms: &'a [Form],
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
            Operation::Recurrence(recurrence) => {
                Some(Ready::new(&recurrence.sizes(), &recurrence.weights))
            }
            _ => None,
        };
        let products = program.plan.steps.iter().map(ready).collect();
        Ok(Self {
            isa: Isa::active(),
            program,
            products,
            gates: Gates::default(),
        })
    }

    /// The output for `x` in the draw.
    ///
    /// # Errors
    /// An input that does not fit.
    pub fn run(&self, draw: &Draw, x: &Values) -> Result<Values, Error> {
        self.by_blocks(draw, x, |pass, part| self.run_block(pass, &part, None))
    }

    /// As [`run`](Self::run), with every value shown to `seen` in f32, as in its tensor.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn watch(
        &self,
        draw: &Draw,
        x: &Values,
        seen: &mut dyn FnMut(Wire, &Values),
    ) -> Result<Values, Error> {
        self.by_blocks(draw, x, |pass, part| {
            self.run_block(pass, &part, Some(&mut *seen))
        })
    }

    /// The outputs and the last states of a plan that is the steps of a recurrent layer, from the hidden and the cell
    /// states of all examples.
    ///
    /// # Errors
    /// Another plan; an input or a state that does not fit.
    pub fn recur(
        &self,
        draw: &Draw,
        x: &Values,
        [mut h, mut c]: [Vec<f32>; 2],
    ) -> Result<(Values, [Vec<f32>; 2]), Error> {
        let steps = self.program.plan.steps.first().zip(self.products.first());
        let Some((Operation::Recurrence(recurrence), Some(ready))) =
            steps.map(|(step, ready)| (&step.operation, ready))
        else {
            return Err(broken(
                "recurrence",
                "its plan has no steps of a recurrent layer",
            ));
        };
        let hidden = recurrence.hidden;
        if [h.len(), c.len()] != [x.examples * hidden; 2] {
            return Err(Error::input(
                "Int8",
                "a state of each example",
                [h.len(), c.len()],
            ));
        }
        let mut done = 0;
        let y = self.by_blocks(draw, x, |pass, part| {
            let input = Block::of(pass.isa, &part, self.program.scales[Wire::INPUT.0]);
            let form = pass.forms[self.program.plan.output.0];
            let mut y = vec![0.0; part.examples * form.len()];
            let of = done * hidden..(done + part.examples) * hidden;
            let state = [&mut h[of.clone()], &mut c[of]];
            let layer = (recurrence, ready, &pass.drawn[0]);
            self.gates.run(pass, layer, &input, state, &mut y);
            done += part.examples;
            Ok(Values {
                examples: part.examples,
                form,
                values: y,
            })
        })?;
        Ok((y, [h, c]))
    }

    /// Runs some examples after the other, and puts what they give together.
    fn by_blocks(
        &self,
        draw: &Draw,
        x: &Values,
        mut run: impl FnMut(&Pass<'_>, Values) -> Result<Values, Error>,
    ) -> Result<Values, Error> {
        let forms = self.program.plan.forms(x.form)?;
        let drawn = self.draw(draw, &forms)?;
        let width = x.form.len();
        let mut output: Option<Values> = None;
        for start in (0..x.examples).step_by(Self::ROWS) {
            let end = x.examples.min(start + Self::ROWS);
            let first = draw.key().first_example.wrapping_add(start as u64);
            let pass = Pass {
                isa: self.isa,
                key: draw.key().at_example(first),
                drawn: &drawn,
                forms: &forms,
            };
            let part = Values {
                examples: end - start,
                form: x.form,
                values: x.values[start * width..end * width].to_vec(),
            };
            let y = run(&pass, part)?;
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

    /// The weights of every product in the draw. Where the positions of an example share weights, none of their outputs
    /// are drawn by themselves.
    ///
    /// # Errors
    /// A draw that names another estimator than the weights were quantized for.
    fn draw(&self, draw: &Draw, forms: &[Form]) -> Result<Vec<Drawn>, Error> {
        let joint = draw.clone().joint();
        let steps = self.program.plan.steps.iter().zip(&self.products);
        let drawn = steps.map(|(step, ready)| {
            let (Some(weights), Some(ready)) = (weights(&step.operation), ready) else {
                return Ok(Drawn::Mean);
            };
            check_estimator(draw, weights)?;
            let shared = forms[step.input.0].shares_weights();
            let draw = if shared { &joint } else { draw };
            Ok(ready.draw(self.isa, weights, draw))
        });
        drawn.collect()
    }

    fn run_block(
        &self,
        pass: &Pass<'_>,
        x: &Values,
        mut seen: Option<&mut dyn FnMut(Wire, &Values)>,
    ) -> Result<Values, Error> {
        // In f32 and channels first a value costs more than most steps take, so only where somebody looks.
        let mut show = |wire: Wire, block: &Block| {
            if let Some(seen) = &mut seen {
                seen(wire, &block.values(pass.isa));
            }
        };
        let Program { plan, scales } = &self.program;
        let mut blocks: Vec<Option<Block>> = vec![None; scales.len()];
        let input = Block::of(pass.isa, x, scales[Wire::INPUT.0]);
        show(Wire::INPUT, &input);
        blocks[Wire::INPUT.0] = Some(input);
        for (i, step) in plan.steps.iter().enumerate() {
            let read = |wire: Wire| {
                blocks[wire.0]
                    .as_ref()
                    .ok_or_else(|| plan::unwritten(&step.name))
            };
            let add = step.add.map(read).transpose()?;
            let others = step.others.iter().map(|&wire| read(wire));
            let others = others.collect::<Result<Vec<&Block>, Error>>()?;
            let y = self.run_step(pass, i, read(step.input)?, &others, add)?;
            show(step.output, &y);
            blocks[step.output.0] = Some(y);
            for wire in step.reads() {
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

    /// The step in one pass for each example, where it is a product that becomes codes of 8 bits by what [`Following`] can
    /// do; `None` of any other.
    fn run_fused(
        &self,
        pass: &Pass<'_>,
        i: usize,
        x: &Block,
        add: Option<&Block>,
    ) -> Result<Option<Block>, Error> {
        let step = &self.program.plan.steps[i];
        let relu = match &step.activation {
            None => false,
            Some(Activation::Relu) => true,
            Some(Activation::Map(_)) => return Ok(None),
        };
        let residual = match add.map(|add| &add.data) {
            None => None,
            Some(Data::Planes(planes)) => Some(planes),
            Some(Data::Float(_)) => return Ok(None),
        };
        let (Operation::Product(sizes, weights), Some(ready), Some(scale), Data::Planes(planes)) = (
            &step.operation,
            &self.products[i],
            self.program.scales[step.output.0],
            &x.data,
        ) else {
            return Ok(None);
        };
        let drawn = &pass.drawn[i];
        // All rows of a linear layer are multiplied at once, so that they have no signs of their own.
        let is_linear = matches!(sizes, Sizes::Linear { .. });
        if scale.storage != Storage::Byte
            || matches!(drawn, Drawn::Outputs)
            || is_linear && matches!(drawn, Drawn::Flipped(_))
        {
            return Ok(None);
        }
        let bias = |bias| BiasRows::of(pass, bias);
        let biases: Vec<BiasRows<'_>> = step.biases.iter().map(bias).collect();
        if is_linear && biases.iter().any(BiasRows::differ) {
            return Ok(None);
        }
        let of = Operands {
            isa: pass.isa,
            sizes,
            weights,
            x,
            form: pass.forms[step.output.0],
            key: weights.signs_key(pass.key),
        };
        let numbers = biases.iter().map(|bias| bias.mu.len());
        for numbers in numbers.chain([step.offset.len()]) {
            check_channels(&step.name, numbers, of.form.channels())?;
        }
        let following = Following {
            biases,
            offset: &step.offset,
            residual,
            relu,
            scale,
        };
        let parts = ready.parts(&of, planes, drawn);
        Ok(Some(following.run(&of, &parts)))
    }

    fn run_step(
        &self,
        pass: &Pass<'_>,
        i: usize,
        x: &Block,
        others: &[&Block],
        add: Option<&Block>,
    ) -> Result<Block, Error> {
        let step = &self.program.plan.steps[i];
        let form = pass.forms[step.output.0];
        if let Some(moved) = x.moved(pass.isa, &step.operation, form) {
            return Ok(moved);
        }
        if let Some(fused) = self.run_fused(pass, i, x, add)? {
            return Ok(fused);
        }
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
                    key: weights.signs_key(pass.key),
                };
                variance = ready.multiply(&of, &pass.drawn[i], &mut y);
            }
            (Operation::Recurrence(recurrence), Some(ready)) => {
                let layer = (recurrence, ready, &pass.drawn[i]);
                let mut h = vec![0.0; x.examples * recurrence.hidden];
                let mut c = h.clone();
                self.gates.run(pass, layer, x, [&mut h, &mut c], &mut y);
            }
            (Operation::Embedding(table, weights), _) => {
                look_up(pass, &step.name, table, weights, x, &mut y)?;
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
            (Operation::Concat, _) => {
                let parts = std::iter::once(&x).chain(others);
                join(pass.isa, parts.copied(), channels, &mut y);
            }
            (Operation::Product(..) | Operation::Recurrence(_), None) => {
                return Err(plan::unwritten(&step.name));
            }
            (operation, _) => x.computed(pass.isa, operation, others, form, &mut y),
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

/// The weights of a product, or of a recurrent layer's product with its state.
fn weights(operation: &Operation<Byte>) -> Option<&byte::Weights> {
    match operation {
        Operation::Product(_, weights) => Some(weights),
        Operation::Recurrence(recurrence) => Some(&recurrence.weights),
        _ => None,
    }
}

/// Weights are stored for the way in which they are drawn.
fn check_estimator(draw: &Draw, weights: &byte::Weights) -> Result<(), Error> {
    let (own, asked) = (weights.estimator, draw.estimator_or(weights.estimator));
    if weights.sigma.is_none() || asked == own {
        return Ok(());
    }
    Err(Error::Structure {
        layer: weights.layer.clone(),
        problem: format!(
            "it was quantized to be drawn by {own}, not by {asked}: `Calibration::estimator` says how an int8 model draws"
        ),
    })
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

/// The rows of a table in the draw that words name: noise is drawn for these rows alone, and with Flipout turned by the
/// signs of the example.
fn look_up(
    pass: &Pass<'_>,
    layer: &str,
    table: &Table,
    weights: &byte::Weights,
    words: &Block,
    y: &mut [f32],
) -> Result<(), Error> {
    let features = table.features;
    let words_of = words.floats(pass.isa);
    let each = words.form.positions().max(1);
    let noise = weights
        .sigma
        .as_ref()
        .zip(weights.key(pass.key).stream(Noise::Weight));
    let is_turned = weights.estimator == EstimatorKind::Flipout;
    let (mut epsilon, mut signs) = (vec![0.0; features], vec![1.0; features]);
    for (at, (y, word)) in y
        .chunks_exact_mut(features.max(1))
        .zip(words_of)
        .enumerate()
    {
        let word = table.word(layer, word)?;
        let row = word * features..(word + 1) * features;
        let mean = y.iter_mut().zip(&weights.mu[row.clone()]);
        mean.for_each(|(y, mu)| *y = weights.step[word] * f32::from(*mu));
        let Some((sigma, stream)) = &noise else {
            continue;
        };
        stream.fill_normal(row.start, &mut epsilon);
        if is_turned && at.is_multiple_of(each) {
            let signs_key = weights.signs_key(pass.key);
            if let Some(stream) = signs_key.example_stream(Noise::SignOut, (at / each) as u64) {
                stream.fill_signs(0, &mut signs);
            }
        }
        let noise = sigma.values[row].iter().zip(&epsilon).zip(&signs);
        for (y, ((sigma_value, epsilon), sign)) in y.iter_mut().zip(noise) {
            *y += sign * (sigma.step[word] * f32::from(*sigma_value) * epsilon);
        }
    }
    Ok(())
}

/// The channels of all parts, one part after the other.
fn join<'a>(isa: Isa, parts: impl Iterator<Item = &'a Block>, channels: usize, y: &mut [f32]) {
    let mut start = 0;
    for part in parts {
        let (values, each) = (part.floats(isa), part.form.channels());
        let rows = y.chunks_exact_mut(channels.max(1));
        for (y, x) in rows.zip(values.chunks_exact(each.max(1))) {
            y[start..start + each].copy_from_slice(x);
        }
        start += each;
    }
}

/// A bias in the draw.
pub(super) struct BiasRows<'a> {
    pub mu: &'a [f32],
    /// `sigma·epsilon`; empty for the mean.
    deviation: Vec<f32>,
    /// By whose signs the deviation is turned for each example, with Flipout.
    signs: Option<Key>,
}

impl<'a> BiasRows<'a> {
    pub fn of(pass: &Pass<'_>, bias: &'a Weights) -> Self {
        let mut deviation = Vec::new();
        if let (Some(sigma), Some(stream)) = (&bias.sigma, bias.key(pass.key).stream(Noise::Weight))
        {
            deviation = vec![0.0; sigma.len()];
            stream.fill_normal(0, &mut deviation);
            let scaled = deviation.iter_mut().zip(sigma);
            scaled.for_each(|(d, sigma)| *d *= sigma);
        }
        let flips = bias.estimator == EstimatorKind::Flipout && !deviation.is_empty();
        Self {
            mu: &bias.mu,
            deviation,
            signs: flips.then(|| bias.signs_key(pass.key)),
        }
    }

    /// Whether examples have different ones.
    pub fn differ(&self) -> bool {
        self.signs.is_some()
    }

    /// The deviation of example `row`; empty for none.
    pub fn of_example(&self, row: usize) -> Cow<'_, [f32]> {
        let Some(stream) = self
            .signs
            .and_then(|key| key.example_stream(Noise::SignOut, row as u64))
        else {
            return Cow::Borrowed(&self.deviation);
        };
        let mut flipped = vec![0.0; self.deviation.len()];
        stream.fill_signs(0, &mut flipped);
        let turned = flipped.iter_mut().zip(&self.deviation);
        turned.for_each(|(f, d)| *f *= d);
        Cow::Owned(flipped)
    }
}

/// Adds a bias in the draw: the same for all examples, or with Flipout its deviation by the signs of each example.
/// Where outputs are drawn, the bias adds its variance to theirs.
pub(super) fn add_bias(
    pass: &Pass<'_>,
    bias: &Weights,
    form: Form,
    y: &mut [f32],
    variance: &mut [f32],
) {
    if let (false, Some(sigma)) = (variance.is_empty(), &bias.sigma) {
        activation::add_rows(pass.isa, &bias.mu, y);
        let squares: Vec<f32> = sigma.iter().map(|sigma| sigma * sigma).collect();
        activation::add_rows(pass.isa, &squares, variance);
        return;
    }
    let rows = BiasRows::of(pass, bias);
    activation::add_rows(pass.isa, rows.mu, y);
    if rows.deviation.is_empty() {
        return;
    }
    if !rows.differ() {
        activation::add_rows(pass.isa, &rows.deviation, y);
        return;
    }
    for (row, y) in y.chunks_exact_mut(form.len()).enumerate() {
        activation::add_rows(pass.isa, &rows.of_example(row), y);
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
    let key = weights.signs_key(pass.key);
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
