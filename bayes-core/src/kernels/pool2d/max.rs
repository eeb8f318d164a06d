//! Max pooling: the largest element under each window.
//!
//! Padding never wins, NaN wins over every number, and of equal elements the first one in row order
//! gets the gradient.

use std::ops::Range;

use super::window::Pool2dGeometry;
use crate::kernels::parallel::{for_each_chunk, is_large_pass};
use crate::kernels::real::Real;

/// y = the largest element of x under each window.
///
/// # Panics
///
/// If `geometry` is not valid (see [`Pool2dGeometry::validated`]) or a slice has the wrong length.
pub fn forward<E: Real>(geometry: &Pool2dGeometry, x: &[E], y: &mut [E]) {
    let [input, output] = geometry.check(x.len(), y.len());
    let parallel = is_large_pass(y.len() * geometry.kernel * geometry.kernel);
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
    (value > best) | value.is_nan()
}

/// dx += g at the element that won its window, found again from x.
///
/// # Panics
///
/// As [`forward`].
pub fn backward<E: Real>(geometry: &Pool2dGeometry, x: &[E], g: &[E], dx: &mut [E]) {
    let [input, output] = geometry.check(x.len(), g.len());
    assert_eq!(dx.len(), x.len(), "pooling: length of dx");
    let parallel = is_large_pass(g.len() * geometry.kernel * geometry.kernel);
    for_each_chunk(dx, input, parallel, |plane, dx| {
        let x = &x[plane * input..(plane + 1) * input];
        let g = &g[plane * output..(plane + 1) * output];
        if geometry.is_halving() {
            return backward_halving(geometry.width, x, g, dx);
        }
        for (&g, (rows, columns)) in g.iter().zip(geometry.windows()) {
            dx[winner(x, geometry.width, rows, columns)] += g;
        }
    });
}

/// One plane with windows of 2 × 2 side by side, the usual ones: each of the four elements gets the gradient or 0.
fn backward_halving<E: Real>(width: usize, x: &[E], g: &[E], dx: &mut [E]) {
    let pairs = x
        .chunks_exact(2 * width)
        .zip(dx.chunks_exact_mut(2 * width));
    for ((x, dx), g) in pairs.zip(g.chunks_exact(width / 2)) {
        let ([top, bottom], [d_top, d_bottom]) = (
            [&x[..width], &x[width..]].map(|x| x.as_chunks::<2>().0),
            <[&mut [E]; 2]>::from(dx.split_at_mut(width)).map(|dx| dx.as_chunks_mut::<2>().0),
        );
        let x = top.iter().zip(bottom);
        let dx = d_top.iter_mut().zip(d_bottom);
        for ((&g, (top, bottom)), (d_top, d_bottom)) in g.iter().zip(x).zip(dx) {
            let (mut best, mut winner) = (top[0], 0);
            for (i, &value) in [top[1], bottom[0], bottom[1]].iter().enumerate() {
                let wins = wins(value, best);
                best = if wins { value } else { best };
                winner = if wins { i + 1 } else { winner };
            }
            let of = |i: usize| if winner == i { g } else { E::zero() };
            d_top[0] += of(0);
            d_top[1] += of(1);
            d_bottom[0] += of(2);
            d_bottom[1] += of(3);
        }
    }
}

/// The index of the element that wins a window of at least one element.
///
/// Which one wins is no question that a processor could guess: every element is looked at, and none is jumped to.
fn winner<E: Real>(x: &[E], width: usize, rows: Range<usize>, columns: Range<usize>) -> usize {
    let mut winner = rows.start * width + columns.start;
    let mut best = x[winner];
    for y in rows {
        let start = y * width + columns.start;
        for (i, &value) in x[start..y * width + columns.end].iter().enumerate() {
            let wins = wins(value, best);
            best = std::hint::select_unpredictable(wins, value, best);
            winner = std::hint::select_unpredictable(wins, start + i, winner);
        }
    }
    winner
}

/// Max pooling window by window.
#[cfg(test)]
mod reference {
    use super::*;

    fn winner<E: Real>(x: &[E], width: usize, rows: Range<usize>, columns: Range<usize>) -> usize {
        let mut best = rows.start * width + columns.start;
        for y in rows {
            for i in y * width + columns.start..y * width + columns.end {
                if x[i] > x[best] || x[i].is_nan() {
                    best = i;
                }
            }
        }
        best
    }

    pub fn backward<E: Real>(geometry: &Pool2dGeometry, x: &[E], g: &[E], dx: &mut [E]) {
        let plane = geometry.height * geometry.width;
        let windows = geometry.windows().count().max(1);
        let planes = x.chunks(plane).zip(g.chunks(windows));
        for ((x, g), dx) in planes.zip(dx.chunks_mut(plane)) {
            for (&g, (rows, columns)) in g.iter().zip(geometry.windows()) {
                dx[winner(x, geometry.width, rows, columns)] += g;
            }
        }
    }

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
        // Whole numbers, whose sums are exact in any order.
        let whole = |v: E| (v * E::narrow(9.0)).round();
        let g: Vec<E> = numbers::<E>(2, want.len()).into_iter().map(whole).collect();
        let mut want_dx = vec![E::one(); x.len()];
        reference::backward(geometry, &x, &g, &mut want_dx);
        let passes = with_one_and_two_threads(|| {
            let (mut y, mut dx) = (vec![E::zero(); want.len()], vec![E::one(); x.len()]);
            forward(geometry, &x, &mut y);
            backward(geometry, &x, &g, &mut dx);
            (y, dx)
        });
        for (y, dx) in passes {
            assert_same_bits(&y, &want, "y");
            assert_same_bits(&dx, &want_dx, "dx");
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
