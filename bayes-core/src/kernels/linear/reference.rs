//! The linear layer as plain loops, to test the fast one against.

use super::LinearGeometry;
use crate::kernels::real::Real;

/// y = x·Wᵀ + b.
pub fn forward<E: Real>(
    geometry: &LinearGeometry,
    x: &[E],
    weight: &[E],
    bias: Option<&[E]>,
    y: &mut [E],
) {
    let LinearGeometry {
        rows,
        inputs,
        outputs,
    } = *geometry;
    for r in 0..rows {
        for o in 0..outputs {
            let mut sum = bias.map_or(E::zero(), |bias| bias[o]);
            for i in 0..inputs {
                sum += x[r * inputs + i] * weight[o * inputs + i];
            }
            y[r * outputs + o] = sum;
        }
    }
}

/// dx += g·W, dW += gᵀ·x and db += column sums of g.
pub fn backward<E: Real>(
    geometry: &LinearGeometry,
    x: &[E],
    weight: &[E],
    g: &[E],
    dx: &mut [E],
    dw: &mut [E],
    db: &mut [E],
) {
    let LinearGeometry {
        rows,
        inputs,
        outputs,
    } = *geometry;
    for r in 0..rows {
        for o in 0..outputs {
            let g = g[r * outputs + o];
            db[o] += g;
            for i in 0..inputs {
                dx[r * inputs + i] += g * weight[o * inputs + i];
                dw[o * inputs + i] += g * x[r * inputs + i];
            }
        }
    }
}
