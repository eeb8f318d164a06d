//! Max pooling: the largest element under each window.
//!
//! Padding never wins, NaN wins over every number, and of equal elements the first one in row order
//! gets the gradient.

use std::ops::Range;

use super::window::Pool2dGeometry;
use crate::kernels::parallel::{for_each_chunk, is_large};
use crate::kernels::real::Real;

/// y = the largest element of x under each window.
///
/// # Panics
///
/// If `geometry` is not valid (see [`Pool2dGeometry::validated`]) or a slice has the wrong length.
pub fn forward<E: Real>(geometry: &Pool2dGeometry, x: &[E], y: &mut [E]) {
    let [input, output] = geometry.check(x.len(), y.len());
    let parallel = is_large(y.len() * geometry.kernel * geometry.kernel);
    for_each_chunk(y, output, parallel, |plane, y| {
        forward_plane(geometry, &x[plane * input..(plane + 1) * input], y);
    });
}

/// One plane, tap by tap over whole output rows.
fn forward_plane<E: Real>(geometry: &Pool2dGeometry, x: &[E], y: &mut [E]) {
    let width = geometry.out_width().unwrap_or(0);
    let taps = geometry.taps(width);
    y.fill(E::neg_infinity());
    for (oy, row) in y.chunks_mut(width).enumerate() {
        for iy in geometry.under(oy, geometry.height) {
            let x = &x[iy * geometry.width..(iy + 1) * geometry.width];
            for (reached, first) in &taps {
                let x = x[*first..].iter().step_by(geometry.stride);
                for (best, &value) in row[reached.clone()].iter_mut().zip(x) {
                    *best = if wins(value, *best) { value } else { *best };
                }
            }
        }
    }
}

/// Whether a later element replaces the best so far.
#[inline(always)]
fn wins<E: Real>(value: E, best: E) -> bool {
    value > best || value.is_nan()
}

/// dx += g at the element that won its window, found again from x.
///
/// # Panics
///
/// As [`forward`].
pub fn backward<E: Real>(geometry: &Pool2dGeometry, x: &[E], g: &[E], dx: &mut [E]) {
    let [input, output] = geometry.check(x.len(), g.len());
    assert_eq!(dx.len(), x.len(), "pooling: length of dx");
    let parallel = is_large(g.len() * geometry.kernel * geometry.kernel);
    for_each_chunk(dx, input, parallel, |plane, dx| {
        let x = &x[plane * input..(plane + 1) * input];
        let g = &g[plane * output..(plane + 1) * output];
        for (&g, (rows, columns)) in g.iter().zip(geometry.windows()) {
            dx[winner(x, geometry.width, rows, columns)] += g;
        }
    });
}

/// The index of the element that wins a window of at least one element.
fn winner<E: Real>(x: &[E], width: usize, rows: Range<usize>, columns: Range<usize>) -> usize {
    let mut best = rows.start * width + columns.start;
    for y in rows {
        for i in y * width + columns.start..y * width + columns.end {
            if wins(x[i], x[best]) {
                best = i;
            }
        }
    }
    best
}

/// Max pooling window by window.
#[cfg(test)]
mod reference {
    use super::*;

    pub fn forward<E: Real>(geometry: &Pool2dGeometry, x: &[E], y: &mut [E]) {
        let plane = geometry.height * geometry.width;
        let windows = geometry.windows().count().max(1);
        for (x, y) in x.chunks(plane).zip(y.chunks_mut(windows)) {
            for (y, (rows, columns)) in y.iter_mut().zip(geometry.windows()) {
                *y = x[winner(x, geometry.width, rows, columns)];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_same_bits, numbers, with_one_and_two_threads};

    fn check<E: Real>(geometry: &Pool2dGeometry) {
        // Few different values, so that there are ties.
        let x: Vec<E> = numbers::<E>(1, geometry.input_len())
            .iter()
            .map(|v| (*v * E::narrow(4.0)).round())
            .collect();
        let mut want = vec![E::zero(); geometry.output_len()];
        reference::forward(geometry, &x, &mut want);
        let passes = with_one_and_two_threads(|| {
            let (mut y, mut dx) = (vec![E::zero(); want.len()], vec![E::zero(); x.len()]);
            forward(geometry, &x, &mut y);
            backward(geometry, &x, &vec![E::one(); y.len()], &mut dx);
            (y, dx)
        });
        for (y, dx) in passes {
            assert_same_bits(&y, &want, "y");
            let total: E = dx.iter().copied().sum();
            assert_eq!(
                total.widen(),
                y.len() as f64,
                "every window sends its gradient once"
            );
        }
    }

    #[test]
    fn agrees_with_the_reference() {
        for geometry in Pool2dGeometry::grid() {
            check::<f32>(&geometry);
            check::<f64>(&geometry);
        }
    }

    #[test]
    fn ties_go_to_the_first_and_nan_wins() {
        let geometry = Pool2dGeometry {
            planes: 1,
            height: 2,
            width: 4,
            kernel: 2,
            stride: 2,
            padding: 0,
        };
        let x = [1.0_f32, 3.0, 9.0, f32::NAN, 3.0, 3.0, 0.0, 8.0];
        let (mut y, mut dx) = ([0.0; 2], [0.5; 8]);
        forward(&geometry, &x, &mut y);
        assert!(y[0] == 3.0 && y[1].is_nan());
        backward(&geometry, &x, &[1.0, 2.0], &mut dx);
        assert_eq!(dx, [0.5, 1.5, 0.5, 2.5, 0.5, 0.5, 0.5, 0.5]);
    }

    #[test]
    fn padding_never_wins() {
        let geometry = Pool2dGeometry {
            planes: 1,
            height: 1,
            width: 1,
            kernel: 3,
            stride: 1,
            padding: 1,
        };
        let mut y = [0.0];
        forward(&geometry, &[-5.0_f32], &mut y);
        assert_eq!(y, [-5.0]);
    }
}
