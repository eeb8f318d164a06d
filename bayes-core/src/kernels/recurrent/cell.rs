//! The gates of a step, forward and backward, for a group of examples.

use super::{Cell, Gradients, RecurrentGeometry, Trace};
use crate::kernels::real::Real;

/// `tanh(x) = 2·sigmoid(2x) − 1`: absolute error of one rounding, the same bits on every instruction set.
#[inline(always)]
pub(super) fn tanh<E: Real>(x: E) -> E {
    let s = (x + x).sigmoid();
    s + s - E::one()
}

/// The hidden state before the `i`th step that is done of example `n`, or `None` where it is 0.
pub(super) fn state_before<'a, E>(
    geometry: &RecurrentGeometry,
    h: &'a [E],
    out: &'a [E],
    n: usize,
    i: usize,
) -> Option<&'a [E]> {
    let hidden = geometry.hidden;
    match i.checked_sub(1) {
        Some(before) => {
            let at = (n * geometry.rows() + geometry.step(before)) * hidden;
            Some(&out[at..at + hidden])
        }
        None => h.get(n * hidden..(n + 1) * hidden),
    }
}

/// A group of examples on their way through the steps.
pub(super) struct Cells<'a, E> {
    geometry: &'a RecurrentGeometry,
    first: usize,
    h: Vec<E>,
    c: Vec<E>,
    out: Vec<E>,
    trace: Trace<E>,
}

/// What a group gives.
pub(super) struct Done<E> {
    pub out: Vec<E>,
    pub trace: Trace<E>,
}

impl<'a, E: Real> Cells<'a, E> {
    pub fn new(
        geometry: &'a RecurrentGeometry,
        first: usize,
        count: usize,
        initial: [&[E]; 2],
    ) -> Self {
        let hidden = geometry.hidden;
        let [h, c] = initial.map(|state| match state {
            [] => vec![E::zero(); count * hidden],
            state => state[first * hidden..(first + count) * hidden].to_vec(),
        });
        let steps = count * geometry.steps;
        Self {
            geometry,
            first,
            h,
            c,
            out: vec![E::zero(); count * geometry.rows() * hidden],
            trace: Trace {
                gates: vec![E::zero(); steps * geometry.width()],
                inner: vec![E::zero(); steps * hidden],
            },
        }
    }

    /// The hidden states.
    pub fn state(&self) -> &[E] {
        &self.h
    }

    /// One step of all examples, `sums` being the hidden products.
    pub fn step(&mut self, t: usize, pre: &[E], sums: &[E]) {
        let geometry = self.geometry;
        let (hidden, width) = (geometry.hidden, geometry.width());
        if hidden == 0 {
            return;
        }
        for (n, sums) in sums.chunks_exact(width).enumerate() {
            let at = n * geometry.steps + t;
            let pre = &pre[(self.first * geometry.steps + at) * width..][..width];
            let gates = &mut self.trace.gates[at * width..][..width];
            let inner = &mut self.trace.inner[at * hidden..][..hidden];
            let h = &mut self.h[n * hidden..][..hidden];
            match geometry.cell {
                Cell::Lstm => lstm(
                    pre,
                    sums,
                    gates,
                    h,
                    &mut self.c[n * hidden..][..hidden],
                    inner,
                ),
                Cell::Gru => gru(pre, sums, gates, h, inner),
            }
            let row = (n * geometry.rows() + t) * hidden;
            self.out[row..row + hidden].copy_from_slice(h);
        }
    }

    pub fn finish(mut self) -> Done<E> {
        let (hidden, rows) = (self.geometry.hidden, self.geometry.rows());
        if self.geometry.cell == Cell::Lstm && hidden > 0 {
            for (out, c) in self
                .out
                .chunks_exact_mut(rows * hidden)
                .zip(self.c.chunks(hidden))
            {
                out[(rows - 1) * hidden..].copy_from_slice(c);
            }
        }
        Done {
            out: self.out,
            trace: self.trace,
        }
    }
}

fn lstm<E: Real>(pre: &[E], sums: &[E], gates: &mut [E], h: &mut [E], c: &mut [E], kept: &mut [E]) {
    let hidden = h.len();
    for (k, (gate, (&x, &sum))) in gates.iter_mut().zip(pre.iter().zip(sums)).enumerate() {
        let x = x + sum;
        *gate = if k / hidden == 2 {
            tanh(x)
        } else {
            x.sigmoid()
        };
    }
    for j in 0..hidden {
        let [i, f, g, o] = [0, 1, 2, 3].map(|gate| gates[gate * hidden + j]);
        c[j] = f * c[j] + i * g;
        kept[j] = c[j];
        h[j] = o * tanh(c[j]);
    }
}

fn gru<E: Real>(pre: &[E], sums: &[E], gates: &mut [E], h: &mut [E], kept: &mut [E]) {
    let hidden = h.len();
    for j in 0..hidden {
        let [r, z] =
            [0, 1].map(|gate| (pre[gate * hidden + j] + sums[gate * hidden + j]).sigmoid());
        kept[j] = sums[2 * hidden + j];
        let n = tanh(pre[2 * hidden + j] + r * kept[j]);
        gates[j] = r;
        gates[hidden + j] = z;
        gates[2 * hidden + j] = n;
        h[j] = (E::one() - z) * n + z * h[j];
    }
}

/// The gradients of a group of examples on their way back through the steps.
pub(super) struct StepBack<'a, E> {
    geometry: &'a RecurrentGeometry,
    first: usize,
    /// Of the hidden state after the step that comes next.
    dh: Vec<E>,
    /// Of its cell state.
    dc: Vec<E>,
    /// Of this step's hidden products.
    hidden: Vec<E>,
    gradients: Gradients<E>,
}

impl<'a, E: Real> StepBack<'a, E> {
    pub fn new(geometry: &'a RecurrentGeometry, first: usize, count: usize, g: &[E]) -> Self {
        let hidden = geometry.hidden;
        let mut dc = vec![E::zero(); count * hidden];
        if geometry.cell == Cell::Lstm {
            for n in 0..count {
                let last = ((first + n) * geometry.rows() + geometry.steps) * hidden;
                dc[n * hidden..(n + 1) * hidden].copy_from_slice(&g[last..last + hidden]);
            }
        }
        let all = count * geometry.steps * geometry.width();
        Self {
            geometry,
            first,
            dh: vec![E::zero(); count * hidden],
            dc,
            hidden: vec![E::zero(); count * geometry.width()],
            gradients: Gradients {
                pre: vec![E::zero(); all],
                hidden: vec![E::zero(); all],
                h: Vec::new(),
                c: Vec::new(),
            },
        }
    }

    /// The gradients of this step's hidden products, `(examples, gates·hidden)`.
    pub fn hidden(&self) -> &[E] {
        &self.hidden
    }

    /// Adds to the gradient of the hidden state before this step.
    pub fn add_to_state(&mut self, terms: &[E]) {
        super::add(&mut self.dh, terms);
    }

    /// Back through the gates of the `i`th step that was done.
    pub fn step(&mut self, i: usize, [h, c]: [&[E]; 2], out: &[E], trace: &Trace<E>, g: &[E]) {
        let geometry = self.geometry;
        let (hidden, width, t) = (geometry.hidden, geometry.width(), geometry.step(i));
        if hidden == 0 {
            return;
        }
        let zeros = vec![E::zero(); hidden];
        for n in 0..self.dh.len() / hidden {
            let example = self.first + n;
            let (at, row) = (example * geometry.steps + t, example * geometry.rows() + t);
            let gates = &trace.gates[at * width..][..width];
            let dh = &mut self.dh[n * hidden..][..hidden];
            super::add(dh, &g[row * hidden..][..hidden]);
            let local = (n * geometry.steps + t) * width;
            let d_pre = &mut self.gradients.pre[local..local + width];
            let d_hidden = &mut self.hidden[n * width..][..width];
            let inner = &trace.inner[at * hidden..][..hidden];
            match geometry.cell {
                Cell::Lstm => {
                    let before = match i.checked_sub(1) {
                        None => c.get(example * hidden..(example + 1) * hidden),
                        Some(before) => {
                            let at = example * geometry.steps + geometry.step(before);
                            Some(&trace.inner[at * hidden..][..hidden])
                        }
                    };
                    let dc = &mut self.dc[n * hidden..][..hidden];
                    lstm_back(gates, inner, before.unwrap_or(&zeros), [dh, dc], d_pre);
                    d_hidden.copy_from_slice(d_pre);
                }
                Cell::Gru => {
                    let before = state_before(geometry, h, out, example, i).unwrap_or(&zeros);
                    gru_back(gates, inner, before, dh, [d_pre, d_hidden]);
                }
            }
            self.gradients.hidden[local..local + width].copy_from_slice(d_hidden);
        }
    }

    pub fn finish(self) -> Gradients<E> {
        Gradients {
            h: self.dh,
            c: self.dc,
            ..self.gradients
        }
    }
}

/// Leaves in `dh` nothing but what the products add, and in `dc` the gradient of the cell state before.
fn lstm_back<E: Real>(
    gates: &[E],
    after: &[E],
    before: &[E],
    [dh, dc]: [&mut [E]; 2],
    d_pre: &mut [E],
) {
    let (hidden, one) = (dh.len(), E::one());
    for j in 0..hidden {
        let [i, f, g, o] = [0, 1, 2, 3].map(|gate| gates[gate * hidden + j]);
        let t = tanh(after[j]);
        let d_c = dc[j] + dh[j] * o * (one - t * t);
        let slopes = [
            d_c * g * i * (one - i),
            d_c * before[j] * f * (one - f),
            d_c * i * (one - g * g),
            dh[j] * t * o * (one - o),
        ];
        for (gate, slope) in slopes.into_iter().enumerate() {
            d_pre[gate * hidden + j] = slope;
        }
        dc[j] = d_c * f;
        dh[j] = E::zero();
    }
}

/// Leaves in `dh` what goes to the state before without the products.
fn gru_back<E: Real>(
    gates: &[E],
    product: &[E],
    before: &[E],
    dh: &mut [E],
    [d_pre, d_hidden]: [&mut [E]; 2],
) {
    let (hidden, one) = (dh.len(), E::one());
    for j in 0..hidden {
        let [r, z, n] = [0, 1, 2].map(|gate| gates[gate * hidden + j]);
        let d_n = dh[j] * (one - z) * (one - n * n);
        let d_r = d_n * product[j] * r * (one - r);
        let d_z = dh[j] * (before[j] - n) * z * (one - z);
        for (gate, [pre, sum]) in [[d_r, d_r], [d_z, d_z], [d_n, d_n * r]]
            .into_iter()
            .enumerate()
        {
            d_pre[gate * hidden + j] = pre;
            d_hidden[gate * hidden + j] = sum;
        }
        dh[j] = dh[j] * z;
    }
}
