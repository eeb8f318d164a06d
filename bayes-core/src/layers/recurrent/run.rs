//! All layers and directions of a recurrent net on a batch of sequences.

use crate::device::{Hidden, Initial, Kernels, LinearSize, SignSize, Turned};
use crate::draw::{Key, Noise as Kind};
use crate::error::Error;
use crate::estimator::EstimatorKind;
use crate::kernels::recurrent::{Cell, RecurrentGeometry};
use crate::posterior::{FanIn, Variational};
use crate::twin::{Config, Draw, Name};
use dfdx::prelude::{
    Axis, ConstShape, Dtype, ReshapeTo, Shape, Tape, Tensor, TryConcatAlong, TryStack,
};
use dfdx::shapes::HasShape;
use dfdx::tensor::{PutTape, SplitTape};

type Sequences<E, D, T> = Tensor<(usize, usize, usize), E, D, T>;

/// Hidden and cell states of all layers and directions: `(layers·directions, batch, hidden)`.
pub struct States<E: Dtype, D: Kernels<E>, T> {
    pub h: Sequences<E, D, T>,
    /// Of an LSTM.
    pub c: Option<Sequences<E, D, T>>,
}

/// The weights of one layer in one direction.
pub struct Direction<E: Dtype, D: Kernels<E>, T> {
    pub input: Hidden<E, D, T>,
    pub hidden: Hidden<E, D, T>,
}

/// What a net is, without its weights.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    pub cell: Cell,
    pub hidden: usize,
    pub bidirectional: bool,
}

/// The output of the last layer and the states after the last step, of sequences `(batch, steps, features)`.
///
/// `directions` holds each layer's directions, the forward one first.
pub fn run<E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    form: Form,
    mut x: Sequences<E, D, T>,
    initial: Option<States<E, D, T>>,
    directions: Vec<Direction<E, D, T>>,
) -> Result<(Sequences<E, D, T>, States<E, D, T>), D::Err> {
    let (batch, steps, _) = *x.shape();
    if steps == 0 {
        return Err(D::misfit());
    }
    let each = 1 + usize::from(form.bidirectional);
    let count = directions.len();
    // The history of the initial state comes in with the input's.
    let initial = match initial {
        None => None,
        Some(States { h, c }) => {
            let (values, tape) = x.split_tape();
            let (h, more) = h.split_tape();
            let mut tape = tape.merge(more);
            let c = match c {
                None => None,
                Some(c) => {
                    let (c, more) = c.split_tape();
                    tape = tape.merge(more);
                    Some(c)
                }
            };
            x = values.put_tape(tape);
            let wanted = (count, batch, form.hidden);
            if *h.shape() != wanted || c.as_ref().is_some_and(|c| *c.shape() != wanted) {
                return Err(D::misfit());
            }
            Some((h, c))
        }
    };
    let (mut hs, mut cs) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let mut before: Option<Sequences<E, D, T>> = None;
    for (k, direction) in directions.into_iter().enumerate() {
        let reverse = k % each == 1;
        let last = k % each + 1 == each;
        let input = if last {
            let empty = empty(&x)?;
            std::mem::replace(&mut x, empty)
        } else {
            x.retaped()
        };
        let geometry = RecurrentGeometry {
            cell: form.cell,
            batch,
            steps,
            hidden: form.hidden,
            reverse,
        };
        let of = |states: &Sequences<E, D, dfdx::tensor::NoneTape>| {
            let state = states.retaped::<T>().try_slice((k..k + 1, .., ..))?;
            state.try_reshape_like(&(batch, form.hidden))
        };
        let start = match &initial {
            None => Initial { h: None, c: None },
            Some((h, c)) => Initial {
                h: Some(of(h)?),
                c: c.as_ref().map(of).transpose()?,
            },
        };
        let pre = product(input, direction.input, geometry.width())?;
        let out = D::recurrence(pre, direction.hidden, start, geometry)?;
        let row = |t: usize| -> Result<Tensor<(usize, usize), E, D, T>, D::Err> {
            let row = out.retaped::<T>().try_slice((.., t..t + 1, ..))?;
            row.try_reshape_like(&(batch, form.hidden))
        };
        hs.push(row(if reverse { 0 } else { steps - 1 })?);
        if form.cell == Cell::Lstm {
            cs.push(row(steps)?);
        }
        let y = out.try_slice((.., 0..steps, ..))?;
        let y = y.try_reshape_like(&(batch, steps, form.hidden))?;
        let y = match before.take() {
            None => y,
            Some(forward) => (forward, y).try_concat_along(Axis::<2>)?,
        };
        if last {
            x = y;
        } else {
            before = Some(y);
        }
    }
    let states = States {
        h: hs.try_stack()?,
        c: (!cs.is_empty()).then(|| cs.try_stack()).transpose()?,
    };
    Ok((x, states))
}

/// A tensor that holds a place.
fn empty<E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    like: &Sequences<E, D, T>,
) -> Result<Sequences<E, D, T>, D::Err> {
    Ok(like
        .device()
        .try_zeros_like(&(0, 0, 0))?
        .put_tape(T::default()))
}

/// `W·x + b` of every step, by Flipout with signs that are the same at all steps.
fn product<E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Sequences<E, D, T>,
    weights: Hidden<E, D, T>,
    outputs: usize,
) -> Result<Sequences<E, D, T>, D::Err> {
    let (examples, steps, inputs) = *x.shape();
    let size = LinearSize {
        rows: examples * steps,
        inputs,
        outputs,
    };
    let out = (examples, steps, outputs);
    let Some(Turned {
        weight,
        bias,
        signs: [r, s],
    }) = weights.turned
    else {
        return D::linear(x, weights.weight, weights.bias, size, out);
    };
    let signs = |channels| SignSize {
        examples,
        steps,
        channels,
        pixels: 1,
    };
    let mean = D::linear(x.retaped::<T>(), weights.weight, weights.bias, size, out)?;
    let deviation = D::linear(D::flip_signs(x, r, signs(inputs))?, weight, bias, size, out)?;
    D::flip_onto(mean, deviation, s, signs(outputs))
}

/// A plain weight and bias.
pub fn plain<W: Shape, B: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    weight: &Tensor<W, E, D>,
    bias: Option<&Tensor<B, E, D>>,
) -> Result<Hidden<E, D, T>, D::Err> {
    Ok(Hidden {
        weight: matrix(weight.retaped())?,
        bias: bias.map(|bias| vector(bias.retaped())).transpose()?,
        turned: None,
    })
}

/// A weight and bias in a draw for `examples` sequences, with their names in the layer.
pub fn drawn<W, B, E, D, T, C, F>(
    draw: &Draw,
    kind: EstimatorKind,
    examples: usize,
    (weight, name): (&Variational<W, E, D, C, F>, &str),
    bias: Option<(&Variational<B, E, D, C, F>, &str)>,
) -> Result<Hidden<E, D, T>, D::Err>
where
    W: ConstShape,
    B: ConstShape,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
    C: Config,
    F: FanIn,
{
    let kind = draw.estimator_or(kind);
    if kind == EstimatorKind::LocalReparameterization {
        draw.report(Error::Estimator {
            estimator: kind,
            because: "a layer uses one weight at several positions",
        });
        return Err(D::misfit());
    }
    let tensor = draw.field(name);
    let signs = |kind| tensor.example_noise(kind, examples);
    let (EstimatorKind::Flipout, Some(r), Some(s)) =
        (kind, signs(Kind::SignIn), signs(Kind::SignOut))
    else {
        return Ok(Hidden {
            weight: matrix(weight.weights(draw, name)?)?,
            bias: bias
                .map(|(bias, name)| vector(bias.weights(draw, name)?))
                .transpose()?,
            turned: None,
        });
    };
    let mean = Draw::from(Key::MEAN);
    Ok(Hidden {
        weight: matrix(weight.weights(&mean, name)?)?,
        bias: bias
            .map(|(bias, name)| vector(bias.weights(&mean, name)?))
            .transpose()?,
        turned: Some(Turned {
            weight: matrix(weight.deviation(draw, name)?)?,
            bias: bias
                .map(|(bias, name)| vector(bias.deviation(draw, name)?))
                .transpose()?,
            signs: [r, s],
        }),
    })
}

fn matrix<S: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<S, E, D, T>,
) -> Result<Tensor<(usize, usize), E, D, T>, D::Err> {
    let dims = x.shape().concrete().into_iter().collect::<Vec<usize>>();
    let [rows, columns] = dims[..] else {
        return Err(D::misfit());
    };
    x.try_reshape_like(&(rows, columns))
}

fn vector<S: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
    x: Tensor<S, E, D, T>,
) -> Result<Tensor<(usize,), E, D, T>, D::Err> {
    let len = x.shape().num_elements();
    x.try_reshape_like(&(len,))
}

/// The names of a tensor of all layers and directions, as PyTorch has them: `weight_ih_l0`, `weight_ih_l0_reverse`, ….
pub fn names(tensor: &str, layers: std::ops::Range<usize>, bidirectional: bool) -> Vec<String> {
    let of = |layer: usize| {
        let forward = format!("{tensor}_l{layer}");
        let reverse = bidirectional.then(|| format!("{forward}_reverse"));
        std::iter::once(forward).chain(reverse)
    };
    layers.flat_map(of).collect()
}

/// The posteriors around a list of plain tensors.
pub fn around<S, E, D, C, F>(
    tensors: &[Tensor<S, E, D>],
    names: &[String],
    layer: &Name<'_>,
) -> Result<Vec<Variational<S, E, D, C, F>>, Error>
where
    S: ConstShape,
    E: Dtype,
    D: dfdx::prelude::Device<E>,
    C: Config,
    F: FanIn,
{
    let pairs = tensors.iter().zip(names);
    pairs
        .map(|(tensor, name)| Variational::around(tensor, &layer.field(name)))
        .collect()
}

/// A list of tensors in a draw.
pub fn sampled<S, E, D, C, F>(
    tensors: &[Variational<S, E, D, C, F>],
    names: &[String],
    draw: &Draw,
) -> Result<Vec<Tensor<S, E, D>>, Error>
where
    S: ConstShape,
    E: Dtype,
    D: Kernels<E>,
    C: Config,
    F: FanIn,
{
    let pairs = tensors.iter().zip(names);
    pairs
        .map(|(tensor, name)| tensor.drawn(draw, name))
        .collect()
}
