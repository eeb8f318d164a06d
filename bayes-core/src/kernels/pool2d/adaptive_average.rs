//! Adaptive average pooling: the mean over bins that divide a plane into a given number of parts.
//!
//! Bin i of `parts` along `size` cells is ⌊i·size/parts⌋ up to ⌈(i+1)·size/parts⌉; neighbouring bins
//! may share cells.

use std::ops::Range;

use crate::kernels::parallel::{for_each_chunk, is_large_pass};
use crate::kernels::real::Real;

/// The sizes of an adaptive pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdaptivePool2dGeometry {
    /// Batch · channels.
    pub planes: usize,
    /// Input height and width, at least 1.
    pub input: [usize; 2],
    /// Output height and width.
    pub output: [usize; 2],
}

impl AdaptivePool2dGeometry {
    /// The bins of a plane in output order: rows and columns of the input.
    fn bins(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + use<> {
        let Self { input, output, .. } = *self;
        (0..output[0]).flat_map(move |y| {
            let rows = bin(y, input[0], output[0]);
            (0..output[1]).map(move |x| (rows.clone(), bin(x, input[1], output[1])))
        })
    }

    /// Checks lengths and returns those of an input and an output plane.
    fn check(&self, input_len: usize, output_len: usize) -> [usize; 2] {
        let [input, output] = [self.input, self.output].map(|[height, width]| height * width);
        assert!(input > 0, "adaptive pooling: the input has no cells");
        assert_eq!(
            input_len,
            self.planes * input,
            "adaptive pooling: length of the input"
        );
        assert_eq!(
            output_len,
            self.planes * output,
            "adaptive pooling: length of the output"
        );
        [input, output]
    }
}

/// The cells of bin `i`.
fn bin(i: usize, size: usize, parts: usize) -> Range<usize> {
    i * size / parts..((i + 1) * size).div_ceil(parts)
}

/// y = the mean of x over each bin.
///
/// # Panics
///
/// If the input has no cells or a slice has the wrong length.
pub fn forward<E: Real>(geometry: &AdaptivePool2dGeometry, x: &[E], y: &mut [E]) {
    let [input, output] = geometry.check(x.len(), y.len());
    let width = geometry.input[1];
    for_each_chunk(y, output, is_large_pass(x.len()), |plane, y| {
        let x = &x[plane * input..(plane + 1) * input];
        for (y, (rows, columns)) in y.iter_mut().zip(geometry.bins()) {
            let cells = E::narrow((rows.len() * columns.len()) as f64);
            let row_sum = |row: usize| -> E {
                x[row * width + columns.start..row * width + columns.end]
                    .iter()
                    .copied()
                    .sum()
            };
            *y = rows.map(row_sum).sum::<E>() / cells;
        }
    });
}

/// dx += g / (cells of the bin) at every cell of the bin.
///
/// # Panics
///
/// As [`forward`].
pub fn backward<E: Real>(geometry: &AdaptivePool2dGeometry, g: &[E], dx: &mut [E]) {
    let [input, output] = geometry.check(dx.len(), g.len());
    let width = geometry.input[1];
    let parallel = is_large_pass(dx.len());
    for_each_chunk(dx, input, parallel, |plane, dx| {
        let g = &g[plane * output..(plane + 1) * output];
        for (&g, (rows, columns)) in g.iter().zip(geometry.bins()) {
            let share = g / E::narrow((rows.len() * columns.len()) as f64);
            for row in rows {
                let cells = &mut dx[row * width + columns.start..row * width + columns.end];
                cells.iter_mut().for_each(|dx| *dx += share);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_all_close, numbers};

    /// Cell `at` lies in bin `i` if its interval [at, at+1) and [i·size/parts, (i+1)·size/parts)
    /// overlap.
    fn covers(i: usize, at: usize, size: usize, parts: usize) -> bool {
        at * parts < (i + 1) * size && i * size < (at + 1) * parts
    }

    /// Cells of one bin, found by asking every cell of the plane.
    fn cells(geometry: &AdaptivePool2dGeometry, position: usize) -> Vec<usize> {
        let ([height, width], [rows, columns]) = (geometry.input, geometry.output);
        let inside = |&cell: &usize| {
            covers(position / columns, cell / width, height, rows)
                && covers(position % columns, cell % width, width, columns)
        };
        (0..height * width).filter(inside).collect()
    }

    fn check<E: Real>(geometry: &AdaptivePool2dGeometry) {
        let [input, output] = [geometry.input, geometry.output].map(|[h, w]| h * w);
        let x = numbers::<E>(1, geometry.planes * input);
        let g = numbers::<E>(2, geometry.planes * output);
        let (mut want_y, mut want_dx) = (vec![E::zero(); g.len()], vec![E::one(); x.len()]);
        for i in 0..g.len() {
            let (plane, position) = (i / output * input, i % output);
            let cells = cells(geometry, position);
            let count = E::narrow(cells.len() as f64);
            for cell in cells {
                want_y[i] += x[plane + cell] / count;
                want_dx[plane + cell] += g[i] / count;
            }
        }
        let (mut y, mut dx) = (vec![E::one(); g.len()], vec![E::one(); x.len()]);
        forward(geometry, &x, &mut y);
        backward(geometry, &g, &mut dx);
        assert_all_close(&y, &want_y, 16.0, "y");
        assert_all_close(&dx, &want_dx, 16.0, "dx");
    }

    #[test]
    fn agrees_with_the_definition_of_the_bins() {
        for (planes, input, output) in [
            (0, [2, 2], [1, 1]),
            (3, [9, 8], [1, 1]),
            (2, [7, 5], [3, 2]),
            (2, [3, 4], [5, 7]),
            (1, [8, 8], [4, 4]),
            (2, [3, 3], [0, 2]),
        ] {
            let geometry = AdaptivePool2dGeometry {
                planes,
                input,
                output,
            };
            check::<f32>(&geometry);
            check::<f64>(&geometry);
        }
    }
}
