//! The gates of a step, forward and backward, for a group of examples.

use super::{Cell, RecurrentGeometry, Trace};
use crate::kernels::isa::{Isa, Kernel};
use crate::kernels::matmul::Matrix;
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

/// Where what a group of examples gives is written.
pub(super) struct Place<'a, E> {
    pub out: &'a mut [E],
    /// Of all steps, or of one step after the other.
    pub gates: &'a mut [E],
    /// As the gates.
    pub inner: &'a mut [E],
    /// Steps of which gates are kept: all or one.
    pub kept: usize,
}

/// A group of examples on their way through the steps.
pub(super) struct Cells<'a, E> {
    geometry: &'a RecurrentGeometry,
    first: usize,
    h: Vec<E>,
    c: Vec<E>,
    place: Place<'a, E>,
}

impl<'a, E: Real> Cells<'a, E> {
    pub fn new(
        geometry: &'a RecurrentGeometry,
        first: usize,
        count: usize,
        initial: [&[E]; 2],
        place: Place<'a, E>,
    ) -> Self {
        let hidden = geometry.hidden;
        let [h, c] = initial.map(|state| match state {
            [] => vec![E::zero(); count * hidden],
            state => state[first * hidden..(first + count) * hidden].to_vec(),
        });
        Self {
            geometry,
            first,
            h,
            c,
            place,
        }
    }

    /// The hidden states.
    pub fn state(&self) -> &[E] {
        &self.h
    }

    /// One step of all examples, `sums` being the hidden products.
    pub fn step(&mut self, isa: Isa, t: usize, pre: &[E], sums: &[E]) {
        let geometry = self.geometry;
        let (hidden, width) = (geometry.hidden, geometry.width());
        if hidden == 0 {
            return;
        }
        for (n, sums) in sums.chunks_exact(width).enumerate() {
            let pre = &pre[((self.first + n) * geometry.steps + t) * width..][..width];
            let at = n * self.place.kept + t.min(self.place.kept - 1);
            let gates = &mut self.place.gates[at * width..][..width];
            let inner = &mut self.place.inner[at * hidden..][..hidden];
            let h = &mut self.h[n * hidden..][..hidden];
            let numbers = Step {
                pre,
                sums,
                gates,
                h,
                inner,
            };
            match geometry.cell {
                Cell::Lstm => isa.run(Lstm {
                    step: numbers,
                    c: &mut self.c[n * hidden..][..hidden],
                }),
                Cell::Gru => isa.run(Gru { step: numbers }),
            }
            let row = (n * geometry.rows() + t) * hidden;
            self.place.out[row..row + hidden].copy_from_slice(h);
        }
    }

    /// Writes the last cell states behind the outputs.
    pub fn finish(self) {
        let (hidden, rows) = (self.geometry.hidden, self.geometry.rows());
        if self.geometry.cell == Cell::Lstm && hidden > 0 {
            let outputs = self.place.out.chunks_exact_mut(rows * hidden);
            for (out, c) in outputs.zip(self.c.chunks(hidden)) {
                out[(rows - 1) * hidden..].copy_from_slice(c);
            }
        }
    }
}

/// The numbers of one example in one step.
struct Step<'a, E> {
    pre: &'a [E],
    sums: &'a [E],
    gates: &'a mut [E],
    /// The hidden state.
    h: &'a mut [E],
    /// What the way back needs besides the gates.
    inner: &'a mut [E],
}

struct Lstm<'a, E> {
    step: Step<'a, E>,
    /// The cell state.
    c: &'a mut [E],
}

struct Gru<'a, E> {
    step: Step<'a, E>,
}

/// The gates of one kind: `sums` are added to what the input gave.
#[inline(always)]
fn squash<E: Real>(gate: &mut [E], pre: &[E], sums: &[E], f: impl Fn(E) -> E) {
    for ((gate, &x), &sum) in gate.iter_mut().zip(pre).zip(sums) {
        *gate = f(x + sum);
    }
}

/// Slices of the same length, one for each gate.
#[inline(always)]
fn parts<const N: usize, E>(all: &[E], hidden: usize) -> [&[E]; N] {
    std::array::from_fn(|gate| &all[gate * hidden..][..hidden])
}

/// The same to write to.
#[inline(always)]
fn parts_mut<const N: usize, E>(all: &mut [E], hidden: usize) -> [&mut [E]; N] {
    let mut rest = all;
    std::array::from_fn(|_| {
        let (part, behind) = std::mem::take(&mut rest).split_at_mut(hidden);
        rest = behind;
        part
    })
}

impl<E: Real> Kernel for Lstm<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Step {
            pre,
            sums,
            gates,
            h,
            inner,
        } = self.step;
        let hidden = h.len();
        let (pre, sums) = (parts::<4, E>(pre, hidden), parts::<4, E>(sums, hidden));
        let [i, f, g, o] = parts_mut(gates, hidden);
        squash(i, pre[0], sums[0], |x| x.sigmoid());
        squash(f, pre[1], sums[1], |x| x.sigmoid());
        squash(g, pre[2], sums[2], tanh);
        squash(o, pre[3], sums[3], |x| x.sigmoid());
        let c = &mut self.c[..hidden];
        for j in 0..hidden {
            c[j] = f[j] * c[j] + i[j] * g[j];
        }
        inner.copy_from_slice(c);
        for ((h, &c), &o) in h.iter_mut().zip(&*c).zip(&*o) {
            *h = o * tanh(c);
        }
    }
}

impl<E: Real> Kernel for Gru<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Step {
            pre,
            sums,
            gates,
            h,
            inner,
        } = self.step;
        let hidden = h.len();
        let (pre, sums) = (parts::<3, E>(pre, hidden), parts::<3, E>(sums, hidden));
        let [r, z, n] = parts_mut(gates, hidden);
        squash(r, pre[0], sums[0], |x| x.sigmoid());
        squash(z, pre[1], sums[1], |x| x.sigmoid());
        inner.copy_from_slice(sums[2]);
        for (((n, &x), &r), &sum) in n.iter_mut().zip(pre[2]).zip(&*r).zip(sums[2]) {
            *n = tanh(x + r * sum);
        }
        for ((h, &n), &z) in h.iter_mut().zip(&*n).zip(&*z) {
            *h = (E::one() - z) * n + z * *h;
        }
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
    /// Examples in the group.
    count: usize,
    /// Of what the input gave, at all steps.
    pre: &'a mut [E],
    /// Of a GRU's hidden products, at all steps; an LSTM's are those of `pre`.
    products: &'a mut [E],
}

impl<'a, E: Real> StepBack<'a, E> {
    /// `pre` and `products` are where the gradients of these examples are written.
    pub fn new(
        geometry: &'a RecurrentGeometry,
        first: usize,
        count: usize,
        g: &[E],
        [pre, products]: [&'a mut [E]; 2],
    ) -> Self {
        let hidden = geometry.hidden;
        let mut dc = vec![E::zero(); count * hidden];
        if geometry.cell == Cell::Lstm {
            for n in 0..count {
                let last = ((first + n) * geometry.rows() + geometry.steps) * hidden;
                dc[n * hidden..(n + 1) * hidden].copy_from_slice(&g[last..last + hidden]);
            }
        }
        Self {
            geometry,
            first,
            dh: vec![E::zero(); count * hidden],
            dc,
            count,
            pre,
            products,
        }
    }

    /// The gradients of the `i`th step's hidden products, `(examples, gates·hidden)`.
    pub fn hidden(&self, i: usize) -> Matrix<'_, E> {
        let (width, all) = (self.geometry.width(), self.geometry.steps);
        let of_step = &self.products()[self.geometry.step(i) * width..];
        Matrix::strided(of_step, self.count, width, all * width, 1)
    }

    fn products(&self) -> &[E] {
        match self.geometry.cell {
            Cell::Lstm => self.pre,
            Cell::Gru => self.products,
        }
    }

    /// Adds to the gradient of the hidden state before this step.
    pub fn add_to_state(&mut self, terms: &[E]) {
        super::add(&mut self.dh, terms);
    }

    /// Back through the gates of the `i`th step that was done.
    pub fn step(
        &mut self,
        isa: Isa,
        i: usize,
        [h, c]: [&[E]; 2],
        out: &[E],
        trace: &Trace<E>,
        g: &[E],
    ) {
        let geometry = self.geometry;
        let (hidden, width, t) = (geometry.hidden, geometry.width(), geometry.step(i));
        if hidden == 0 {
            return;
        }
        let zeros = vec![E::zero(); hidden];
        for n in 0..self.count {
            let example = self.first + n;
            let (at, row) = (example * geometry.steps + t, example * geometry.rows() + t);
            let gates = &trace.gates[at * width..][..width];
            let dh = &mut self.dh[n * hidden..][..hidden];
            super::add(dh, &g[row * hidden..][..hidden]);
            let local = (n * geometry.steps + t) * width;
            let d_pre = &mut self.pre[local..local + width];
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
                    isa.run(LstmBack {
                        gates,
                        after: inner,
                        before: before.unwrap_or(&zeros),
                        dh,
                        dc,
                        d_pre,
                    });
                }
                Cell::Gru => {
                    let before = state_before(geometry, h, out, example, i).unwrap_or(&zeros);
                    let d_hidden = &mut self.products[local..local + width];
                    isa.run(GruBack {
                        gates,
                        product: inner,
                        before,
                        dh,
                        d_pre,
                        d_hidden,
                    });
                }
            }
        }
    }

    /// The gradients of the initial states.
    pub fn finish(self) -> [Vec<E>; 2] {
        [self.dh, self.dc]
    }
}

/// Leaves in `dh` nothing but what the products add, and in `dc` the gradient of the cell state before.
struct LstmBack<'a, E> {
    gates: &'a [E],
    after: &'a [E],
    before: &'a [E],
    dh: &'a mut [E],
    dc: &'a mut [E],
    d_pre: &'a mut [E],
}

impl<E: Real> Kernel for LstmBack<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (hidden, one) = (self.dh.len(), E::one());
        let [i, f, g, o] = parts(self.gates, hidden);
        let [d_i, d_f, d_g, d_o] = parts_mut(self.d_pre, hidden);
        let (after, before) = (&self.after[..hidden], &self.before[..hidden]);
        let (dh, dc) = (&mut self.dh[..hidden], &mut self.dc[..hidden]);
        for j in 0..hidden {
            let t = tanh(after[j]);
            let d_c = dc[j] + dh[j] * o[j] * (one - t * t);
            d_i[j] = d_c * g[j] * i[j] * (one - i[j]);
            d_f[j] = d_c * before[j] * f[j] * (one - f[j]);
            d_g[j] = d_c * i[j] * (one - g[j] * g[j]);
            d_o[j] = dh[j] * t * o[j] * (one - o[j]);
            dc[j] = d_c * f[j];
            dh[j] = E::zero();
        }
    }
}

/// Leaves in `dh` what goes to the state before without the products.
struct GruBack<'a, E> {
    gates: &'a [E],
    product: &'a [E],
    before: &'a [E],
    dh: &'a mut [E],
    d_pre: &'a mut [E],
    d_hidden: &'a mut [E],
}

impl<E: Real> Kernel for GruBack<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (hidden, one) = (self.dh.len(), E::one());
        let [r, z, n] = parts(self.gates, hidden);
        let [r_pre, z_pre, n_pre] = parts_mut(self.d_pre, hidden);
        let [r_sum, z_sum, n_sum] = parts_mut(self.d_hidden, hidden);
        let (product, before) = (&self.product[..hidden], &self.before[..hidden]);
        let dh = &mut self.dh[..hidden];
        for j in 0..hidden {
            let d_n = dh[j] * (one - z[j]) * (one - n[j] * n[j]);
            let d_r = d_n * product[j] * r[j] * (one - r[j]);
            let d_z = dh[j] * (before[j] - n[j]) * z[j] * (one - z[j]);
            (r_pre[j], z_pre[j], n_pre[j]) = (d_r, d_z, d_n);
            (r_sum[j], z_sum[j], n_sum[j]) = (d_r, d_z, d_n * r[j]);
            dh[j] = dh[j] * z[j];
        }
    }
}
