//! Layers that run one by one: what stands in for the layers of a forward pass of one's own.

use super::byte::Byte;
use super::calibration::Calibration;
use super::inspect::LayerInspection;
use super::machine::Machine;
use super::observe::{self, Observer};
use super::{measure, quantize as quantizer};
use crate::draw::Key;
use crate::error::Error;
use crate::estimator::EstimatorKind;
use crate::kernels::recurrent::Cell;
use crate::plan::{Element, last_of, last_step, recur};
use crate::plan::{Float, Form, Operation, Plan, Plans, Stage, Step, Takes, Values, Wire};
use crate::shape::Rule;
use crate::twin::{Array, Call, Draw, RunLayers};
use std::cell::{Cell as Flag, RefCell};

/// Something that runs the plan of one layer.
pub(super) trait Layer {
    /// What the layer gives.
    fn run(&self, draw: &Draw, x: Values) -> Result<Values, Error>;

    /// What the steps of a recurrent layer give from a hidden and a cell state, and the last states.
    fn recur(
        &self,
        draw: &Draw,
        x: Values,
        state: [Vec<f32>; 2],
    ) -> Result<(Values, [Vec<f32>; 2]), Error>;

    /// The cell, the width of its state and whether the last step comes first, where the layer is the steps of a
    /// recurrent one.
    fn cell(&self) -> Option<(Cell, usize, bool)>;

    /// Whether there is nothing to compute.
    fn is_empty(&self) -> bool;

    /// Whether each output is drawn by itself (local reparameterisation) where an example is of this form.
    fn draws_outputs(&self, draw: &Draw, form: Form) -> bool;
}

fn cell_of<E: Element>(plan: &Plan<E>) -> Option<(Cell, usize, bool)> {
    match &plan.steps.first()?.operation {
        Operation::Recurrence(of) => Some((of.cell, of.hidden, of.reverse)),
        _ => None,
    }
}

impl Layer for Machine {
    fn run(&self, draw: &Draw, x: Values) -> Result<Values, Error> {
        Self::run(self, draw, &x)
    }

    fn recur(
        &self,
        draw: &Draw,
        x: Values,
        state: [Vec<f32>; 2],
    ) -> Result<(Values, [Vec<f32>; 2]), Error> {
        Self::recur(self, draw, &x, state)
    }

    fn cell(&self) -> Option<(Cell, usize, bool)> {
        cell_of(&self.program.plan)
    }

    fn is_empty(&self) -> bool {
        self.program.plan.steps.is_empty()
    }

    fn draws_outputs(&self, draw: &Draw, form: Form) -> bool {
        let local = |step: &Step<Byte>| match &step.operation {
            Operation::Product(_, weights) => {
                weights.sigma.is_some()
                    && draw.estimator_or(weights.estimator)
                        == EstimatorKind::LocalReparameterization
            }
            _ => false,
        };
        let by_itself = !(draw.is_mean() || draw.is_joint() || form.shares_weights());
        by_itself && self.program.plan.steps.iter().any(local)
    }
}

/// A layer in f32 that calibration watches.
#[derive(Debug)]
struct Watched {
    plan: Plan<Float>,
    observer: RefCell<Observer>,
    /// What it took in the mean, for [`measure`].
    inputs: RefCell<Vec<Values>>,
    called: Flag<bool>,
}

impl Watched {
    fn new(plan: Plan<Float>) -> Self {
        Self {
            observer: RefCell::new(Observer::of(&plan)),
            plan,
            inputs: RefCell::default(),
            called: Flag::new(false),
        }
    }

    fn begin_call(&self, key: Key, x: &Values) {
        self.called.set(true);
        self.observer.borrow_mut().begin_call();
        let mut inputs = self.inputs.borrow_mut();
        let kept: usize = inputs.iter().map(|kept| kept.examples).sum();
        if key.draw.is_none() && kept < measure::EXAMPLES {
            inputs.push(x.clone());
        }
    }

    fn quantize(
        &self,
        calibration: &Calibration,
    ) -> Result<(Machine, Vec<LayerInspection>), Error> {
        let (plan, seen) = (&self.plan, self.observer.borrow().clone().seen());
        let machine = Machine::new(quantizer::quantize(plan, &seen, calibration)?)?;
        let mut layers = measure::measure(plan, &machine, &self.inputs.borrow())?;
        if let Some(last) = layers.last_mut() {
            last.leaves_integers = true;
        }
        Ok((machine, layers))
    }
}

impl Layer for Watched {
    fn run(&self, draw: &Draw, x: Values) -> Result<Values, Error> {
        let key = draw.key();
        self.begin_call(key, &x);
        let mut observer = self.observer.borrow_mut();
        self.plan.run(key, x, |wire, stage, values| {
            observer.see(key, wire, stage, &values.values);
        })
    }

    fn recur(
        &self,
        draw: &Draw,
        x: Values,
        state: [Vec<f32>; 2],
    ) -> Result<(Values, [Vec<f32>; 2]), Error> {
        let key = draw.key();
        self.begin_call(key, &x);
        let steps = self.plan.steps.first().map(|step| &step.operation);
        let Some(Operation::Recurrence(recurrence)) = steps else {
            return Err(Error::input(
                "Int8",
                "the steps of a recurrent layer",
                "none",
            ));
        };
        let output = self.plan.output;
        let form = self.plan.forms(x.form)?[output.0];
        let (values, last) = recur(recurrence, key, &x, state.each_ref().map(Vec::as_slice));
        let mut observer = self.observer.borrow_mut();
        observer.see(key, Wire::INPUT, Stage::Value, &x.values);
        observer.see(key, output, Stage::Value, &values);
        // What it starts from is stored as what it gives is.
        observer.reach(output, &state[0]);
        let y = Values {
            examples: x.examples,
            form,
            values,
        };
        Ok((y, last))
    }

    fn cell(&self) -> Option<(Cell, usize, bool)> {
        cell_of(&self.plan)
    }

    fn is_empty(&self) -> bool {
        self.plan.steps.is_empty()
    }

    /// The plan in f32 draws weights.
    fn draws_outputs(&self, _: &Draw, _: Form) -> bool {
        false
    }
}

/// Layers by their names, in the order of the model.
#[derive(Clone, Debug)]
pub(super) struct OneByOne<L>(pub Vec<(String, L)>);

impl<L: Layer> OneByOne<L> {
    pub fn get(&self, name: &str) -> Option<&L> {
        let mut layers = self.0.iter();
        layers.find_map(|(other, layer)| (other == name).then_some(layer))
    }

    /// The product and the steps of layer `layer` of a recurrent net in one direction.
    fn direction(&self, name: &str, layer: usize, reverse: bool) -> Option<[&L; 2]> {
        let suffix = if reverse { "_reverse" } else { "" };
        let of = |weight: &str| self.get(&format!("{name}.{weight}_l{layer}{suffix}"));
        Some([of("weight_ih")?, of("weight_hh")?])
    }

    /// Whether the layer of this name can run.
    pub fn runs(&self, name: &str) -> bool {
        self.get(name).is_some() || self.direction(name, 0, false).is_some()
    }

    /// All layers and directions of a recurrent net, from the states of all where they are given: what the last layer
    /// gives, then the last hidden and, of an LSTM, cell states, each `(layers·directions, batch, hidden)`.
    fn recurrent(&self, call: Call<'_>) -> Result<Vec<Array>, Error> {
        let mut inputs = call.inputs.into_iter();
        let (mut x, batched) = examples(call.rule, inputs.next())?;
        let initial: Vec<Array> = inputs.collect();
        let (examples, steps) = (x.examples, x.form.positions());
        let misfit = || Error::input("Int8", "sequences and their states", &initial);
        let mut count = 0;
        let (mut last, mut kind) = ([Vec::new(), Vec::new()], None);
        for layer in 0.. {
            let mut outputs = Vec::new();
            for reverse in [false, true] {
                let Some([product, cell]) = self.direction(call.name, layer, reverse) else {
                    continue;
                };
                let (of, hidden, is_reverse) = cell.cell().ok_or_else(misfit)?;
                let each = examples * hidden;
                let start = |state: usize| match initial.get(state) {
                    None => Ok(vec![0.0; each]),
                    Some(given) => {
                        let of_this = given.values.get(count * each..(count + 1) * each);
                        of_this.map(<[f32]>::to_vec).ok_or_else(misfit)
                    }
                };
                let states = match of {
                    Cell::Lstm => [start(0)?, start(1)?],
                    Cell::Gru => [start(0)?, vec![0.0; each]],
                };
                let pre = product.run(call.draw, x.clone())?;
                let (y, [h, c]) = cell.recur(call.draw, pre, states)?;
                debug_assert_eq!(h, last_of(&y.values, steps, hidden, is_reverse));
                last[0].extend(h);
                last[1].extend(c);
                outputs.push(y);
                (kind, count) = (Some((of, hidden)), count + 1);
            }
            match joined(outputs) {
                None => break,
                Some(y) => x = y,
            }
        }
        let (of, hidden) = kind.ok_or_else(misfit)?;
        let state = |values: Vec<f32>| Array {
            dims: vec![count, examples, hidden],
            values,
        };
        let [h, c] = last.map(state);
        let mut given = vec![array(x, batched), h];
        if of == Cell::Lstm {
            given.push(c);
        }
        Ok(given)
    }
}

/// The outputs of both directions side by side.
fn joined(outputs: Vec<Values>) -> Option<Values> {
    let mut outputs = outputs.into_iter();
    let (first, second) = (outputs.next()?, outputs.next());
    let Some(second) = second else {
        return Some(first);
    };
    let hidden = first.form.channels().max(1);
    let rows = first
        .values
        .chunks(hidden)
        .zip(second.values.chunks(hidden));
    Some(Values {
        examples: first.examples,
        form: Form::Sequence {
            steps: first.form.positions(),
            features: 2 * hidden,
        },
        values: rows.flat_map(|(a, b)| [a, b].concat()).collect(),
    })
}

/// Values as a tensor holds them.
fn array(y: Values, batched: bool) -> Array {
    let batch = batched.then_some(y.examples).into_iter();
    Array {
        dims: batch.chain(y.form.dims()).collect(),
        values: y.values,
    }
}

/// An input as examples, and whether its first dimension counts them.
fn examples(rule: &Rule, input: Option<Array>) -> Result<(Values, bool), Error> {
    let Array { dims, values } = input.ok_or(Error::Empty { what: "input" })?;
    let batch = Takes::of(rule).batch(&dims);
    let (examples, form, batched) =
        batch.ok_or_else(|| Error::input("Int8", "an input of the layer", &dims))?;
    let values = Values {
        examples,
        form,
        values,
    };
    Ok((values, batched))
}

/// What a plan makes of the one input of a model or a layer.
pub(super) fn run(layer: &impl Layer, call: Call<'_>) -> Result<Vec<Array>, Error> {
    if call.inputs.len() > 1 {
        return Err(Error::input("Int8", "one input", call.inputs.len()));
    }
    let (x, batched) = examples(call.rule, call.inputs.into_iter().next())?;
    if call.again && layer.draws_outputs(call.draw, x.form) {
        return Err(Error::UsedTwice);
    }
    Ok(vec![array(layer.run(call.draw, x)?, batched)])
}

/// What a layer gives that picks numbers: the outputs of a recurrent layer, or the last of them.
fn picked(call: Call<'_>) -> Result<Vec<Array>, Error> {
    let last = matches!(call.rule, Rule::LastStep);
    let mut inputs = call.inputs.into_iter();
    let (first, state) = (inputs.next(), inputs.next());
    let Some(state) = state.filter(|_| last) else {
        return Ok(vec![first.ok_or(Error::Empty { what: "input" })?]);
    };
    let (x, batched) = examples(call.rule, first)?;
    let hidden = state.dims.last().copied().unwrap_or(0);
    let form = Form::Vector(x.form.channels());
    let mut values = vec![0.0; x.examples * form.len()];
    last_step(x.form, hidden, &x.values, &mut values);
    let y = Values {
        examples: x.examples,
        form,
        values,
    };
    Ok(vec![array(y, batched)])
}

impl<L: Layer> RunLayers for OneByOne<L> {
    fn run(&self, call: Call<'_>) -> Result<Vec<Array>, Error> {
        match self.get(call.name) {
            Some(layer) if layer.is_empty() => picked(call),
            Some(layer) => run(layer, call),
            None if self.runs(call.name) => self.recurrent(call),
            None => Err(Error::Structure {
                layer: call.name.to_owned(),
                problem: "it has no 8-bit form here".to_owned(),
            }),
        }
    }
}

/// The layers of a model in f32, watched while `forward` runs each part of the batches in each draw.
#[derive(Debug)]
pub(super) struct Watch(OneByOne<Watched>);

impl Watch {
    /// Those that draw by `estimator`, where there is one.
    pub fn of(plans: Plans, estimator: Option<EstimatorKind>) -> Self {
        let watched = |(name, plan): (String, Plan<Float>)| {
            (name, Watched::new(plan.estimated_by(estimator)))
        };
        Self(OneByOne(plans.into_iter().map(watched).collect()))
    }

    /// The int8 form of each layer, with what is to be said of them.
    ///
    /// # Errors
    /// A forward pass that fails; a layer that no batch reaches.
    pub fn quantize<P>(
        self,
        calibration: &Calibration,
        parts: &[P],
        forward: impl Fn(&dyn RunLayers, Key, &P) -> Result<(), Error>,
    ) -> Result<(OneByOne<Machine>, Vec<LayerInspection>), Error> {
        let all = || self.0.0.iter().map(|(_, layer)| layer);
        let pass = |part: &P| {
            for key in observe::keys(calibration) {
                all().for_each(|layer| layer.observer.borrow_mut().begin_draw());
                forward(&self.0, key, part)?;
            }
            all().for_each(|layer| layer.observer.borrow_mut().end_part(calibration));
            Ok::<(), Error>(())
        };
        parts.iter().try_for_each(pass)?;
        for (name, layer) in &self.0.0 {
            if !layer.called.get() && !layer.is_empty() {
                return Err(Error::Structure {
                    layer: name.clone(),
                    problem: "no calibration batch ran it, so that nothing is known of its values: give batches that \
                              take every branch of the forward pass"
                        .to_owned(),
                });
            }
            layer
                .observer
                .borrow_mut()
                .settle(&layer.plan, calibration)?;
        }
        if calibration.range.needs_histogram() {
            parts.iter().try_for_each(pass)?;
        }
        let (mut machines, mut inspected) = (Vec::new(), Vec::new());
        for (name, layer) in &self.0.0 {
            let (machine, layers) = layer.quantize(calibration)?;
            machines.push((name.clone(), machine));
            inspected.extend(layers);
        }
        Ok((OneByOne(machines), inspected))
    }
}

/// The names that a model's stand-ins ask for, and no layers.
#[derive(Debug, Default)]
pub(super) struct Asked(pub RefCell<Vec<String>>);

impl RunLayers for Asked {
    fn run(&self, call: Call<'_>) -> Result<Vec<Array>, Error> {
        Err(Error::Structure {
            layer: call.name.to_owned(),
            problem: "it is asked for its name alone".to_owned(),
        })
    }

    fn expect(&self, name: &str) {
        self.0.borrow_mut().push(name.to_owned());
    }
}
