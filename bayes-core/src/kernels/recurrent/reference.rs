//! The recurrent layers as plain loops over examples, steps and gates, to test the fast ones against.

use super::{Cell, HiddenProduct, RecurrentGeometry};
use crate::kernels::real::Real;

/// See [`forward`](super::forward).
pub fn forward<E: Real>(
    geometry: &RecurrentGeometry,
    pre: &[E],
    products: &[HiddenProduct<'_, E>],
    [h, c]: [&[E]; 2],
    out: &mut [E],
) {
    let (hidden, width) = (geometry.hidden, geometry.width());
    for n in 0..geometry.batch {
        let start = |state: &[E]| match state {
            [] => vec![E::zero(); hidden],
            state => state[n * hidden..(n + 1) * hidden].to_vec(),
        };
        let (mut h, mut c) = (start(h), start(c));
        for i in 0..geometry.steps {
            let t = if geometry.reverse {
                geometry.steps - 1 - i
            } else {
                i
            };
            let sum = |row: usize| {
                let of = |product: &HiddenProduct<'_, E>| {
                    let sign = |side: usize, width: usize, k: usize| {
                        product
                            .signs
                            .map_or(E::one(), |signs| signs[side][n * width + k])
                    };
                    let mut sum = E::zero();
                    for (k, &h) in h.iter().enumerate() {
                        sum += product.weight[row * hidden + k] * h * sign(0, hidden, k);
                    }
                    (sum + product.bias.get(row).copied().unwrap_or(E::zero()))
                        * sign(1, width, row)
                };
                products.iter().map(of).fold(E::zero(), |a, b| a + b)
            };
            let at = |row: usize| pre[(n * geometry.steps + t) * width + row];
            let sigmoid = |x: E| E::one() / (E::one() + (-x).exp());
            let next: Vec<E> = (0..hidden)
                .map(|j| match geometry.cell {
                    Cell::Lstm => {
                        let gate = |gate: usize| at(gate * hidden + j) + sum(gate * hidden + j);
                        c[j] = sigmoid(gate(1)) * c[j] + sigmoid(gate(0)) * gate(2).tanh();
                        sigmoid(gate(3)) * c[j].tanh()
                    }
                    Cell::Gru => {
                        let gate = |gate: usize| at(gate * hidden + j) + sum(gate * hidden + j);
                        let (r, z) = (sigmoid(gate(0)), sigmoid(gate(1)));
                        let n = (at(2 * hidden + j) + r * sum(2 * hidden + j)).tanh();
                        (E::one() - z) * n + z * h[j]
                    }
                })
                .collect();
            h = next;
            let row = (n * geometry.rows() + t) * hidden;
            out[row..row + hidden].copy_from_slice(&h);
        }
        if geometry.cell == Cell::Lstm {
            let row = (n * geometry.rows() + geometry.steps) * hidden;
            out[row..row + hidden].copy_from_slice(&c);
        }
    }
}
