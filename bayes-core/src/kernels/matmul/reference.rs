//! The product as three plain loops, to test the fast one against.

use super::{Matrix, MatrixMut, Write};
use crate::kernels::real::Real;

/// C (+)= A·B, element by element.
///
/// # Panics
///
/// If the dimensions disagree.
pub fn matmul<E: Real>(a: Matrix<'_, E>, b: Matrix<'_, E>, mut c: MatrixMut<'_, E>, write: Write) {
    let dimensions = (a.rows(), a.columns(), b.columns());
    assert_eq!(
        dimensions,
        (c.rows(), b.rows(), c.columns()),
        "matmul: dimensions"
    );
    for i in 0..a.rows() {
        for j in 0..b.columns() {
            let target = &mut c.row_mut(i, j..j + 1)[0];
            let mut sum = if write == Write::Accumulate {
                *target
            } else {
                E::zero()
            };
            for k in 0..a.columns() {
                sum += a.at(i, k) * b.at(k, j);
            }
            *target = sum;
        }
    }
}
