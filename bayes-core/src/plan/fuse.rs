//! Finds the regions of a graph that run as one step.

use super::graph::{Graph, Node, Op, Weights, Wire};
use super::step::{Activation, Float, Operation, Plan, Recurrence, Step};

impl Graph {
    /// The plan of this graph whose output is `output`.
    ///
    /// Behind a product or a scale, biases and batch normalisations are folded in until something else reads the value
    /// between; then one addition, then one activation.
    pub fn fuse(&self, output: Wire) -> Plan<Float> {
        let mut steps: Vec<Step<Float>> = Vec::new();
        let mut uses = vec![0usize; self.nodes.len() + 1];
        uses[output.0] += 1;
        for node in &self.nodes {
            uses[node.input.0] += 1;
            for other in &node.others {
                uses[other.0] += 1;
            }
            if let Op::Add(other) = node.op {
                uses[other.0] += 1;
            }
        }
        for (i, node) in self.nodes.iter().enumerate() {
            let given = Wire(i + 1);
            let private = |wire: Wire| uses[wire.0] == 1;
            if !absorb(&mut steps, node, given, &private) {
                steps.push(lead(node, given));
            }
        }
        number(&mut steps, output)
    }
}

/// Numbers the wires that are left: the input is 0, step i gives i + 1.
fn number(steps: &mut Vec<Step<Float>>, output: Wire) -> Plan<Float> {
    let given: Vec<Wire> = steps.iter().map(|step| step.output).collect();
    let new = |old: Wire| {
        let step = given.iter().position(|&given| given == old);
        Wire(step.map_or(0, |i| i + 1))
    };
    for step in steps.iter_mut() {
        step.input = new(step.input);
        step.others.iter_mut().for_each(|wire| *wire = new(*wire));
        step.add = step.add.map(new);
        step.output = new(step.output);
    }
    Plan {
        steps: std::mem::take(steps),
        output: new(output),
    }
}

/// Takes the node into a step that is there, where it fits behind it.
fn absorb(
    steps: &mut [Step<Float>],
    node: &Node,
    given: Wire,
    private: &dyn Fn(Wire) -> bool,
) -> bool {
    let (before, other) = match node.op {
        Op::Add(other) => match (
            into(steps, node.input, private),
            into(steps, other, private),
        ) {
            // The later step of the two can see both values.
            (Some(a), Some(b)) if b > a => (Some(b), Some(node.input)),
            (Some(a), _) => (Some(a), Some(other)),
            (None, Some(b)) => (Some(b), Some(node.input)),
            (None, None) => (None, None),
        },
        _ => (into(steps, node.input, private), None),
    };
    let Some(i) = before else { return false };
    // An addend must be there when the step runs.
    if let Some(other) = other
        && steps[i..].iter().any(|later| later.output == other)
    {
        return false;
    }
    let step = &mut steps[i];
    match &node.op {
        Op::Bias(bias) if step.add.is_none() => step.biases.push(bias.clone()),
        Op::Affine { scale, shift } if step.add.is_none() => fold(step, scale, shift),
        Op::Add(_) if step.add.is_none() => step.add = other,
        Op::Relu => step.activation = Some(Activation::Relu),
        Op::Map(function) => step.activation = Some(Activation::Map(*function)),
        _ => return false,
    }
    step.output = given;
    step.fused.push(label(node));
    true
}

/// The step that gives `wire` and can still take something behind it.
fn into(steps: &[Step<Float>], wire: Wire, private: &dyn Fn(Wire) -> bool) -> Option<usize> {
    let i = steps.iter().position(|step| step.output == wire)?;
    let open = steps[i].operation.is_open();
    (open && private(wire) && steps[i].activation.is_none()).then_some(i)
}

/// `scale·y + shift` becomes part of what makes y.
fn fold(step: &mut Step<Float>, scale: &[f32], shift: &[f32]) {
    match &mut step.operation {
        Operation::Product(_, weights) => weights.scale(scale),
        Operation::Scale(factor) if factor.is_empty() => *factor = scale.to_vec(),
        Operation::Scale(factor) => {
            factor.iter_mut().zip(scale).for_each(|(f, s)| *f *= s);
        }
        _ => {}
    }
    step.biases.iter_mut().for_each(|bias| bias.scale(scale));
    step.offset.resize(shift.len(), 0.0);
    for ((offset, scale), shift) in step.offset.iter_mut().zip(scale).zip(shift) {
        *offset = *offset * scale + shift;
    }
}

/// A step of its own.
fn lead(node: &Node, given: Wire) -> Step<Float> {
    let mut step = Step {
        name: node.name.clone(),
        input: node.input,
        others: node.others.clone(),
        output: given,
        operation: Operation::Scale(Vec::new()),
        biases: Vec::<Weights>::new(),
        offset: Vec::new(),
        add: None,
        activation: None,
        fused: Vec::new(),
    };
    match &node.op {
        Op::Product(sizes, weights) => step.operation = Operation::Product(*sizes, weights.clone()),
        Op::Embedding(table, weights) => {
            step.operation = Operation::Embedding(*table, weights.clone());
        }
        Op::Recurrence(recurrent) => {
            step.operation = Operation::Recurrence(Recurrence {
                cell: recurrent.cell,
                hidden: recurrent.hidden,
                reverse: recurrent.reverse,
                weights: recurrent.weights.clone(),
                bias: recurrent.bias.clone(),
                state: (),
            });
        }
        Op::Normalize(normalize) => step.operation = Operation::Normalize(normalize.clone()),
        Op::Bias(bias) => step.biases.push(bias.clone()),
        Op::Affine { scale, shift } => fold(&mut step, scale, shift),
        Op::Relu => step.activation = Some(Activation::Relu),
        Op::Map(function) => step.activation = Some(Activation::Map(*function)),
        Op::Softmax { log } => step.operation = Operation::Softmax { log: *log },
        Op::MaxPool(window) => step.operation = Operation::MaxPool(*window),
        Op::AvgPool(window) => step.operation = Operation::AvgPool(*window),
        Op::AdaptivePool { out, max } => {
            step.operation = Operation::AdaptivePool {
                out: *out,
                max: *max,
            };
        }
        Op::GlobalAvgPool => step.operation = Operation::GlobalAvgPool,
        Op::Flatten => step.operation = Operation::Flatten,
        Op::Unflatten(dims) => step.operation = Operation::Unflatten(dims.clone()),
        Op::PadChannels(sides) => step.operation = Operation::PadChannels(*sides),
        Op::Attention { heads } => step.operation = Operation::Attention { heads: *heads },
        Op::Concat => step.operation = Operation::Concat,
        Op::LastStep { hidden } => step.operation = Operation::LastStep { hidden: *hidden },
        Op::MeanSteps => step.operation = Operation::MeanSteps,
        Op::Positions => step.operation = Operation::Positions,
        Op::Add(other) => step.add = Some(*other),
    }
    step
}

/// What was fused, for reports.
fn label(node: &Node) -> String {
    let what = match &node.op {
        Op::Bias(_) => "bias",
        Op::Affine { .. } => "batch norm",
        Op::Add(_) => "residual",
        Op::Relu => "ReLU",
        Op::Map(function) => function.name,
        _ => "",
    };
    what.to_owned()
}
