//! Average pooling with padding counted as zeros: the sum under a window divided by its full size.

use super::window::Pool2dGeometry;
use crate::kernels::parallel::{for_each_chunk, is_large_pass};
use crate::kernels::real::Real;

/// y = Σ x under the window / kernel².
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
    let cells = window_cells::<E>(geometry);
    let taps = geometry.taps(width);
    y.fill(E::zero());
    for (oy, row) in y.chunks_mut(width).enumerate() {
        for iy in geometry.under(oy, geometry.height) {
            let x = &x[iy * geometry.width..(iy + 1) * geometry.width];
            for (reached, first) in &taps {
                let x = x[*first..].iter().step_by(geometry.stride);
                for (sum, &value) in row[reached.clone()].iter_mut().zip(x) {
                    *sum += value;
                }
            }
        }
        row.iter_mut().for_each(|sum| *sum = *sum / cells);
    }
}

/// dx += g / kernel² at every element under the window.
///
/// # Panics
///
/// As [`forward`].
pub fn backward<E: Real>(geometry: &Pool2dGeometry, g: &[E], dx: &mut [E]) {
    let [input, output] = geometry.check(dx.len(), g.len());
    let cells = window_cells::<E>(geometry);
    let parallel = is_large_pass(g.len() * geometry.kernel * geometry.kernel);
    for_each_chunk(dx, input, parallel, |plane, dx| {
        let g = &g[plane * output..(plane + 1) * output];
        for (&g, (rows, columns)) in g.iter().zip(geometry.windows()) {
            let share = g / cells;
            for y in rows {
                let row = &mut dx[y * geometry.width..(y + 1) * geometry.width];
                row[columns.clone()].iter_mut().for_each(|dx| *dx += share);
            }
        }
    });
}

/// kernel², the divisor.
fn window_cells<E: Real>(geometry: &Pool2dGeometry) -> E {
    E::narrow((geometry.kernel * geometry.kernel) as f64)
}

/// Average pooling window by window.
#[cfg(test)]
mod reference {
    use super::*;

    pub fn forward<E: Real>(geometry: &Pool2dGeometry, x: &[E], y: &mut [E]) {
        let plane = geometry.height * geometry.width;
        let windows = geometry.windows().count().max(1);
        for (x, y) in x.chunks(plane).zip(y.chunks_mut(windows)) {
            for (y, (rows, columns)) in y.iter_mut().zip(geometry.windows()) {
                let mut sum = E::zero();
                for row in rows {
                    for column in columns.clone() {
                        sum += x[row * geometry.width + column];
                    }
                }
                *y = sum / window_cells(geometry);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_same_bits, numbers, with_one_and_two_threads};

    fn check<E: Real>(geometry: &Pool2dGeometry) {
        let x = numbers::<E>(1, geometry.input_len());
        let g = numbers::<E>(2, geometry.output_len());
        let mut want = vec![E::zero(); g.len()];
        reference::forward(geometry, &x, &mut want);
        let passes = with_one_and_two_threads(|| {
            let (mut y, mut dx) = (vec![E::one(); g.len()], vec![E::zero(); x.len()]);
            forward(geometry, &x, &mut y);
            backward(geometry, &g, &mut dx);
            (y, dx)
        });
        for (y, dx) in &passes {
            assert_same_bits(y, &want, "y");
            assert_same_bits(dx, &passes[0].1, "dx");
            // The operation is linear, so ⟨g, forward(x)⟩ = ⟨backward(g), x⟩.
            let dot = |a: &[E], b: &[E]| -> f64 {
                a.iter().zip(b).map(|(a, b)| a.widen() * b.widen()).sum()
            };
            let bound = 4.0 * E::epsilon().widen() * (x.len() as f64 + 1.0);
            assert!((dot(&g, y) - dot(dx, &x)).abs() <= bound, "{geometry:?}");
        }
    }

    #[test]
    fn agrees_with_the_reference_and_its_own_transpose() {
        for geometry in Pool2dGeometry::grid() {
            check::<f32>(&geometry);
            check::<f64>(&geometry);
        }
    }

    #[test]
    fn padding_counts_as_zeros_and_gradients_accumulate() {
        let geometry = Pool2dGeometry {
            planes: 1,
            height: 1,
            width: 2,
            kernel: 2,
            stride: 1,
            padding: 1,
        };
        let (mut y, mut dx) = ([0.0; 6], [1.0; 2]);
        forward(&geometry, &[4.0_f32, 8.0], &mut y);
        assert_eq!(y, [1.0, 3.0, 2.0, 1.0, 3.0, 2.0]);
        backward(&geometry, &[4.0, 0.0, 0.0, 0.0, 0.0, 8.0], &mut dx);
        assert_eq!(dx, [2.0, 3.0]);
    }
}
