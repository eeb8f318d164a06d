//! The steps of a recurrent layer in integers: the hidden state is stored like any other value, the gates are f32.

use super::block::{Block, Data};
use super::byte::{Byte, Pieces};
use super::machine::{Pass, add_bias};
use super::product::{Drawn, Operands, Ready};
use crate::kernels::recurrent::Cell;
use crate::plan::{Form, Function, Recurrence};

/// The functions of the gates as straight pieces, the same on every processor.
#[derive(Clone, Debug)]
pub(super) struct Gates {
    sigmoid: Pieces,
    tanh: Pieces,
}

impl Default for Gates {
    fn default() -> Self {
        let sigmoid = Function::new("sigmoid", |x| 1.0 / (1.0 + libm::exp(-x)));
        let tanh = Function::new("tanh", libm::tanh);
        // Beyond these ends both are constant to the last bit that 16 bits of storage would show.
        Self {
            sigmoid: Pieces::of(sigmoid, -16.0, 16.0),
            tanh: Pieces::of(tanh, -8.0, 8.0),
        }
    }
}

impl Gates {
    /// All steps of `x`, which holds the input's products, from the hidden and the cell state: the hidden state after
    /// each. The states are then the last ones.
    pub fn run(
        &self,
        pass: &Pass<'_>,
        (recurrence, ready, drawn): (&Recurrence<Byte>, &Ready, &Drawn),
        x: &Block,
        [h, c]: [&mut [f32]; 2],
        y: &mut [f32],
    ) {
        let (hidden, steps) = (recurrence.hidden, x.form.positions());
        let width = x.form.channels();
        let pre = x.floats(pass.isa);
        let sizes = recurrence.sizes();
        let form = Form::Vector(width);
        let constant = self.constant(pass, recurrence, form, x.examples);
        for i in 0..steps {
            let t = if recurrence.reverse { steps - 1 - i } else { i };
            let state = Block {
                examples: x.examples,
                form: Form::Vector(hidden),
                data: Data::quantized(pass.isa, h, recurrence.state),
            };
            let of = Operands {
                isa: pass.isa,
                sizes: &sizes,
                weights: &recurrence.weights,
                x: &state,
                form,
                key: recurrence.weights.signs_key(pass.key),
            };
            let mut sums = constant.clone();
            ready.multiply(&of, drawn, &mut sums);
            for (n, sums) in sums.chunks_exact(width.max(1)).enumerate() {
                let at = n * steps + t;
                let pre = &pre[at * width..][..width];
                let (h, c) = (
                    &mut h[n * hidden..][..hidden],
                    &mut c[n * hidden..][..hidden],
                );
                match recurrence.cell {
                    Cell::Lstm => self.lstm(pre, sums, h, c),
                    Cell::Gru => self.gru(pre, sums, h),
                }
                y[at * hidden..][..hidden].copy_from_slice(h);
            }
        }
    }

    /// The hidden product's bias in the draw, for each example.
    fn constant(
        &self,
        pass: &Pass<'_>,
        recurrence: &Recurrence<Byte>,
        form: Form,
        examples: usize,
    ) -> Vec<f32> {
        let mut constant = vec![0.0; examples * form.len()];
        if let Some(bias) = &recurrence.bias {
            add_bias(pass, bias, form, &mut constant, &mut []);
        }
        constant
    }

    /// Gates i, f, g, o (Hochreiter and Schmidhuber 1997).
    fn lstm(&self, pre: &[f32], sums: &[f32], h: &mut [f32], c: &mut [f32]) {
        let hidden = h.len();
        let gate = |gate: usize, j: usize| pre[gate * hidden + j] + sums[gate * hidden + j];
        for (j, (h, c)) in h.iter_mut().zip(c).enumerate() {
            let [i, f, o] = [0, 1, 3].map(|of| self.sigmoid.at(gate(of, j)));
            *c = f * *c + i * self.tanh.at(gate(2, j));
            *h = o * self.tanh.at(*c);
        }
    }

    /// Gates r, z, n (Cho et al. 2014).
    fn gru(&self, pre: &[f32], sums: &[f32], h: &mut [f32]) {
        let hidden = h.len();
        for (j, h) in h.iter_mut().enumerate() {
            let [r, z] = [0, 1].map(|of| {
                self.sigmoid
                    .at(pre[of * hidden + j] + sums[of * hidden + j])
            });
            let n = self.tanh.at(pre[2 * hidden + j] + r * sums[2 * hidden + j]);
            *h = (1.0 - z) * n + z * *h;
        }
    }
}
