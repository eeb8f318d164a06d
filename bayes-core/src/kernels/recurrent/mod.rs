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

use self::cell::{Cells, Place, StepBack};
use super::isa::Isa;
use super::linear::{self, LinearGeometry};
use super::matmul::{Matrix, MatrixMut, Panels, Write, matmul_packed_on};
use super::parallel::{for_each, is_large};
use super::real::Real;
use std::borrow::Cow;

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
    /// Of a GRU's sum of hidden products; an LSTM's is that of `pre`.
    hidden: Vec<E>,
    /// Of the initial hidden state.
    pub h: Vec<E>,
    /// Of the initial cell state.
    pub c: Vec<E>,
}

impl<E> Gradients<E> {
    /// Of the sum of hidden products, `(batch, steps, gates·hidden)`.
    pub fn hidden(&self) -> &[E] {
        match &self.hidden[..] {
            [] => &self.pre,
            hidden => hidden,
        }
    }
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
    initial: [&[E]; 2],
    out: &mut [E],
) -> Trace<E> {
    forward_on(Isa::active(), geometry, pre, products, initial, out)
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
    run_on(isa, geometry, pre, products, initial, out, geometry.steps)
}

/// [`forward`] with no backward pass behind it, for which nothing is kept; the same bits.
///
/// # Panics
///
/// As [`forward`].
pub fn forward_alone<E: Real>(
    geometry: &RecurrentGeometry,
    pre: &[E],
    products: &[HiddenProduct<'_, E>],
    initial: [&[E]; 2],
    out: &mut [E],
) {
    run_on(Isa::active(), geometry, pre, products, initial, out, 1);
}

/// The forward pass, which keeps the gates of `kept` steps: all, or one after the other.
fn run_on<E: Real>(
    isa: Isa,
    geometry: &RecurrentGeometry,
    pre: &[E],
    products: &[HiddenProduct<'_, E>],
    initial: [&[E]; 2],
    out: &mut [E],
    kept: usize,
) -> Trace<E> {
    assert_eq!(pre.len(), geometry.pre_len(), "recurrent: length of pre");
    assert_eq!(out.len(), geometry.out_len(), "recurrent: length of out");
    check(geometry, products, initial);
    let (hidden, width) = (geometry.hidden, geometry.width());
    let pack = |product: &HiddenProduct<'_, E>| {
        Panels::pack(Matrix::new(product.weight, width, hidden).transposed())
    };
    let panels: Vec<Panels<E>> = products.iter().map(pack).collect();
    let group = |group: usize, place: Place<'_, E>| {
        let (first, count) = examples(geometry, group);
        let mut cells = Cells::new(geometry, first, count, initial, place);
        let (mut sums, mut terms, mut turned) = (
            vec![E::zero(); count * width],
            vec![E::zero(); count * width],
            vec![E::zero(); count * hidden],
        );
        for i in 0..geometry.steps {
            for (number, (product, panels)) in products.iter().zip(&panels).enumerate() {
                let to = if number == 0 { &mut sums } else { &mut terms };
                let state = Matrix::new(cells.state(), count, hidden);
                let rows = turned_rows(product, 0, first, state, &mut turned);
                let target = MatrixMut::new(to, count, width);
                matmul_packed_on(isa, rows, panels, target, Write::Overwrite);
                add_bias(product.bias, to);
                turn(product, 1, first, width, to);
                if number > 0 {
                    add(&mut sums, &terms);
                }
            }
            cells.step(isa, geometry.step(i), pre, &sums);
        }
        cells.finish();
    };
    let mut trace = Trace {
        gates: vec![E::zero(); geometry.batch * kept * width],
        inner: vec![E::zero(); geometry.batch * kept * hidden],
    };
    let outputs = by_group(out, geometry.rows() * hidden);
    let gates = by_group(&mut trace.gates, kept * width);
    let inner = by_group(&mut trace.inner, kept * hidden);
    let places = outputs.zip(gates).zip(inner).take(groups(geometry));
    let places = places.map(|((out, gates), inner)| Place {
        out,
        gates,
        inner,
        kept,
    });
    for_each(places.collect(), geometry.is_large(), group);
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
    let group = |group: usize, (place, [h, c]): ([&mut [E]; 2], [&mut [E]; 2])| {
        let (first, count) = examples(geometry, group);
        let mut back = StepBack::new(geometry, first, count, g, place);
        let (mut turned, mut terms) = (
            vec![E::zero(); count * width],
            vec![E::zero(); count * hidden],
        );
        for i in (0..geometry.steps).rev() {
            back.step(isa, i, initial, out, trace, g);
            for (product, panels) in products.iter().zip(&panels) {
                let rows = turned_rows(product, 1, first, back.hidden(i), &mut turned);
                let target = MatrixMut::new(&mut terms, count, hidden);
                matmul_packed_on(isa, rows, panels, target, Write::Overwrite);
                turn(product, 0, first, hidden, &mut terms);
                back.add_to_state(&terms);
            }
        }
        let [dh, dc] = back.finish();
        h.copy_from_slice(&dh);
        c.copy_from_slice(&dc);
    };
    let own = match geometry.cell {
        Cell::Lstm => 0,
        Cell::Gru => geometry.pre_len(),
    };
    let mut all = Gradients {
        pre: vec![E::zero(); geometry.pre_len()],
        hidden: vec![E::zero(); own],
        h: vec![E::zero(); geometry.state_len()],
        c: vec![E::zero(); geometry.state_len()],
    };
    let pre = by_group(&mut all.pre, geometry.steps * width);
    let sums = by_group(&mut all.hidden, geometry.steps * width);
    let h = by_group(&mut all.h, hidden);
    let c = by_group(&mut all.c, hidden);
    let places = pre.zip(sums).zip(h.zip(c)).take(groups(geometry));
    let places = places.map(|((pre, sums), (h, c))| ([pre, sums], [h, c]));
    for_each(places.collect(), geometry.is_large(), group);
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
    let mut g = Cow::Borrowed(hidden);
    if product.signs.is_some() {
        let each = |i: usize| i / geometry.steps.max(1);
        for (i, row) in before.chunks_exact_mut(geometry.hidden.max(1)).enumerate() {
            turn(product, 0, each(i), geometry.hidden, row);
        }
        for (i, row) in g
            .to_mut()
            .chunks_exact_mut(geometry.width().max(1))
            .enumerate()
        {
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

/// How many groups of examples there are.
fn groups(geometry: &RecurrentGeometry) -> usize {
    geometry.batch.div_ceil(EXAMPLES)
}

/// What each group has of something with so many numbers for an example; nothing where there is nothing.
fn by_group<E>(all: &mut [E], numbers: usize) -> impl Iterator<Item = &mut [E]> {
    let parts = all.chunks_mut((EXAMPLES * numbers).max(1));
    parts.chain(std::iter::repeat_with(Default::default))
}

/// The first example of a group and how many it has.
fn examples(geometry: &RecurrentGeometry, group: usize) -> (usize, usize) {
    let first = group * EXAMPLES;
    (first, EXAMPLES.min(geometry.batch - first))
}

/// Rows of examples from `first` on, multiplied by the product's signs of a side in memory of their own, where it has some.
fn turned_rows<'a, E: Real>(
    product: &HiddenProduct<'_, E>,
    side: usize,
    first: usize,
    rows: Matrix<'a, E>,
    memory: &'a mut [E],
) -> Matrix<'a, E> {
    if product.signs.is_none() {
        return rows;
    }
    let (count, width) = (rows.rows(), rows.columns());
    for (i, row) in memory.chunks_exact_mut(width.max(1)).enumerate() {
        row.copy_from_slice(rows.row(i));
    }
    turn(product, side, first, width, memory);
    Matrix::new(memory, count, width)
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
