//! Recurrent layers: one layer in one direction over a batch of sequences, and its gradients.
//!
//! The input's product is not in here: `pre` holds `W_ih·x + b_ih` for all steps, one matrix product. What is left is
//! sequential in the steps: a product with the hidden state, whose weights are packed once, and the gates.
//!
//! | cell | gates, in the order of the rows of the weights | step |
//! |---|---|---|
//! | LSTM (Hochreiter and Schmidhuber 1997) | i, f, g, o | `c' = f∘c + i∘g`, `h' = o∘tanh(c')` |
//! | GRU (Cho et al. 2014) | r, z, n | `n = tanh(pre_n + r∘hidden_n)`, `h' = (1 − z)∘n + z∘h` |
//!
//! i, f, o, r and z are sigmoids of `pre + hidden`, g is its tanh, and `hidden = W_hh·h + b_hh`, as in PyTorch. Examples
//! are worked through in groups of fixed size, each with all its steps, so bits depend on an example alone.

mod cell;
pub mod reference;

use self::cell::{Cells, StepBack};
use super::isa::Isa;
use super::linear::{self, LinearGeometry};
use super::matmul::{Matrix, MatrixMut, Panels, Write, matmul_packed_on};
use super::parallel::{is_large, map_ordered};
use super::real::Real;

/// Which recurrent cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Cell {
    /// Long short-term memory: a hidden and a cell state.
    Lstm,
    /// Gated recurrent unit: a hidden state.
    Gru,
}

impl Cell {
    /// Number of gates.
    pub const fn gates(self) -> usize {
        match self {
            Self::Lstm => 4,
            Self::Gru => 3,
        }
    }
}

/// The sizes of one layer in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecurrentGeometry {
    /// Which cell.
    pub cell: Cell,
    /// Sequences.
    pub batch: usize,
    /// Steps of each.
    pub steps: usize,
    /// Numbers of a state.
    pub hidden: usize,
    /// Whether the last step comes first.
    pub reverse: bool,
}

impl RecurrentGeometry {
    /// Numbers of all gates of one step.
    pub fn width(&self) -> usize {
        self.cell.gates() * self.hidden
    }

    /// Rows of the output of one example: the hidden state after each step and, of an LSTM, the last cell state.
    pub fn rows(&self) -> usize {
        self.steps + usize::from(self.cell == Cell::Lstm)
    }

    /// Elements of `pre`: `(batch, steps, gates·hidden)`.
    pub fn pre_len(&self) -> usize {
        self.batch * self.steps * self.width()
    }

    /// Elements of the output: `(batch, rows, hidden)`.
    pub fn out_len(&self) -> usize {
        self.batch * self.rows() * self.hidden
    }

    /// Elements of a state: `(batch, hidden)`.
    pub fn state_len(&self) -> usize {
        self.batch * self.hidden
    }

    /// The step that is the `i`th to be done.
    fn step(&self, i: usize) -> usize {
        if self.reverse { self.steps - 1 - i } else { i }
    }

    fn is_large(&self) -> bool {
        is_large(2 * self.batch * self.steps * self.hidden * self.width())
    }
}

/// A product with the hidden state, `s∘(W·(r∘h) + b)`: of Flipout's noise each example has signs of its own, the same
/// at all steps.
#[derive(Clone, Copy, Debug)]
pub struct HiddenProduct<'a, E> {
    /// `(gates·hidden, hidden)`.
    pub weight: &'a [E],
    /// `(gates·hidden,)`, or nothing.
    pub bias: &'a [E],
    /// r, `(batch, hidden)`, and s, `(batch, gates·hidden)`, where there are signs.
    pub signs: Option<[&'a [E]; 2]>,
}

/// What the backward pass needs of the forward one.
#[derive(Clone, Debug, Default)]
pub struct Trace<E> {
    /// The gates of each example and step.
    gates: Vec<E>,
    /// Of an LSTM the cell state after each step, of a GRU n's product with the hidden state.
    inner: Vec<E>,
}

/// Gradients of the sequential part; those of the weights follow by [`backward_weights`].
#[derive(Clone, Debug)]
pub struct Gradients<E> {
    /// Of `pre`.
    pub pre: Vec<E>,
    /// Of the sum of hidden products, `(batch, steps, gates·hidden)`.
    pub hidden: Vec<E>,
    /// Of the initial hidden state.
    pub h: Vec<E>,
    /// Of the initial cell state.
    pub c: Vec<E>,
}

/// Examples whose steps are done together.
const EXAMPLES: usize = 16;

/// The hidden state after each step of each example and, of an LSTM, the last cell state behind them.
///
/// An empty initial state is 0.
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn forward<E: Real>(
    geometry: &RecurrentGeometry,
    pre: &[E],
    products: &[HiddenProduct<'_, E>],
    [h, c]: [&[E]; 2],
    out: &mut [E],
) -> Trace<E> {
    forward_on(Isa::active(), geometry, pre, products, [h, c], out)
}

/// [`forward`] on a given instruction set.
pub fn forward_on<E: Real>(
    isa: Isa,
    geometry: &RecurrentGeometry,
    pre: &[E],
    products: &[HiddenProduct<'_, E>],
    initial: [&[E]; 2],
    out: &mut [E],
) -> Trace<E> {
    assert_eq!(pre.len(), geometry.pre_len(), "recurrent: length of pre");
    assert_eq!(out.len(), geometry.out_len(), "recurrent: length of out");
    check(geometry, products, initial);
    let (hidden, width) = (geometry.hidden, geometry.width());
    let pack = |product: &HiddenProduct<'_, E>| {
        Panels::pack(Matrix::new(product.weight, width, hidden).transposed())
    };
    let panels: Vec<Panels<E>> = products.iter().map(pack).collect();
    let group = |group: usize| {
        let (first, count) = examples(geometry, group);
        let mut cells = Cells::new(geometry, first, count, initial);
        let (mut sums, mut terms, mut turned) = (
            vec![E::zero(); count * width],
            vec![E::zero(); count * width],
            vec![E::zero(); count * hidden],
        );
        for i in 0..geometry.steps {
            sums.fill(E::zero());
            for (product, panels) in products.iter().zip(&panels) {
                turned.copy_from_slice(cells.state());
                turn(product, 0, first, hidden, &mut turned);
                let target = MatrixMut::new(&mut terms, count, width);
                let rows = Matrix::new(&turned, count, hidden);
                matmul_packed_on(isa, rows, panels, target, Write::Overwrite);
                add_bias(product.bias, &mut terms);
                turn(product, 1, first, width, &mut terms);
                add(&mut sums, &terms);
            }
            cells.step(geometry.step(i), pre, &sums);
        }
        cells.finish()
    };
    let groups = geometry.batch.div_ceil(EXAMPLES);
    let mut trace = Trace::default();
    let mut at = 0;
    for done in map_ordered(groups, geometry.is_large(), group) {
        out[at..at + done.out.len()].copy_from_slice(&done.out);
        at += done.out.len();
        trace.gates.extend(done.trace.gates);
        trace.inner.extend(done.trace.inner);
    }
    trace
}

/// The gradients of `pre`, of the hidden products' sum and of the initial states, for the gradient `g` of the output.
///
/// # Panics
///
/// As [`forward`].
pub fn backward<E: Real>(
    geometry: &RecurrentGeometry,
    products: &[HiddenProduct<'_, E>],
    initial: [&[E]; 2],
    out: &[E],
    trace: &Trace<E>,
    g: &[E],
) -> Gradients<E> {
    backward_on(Isa::active(), geometry, products, initial, (out, trace), g)
}

/// [`backward`] on a given instruction set.
pub fn backward_on<E: Real>(
    isa: Isa,
    geometry: &RecurrentGeometry,
    products: &[HiddenProduct<'_, E>],
    initial: [&[E]; 2],
    (out, trace): (&[E], &Trace<E>),
    g: &[E],
) -> Gradients<E> {
    assert_eq!(g.len(), geometry.out_len(), "recurrent: length of g");
    check(geometry, products, initial);
    let (hidden, width) = (geometry.hidden, geometry.width());
    let pack =
        |product: &HiddenProduct<'_, E>| Panels::pack(Matrix::new(product.weight, width, hidden));
    let panels: Vec<Panels<E>> = products.iter().map(pack).collect();
    let group = |group: usize| {
        let (first, count) = examples(geometry, group);
        let mut back = StepBack::new(geometry, first, count, g);
        let (mut turned, mut terms) = (
            vec![E::zero(); count * width],
            vec![E::zero(); count * hidden],
        );
        for i in (0..geometry.steps).rev() {
            back.step(i, initial, out, trace, g);
            for (product, panels) in products.iter().zip(&panels) {
                turned.copy_from_slice(back.hidden());
                turn(product, 1, first, width, &mut turned);
                let target = MatrixMut::new(&mut terms, count, hidden);
                let rows = Matrix::new(&turned, count, width);
                matmul_packed_on(isa, rows, panels, target, Write::Overwrite);
                turn(product, 0, first, hidden, &mut terms);
                back.add_to_state(&terms);
            }
        }
        back.finish()
    };
    let groups = geometry.batch.div_ceil(EXAMPLES);
    let mut all = Gradients {
        pre: Vec::with_capacity(geometry.pre_len()),
        hidden: Vec::with_capacity(geometry.pre_len()),
        h: Vec::with_capacity(geometry.state_len()),
        c: Vec::with_capacity(geometry.state_len()),
    };
    for part in map_ordered(groups, geometry.is_large(), group) {
        all.pre.extend(part.pre);
        all.hidden.extend(part.hidden);
        all.h.extend(part.h);
        all.c.extend(part.c);
    }
    all
}

/// Adds to the gradients of one product's weight and bias, `hidden` being that of the products' sum: one matrix product
/// over all examples and steps.
///
/// # Panics
///
/// As [`forward`].
pub fn backward_weights<E: Real>(
    geometry: &RecurrentGeometry,
    product: &HiddenProduct<'_, E>,
    h: &[E],
    out: &[E],
    hidden: &[E],
    [d_weight, d_bias]: [&mut [E]; 2],
) {
    let mut before = states_before(geometry, h, out);
    let mut g = hidden.to_vec();
    if product.signs.is_some() {
        let each = |i: usize| i / geometry.steps.max(1);
        for (i, row) in before.chunks_exact_mut(geometry.hidden.max(1)).enumerate() {
            turn(product, 0, each(i), geometry.hidden, row);
        }
        for (i, row) in g.chunks_exact_mut(geometry.width().max(1)).enumerate() {
            turn(product, 1, each(i), geometry.width(), row);
        }
    }
    let size = LinearGeometry {
        rows: geometry.batch * geometry.steps,
        inputs: geometry.hidden,
        outputs: geometry.width(),
    };
    linear::backward_weight(&size, &before, &g, d_weight);
    if !d_bias.is_empty() {
        linear::backward_bias(&size, &g, d_bias);
    }
}

/// The hidden state before each step of each example.
fn states_before<E: Real>(geometry: &RecurrentGeometry, h: &[E], out: &[E]) -> Vec<E> {
    let &RecurrentGeometry {
        batch,
        steps,
        hidden,
        ..
    } = geometry;
    let mut before = vec![E::zero(); batch * steps * hidden];
    for (n, i) in (0..batch).flat_map(|n| (0..steps).map(move |i| (n, i))) {
        let from = cell::state_before(geometry, h, out, n, i);
        let at = (n * steps + geometry.step(i)) * hidden;
        if let Some(from) = from {
            before[at..at + hidden].copy_from_slice(from);
        }
    }
    before
}

/// The first example of a group and how many it has.
fn examples(geometry: &RecurrentGeometry, group: usize) -> (usize, usize) {
    let first = group * EXAMPLES;
    (first, EXAMPLES.min(geometry.batch - first))
}

/// Multiplies rows of examples from `first` on by the product's signs, of the input (0) or the output (1).
fn turn<E: Real>(
    product: &HiddenProduct<'_, E>,
    side: usize,
    first: usize,
    width: usize,
    rows: &mut [E],
) {
    if let Some(signs) = product.signs {
        for (x, &sign) in rows.iter_mut().zip(&signs[side][first * width..]) {
            *x = *x * sign;
        }
    }
}

fn add_bias<E: Real>(bias: &[E], rows: &mut [E]) {
    if !bias.is_empty() {
        for row in rows.chunks_exact_mut(bias.len()) {
            add(row, bias);
        }
    }
}

fn add<E: Real>(sum: &mut [E], terms: &[E]) {
    for (sum, &term) in sum.iter_mut().zip(terms) {
        *sum += term;
    }
}

fn check<E>(geometry: &RecurrentGeometry, products: &[HiddenProduct<'_, E>], initial: [&[E]; 2]) {
    let (hidden, width) = (geometry.hidden, geometry.width());
    for product in products {
        assert_eq!(
            product.weight.len(),
            width * hidden,
            "recurrent: length of the weight"
        );
        let bias = product.bias.len();
        assert!(bias == 0 || bias == width, "recurrent: length of the bias");
        if let Some([input, output]) = product.signs {
            assert_eq!(
                input.len(),
                geometry.batch * hidden,
                "recurrent: signs of the input"
            );
            assert_eq!(
                output.len(),
                geometry.batch * width,
                "recurrent: signs of the output"
            );
        }
    }
    for state in initial {
        let length = state.len();
        assert!(
            length == 0 || length == geometry.state_len(),
            "recurrent: length of the initial state"
        );
    }
}

#[cfg(test)]
mod tests;
