//! Windows of 3×3 that move by single steps, with a quarter of the multiplications (Winograd 1980; Lavin and Gray 2016).
//!
//! A tile of 4×4 outputs sees 6×6 inputs. Both, and the window, are polynomials of two variables: their product is found from
//! its values at 36 points, which takes one multiplication each instead of nine for each output. Values at the points are
//! Bᵀ·d·B of the inputs and G·g·Gᵀ of a window; Aᵀ·m·A gives the outputs. The points are 0, ±√½, ±√2 and ∞ along each axis, whose
//! numbers are of one size, so that few digits are lost. At one point the sum over input channels is a matrix product of weights
//! and tiles.

use super::Start;
use super::geometry::{Axis, ConvGeometry};
use crate::kernels::isa::{Isa, Kernel};
use crate::kernels::matmul::{LANES, Line, MatrixMut, STRIP, Write, multiply_strips};
use crate::kernels::parallel::{for_each_chunk_with, is_large};
use crate::kernels::real::Real;

/// Outputs of a tile along an axis.
const OUTPUTS: usize = 4;

/// Inputs of a tile along an axis, and points.
const INPUTS: usize = 6;

/// Taps of a window along an axis.
const TAPS: usize = 3;

/// Points in two dimensions.
const POINTS: usize = INPUTS * INPUTS;

/// Tiles of an example from which it pays for one example alone, for which the weights are taken to the points, too; and where
/// these are more than a thread keeps memory for.
const FEW_TILES: [usize; 2] = [16, 64];

/// Tiles of a batch from which it pays for the batch.
const MANY_TILES: usize = 32;

/// Channels from which the sums at the points outweigh the way to them and back: of 16 it takes as long as the other way.
const CHANNELS: usize = 24;

/// Strips' columns and lines that a thread keeps for later calls: a few MiB.
const KEPT: usize = 1 << 16;

/// The tiles of a convolution, in panels of [`LANES`].
#[derive(Debug)]
pub(super) struct Winograd {
    geometry: ConvGeometry,
    /// Rows of an input with zeros around it, up to whole tiles, and numbers of every fourth column in each.
    padded: [usize; 2],
    /// Examples of which the tiles share panels.
    together: usize,
    panels: Vec<Panel>,
}

/// Some tiles of the examples that are worked on together.
#[derive(Debug)]
struct Panel {
    tiles: usize,
    runs: Vec<Run>,
}

/// Tiles side by side.
#[derive(Clone, Copy, Debug)]
struct Run {
    example: usize,
    /// Where the first tile of the first channel begins in the padded input of the example, and in its output.
    source: usize,
    target: usize,
    /// Its place in the panel.
    lane: usize,
    /// 8, 4, 2 or 1.
    tiles: usize,
    /// Rows and columns that are outputs: the last tiles may reach beyond them.
    size: [usize; 2],
}

/// The rows and columns of tiles of an f32 image, for windows of 3×3 in single steps and enough channels for it to pay; else
/// `None`.
///
/// f64 keeps all its digits by the other way.
fn grid<E: Real>(geometry: &ConvGeometry) -> Option<[usize; 2]> {
    let [depth, height, width] = geometry.axes;
    let fits = |axis: &Axis| {
        [axis.kernel, axis.stride, axis.dilation] == [TAPS, 1, 1] && axis.padding < TAPS
    };
    let channels = geometry.in_channels.min(geometry.out_channels);
    let pays = size_of::<E>() == size_of::<f32>() && channels >= CHANNELS && geometry.groups == 1;
    if !pays || depth != Axis::NONE || !fits(&height) || !fits(&width) {
        return None;
    }
    let sides = [height.out()?, width.out()?];
    Some(sides.map(|side| side.div_ceil(OUTPUTS)))
}

impl Winograd {
    fn new(geometry: &ConvGeometry, grid: [usize; 2]) -> Self {
        let [_, height, width] = geometry.out_sides();
        let padded = [grid[0] * OUTPUTS + TAPS - 1, grid[1] + 1];
        let per_example = grid[0] * grid[1];
        let together = (LANES / per_example.max(1)).clamp(1, geometry.batch.max(1));
        Self {
            geometry: *geometry,
            padded,
            together,
            panels: panels([height, width], grid, padded, together),
        }
    }

    /// Where it pays for each example. A choice that looks at the batch would give an example other bits in another batch.
    pub fn of_example<E: Real>(geometry: &ConvGeometry) -> Option<Self> {
        let [small, large] = FEW_TILES;
        let length = strips(geometry.out_channels, geometry.in_channels);
        let least = if length <= KEPT { small } else { large };
        let grid = grid::<E>(geometry)?;
        (grid[0] * grid[1] >= least).then(|| Self::new(geometry, grid))
    }

    /// Where it pays for the batch.
    pub fn of_batch<E: Real>(geometry: &ConvGeometry) -> Option<Self> {
        let grid = grid::<E>(geometry)?;
        let tiles = grid[0] * grid[1] * geometry.batch;
        (tiles >= MANY_TILES).then(|| Self::new(geometry, grid))
    }

    /// Bᵀ·d·B, the products with `weights`, and Aᵀ·m·A, added to `start`.
    pub fn run<E: Real>(
        &self,
        isa: Isa,
        x: &[E],
        weights: &Weights<E>,
        start: Start<'_, E>,
        y: &mut [E],
    ) {
        let batch = self.geometry.batch.max(1);
        let [input, output] = [x.len() / batch, y.len() / batch];
        let [inputs, outputs] = [self.geometry.in_channels, self.geometry.out_channels];
        let padded = inputs * self.plane();
        let values = POINTS * stride(inputs);
        let buffers = || {
            let mut lines = E::take_lines();
            // What is read is written before.
            lines.resize(values + POINTS * stride(outputs), Line::zero());
            Buffers {
                padded: vec![E::zero(); self.together * padded],
                lines,
            }
        };
        let examples = |buffers: &mut Buffers<E>, group: usize, y: &mut [E]| {
            let first = group * self.together;
            let here = y.len() / output;
            let examples = x[first * input..].chunks(input).take(here);
            for (x, padded) in examples.zip(buffers.padded.chunks_mut(padded)) {
                isa.run(Pad {
                    axes: &self.geometry.axes,
                    x,
                    plane: self.plane(),
                    every_fourth: self.padded[1],
                    padded,
                });
            }
            let (values, products) = buffers.lines.split_at_mut(values);
            for panel in &self.panels {
                let runs = panel.runs.partition_point(|run| run.example < here);
                let runs = &panel.runs[..runs];
                let Some(last) = runs.last() else { continue };
                isa.run(IntoPoints {
                    runs,
                    padded: &buffers.padded,
                    channels: inputs,
                    plane: self.plane(),
                    every_fourth: self.padded[1],
                    values: &mut *values,
                });
                let tiles = last.lane + last.tiles;
                weights.multiply(isa, values, tiles, products);
                isa.run(FromPoints {
                    runs,
                    products: &*products,
                    start,
                    channels: outputs,
                    row: self.geometry.out_sides()[2],
                    plane: self.geometry.positions(),
                    y: &mut *y,
                });
            }
        };
        let parallel = is_large(self.geometry.operations());
        for_each_chunk_with(y, self.together * output, parallel, buffers, examples);
    }

    /// Elements of a padded channel.
    fn plane(&self) -> usize {
        let [rows, every_fourth] = self.padded;
        rows * OUTPUTS * every_fourth
    }
}

/// The lines from one point to the next. One more than there are channels: with a power of two, the same line of all points
/// would lie in one place of the cache.
fn stride(channels: usize) -> usize {
    channels + 1
}

/// The columns of the strips of all points' matrices.
fn strips(rows: usize, columns: usize) -> usize {
    POINTS * rows.div_ceil(STRIP) * columns
}

/// What one thread needs.
struct Buffers<E: Real> {
    padded: Vec<E>,
    /// The inputs at each point, channel by channel, and the outputs, in memory that the thread keeps.
    lines: Vec<Line<E>>,
}

impl<E: Real> Drop for Buffers<E> {
    fn drop(&mut self) {
        if self.lines.len() <= KEPT {
            E::keep_lines(std::mem::take(&mut self.lines));
        }
    }
}

fn panels(sides: [usize; 2], grid: [usize; 2], padded: [usize; 2], together: usize) -> Vec<Panel> {
    let mut panels: Vec<Panel> = Vec::new();
    let rows = (0..together).flat_map(|example| (0..grid[0]).map(move |row| (example, row)));
    for (example, row) in rows {
        let mut left = 0;
        while left < grid[1] {
            let last = panels.last().map_or(LANES, |panel| panel.tiles);
            if last == LANES {
                panels.push(Panel {
                    tiles: 0,
                    runs: Vec::new(),
                });
            }
            let Some(panel) = panels.last_mut() else {
                break;
            };
            let room = (grid[1] - left).min(LANES - panel.tiles);
            let tiles = [8, 4, 2]
                .into_iter()
                .find(|&tiles| tiles <= room)
                .unwrap_or(1);
            let [top, first] = [row * OUTPUTS, left * OUTPUTS];
            panel.runs.push(Run {
                example,
                source: top * OUTPUTS * padded[1] + left,
                target: top * sides[1] + first,
                lane: panel.tiles,
                tiles,
                size: [
                    OUTPUTS.min(sides[0] - top),
                    (tiles * OUTPUTS).min(sides[1] - first),
                ],
            });
            panel.tiles += tiles;
            left += tiles;
        }
    }
    panels
}

/// The weights at each point, in strips, in memory that the thread keeps.
#[derive(Debug)]
pub(super) struct Weights<E: Real> {
    strips: Vec<[E; STRIP]>,
    rows: usize,
    columns: usize,
}

impl<E: Real> Drop for Weights<E> {
    fn drop(&mut self) {
        if self.strips.len() <= KEPT {
            E::keep_columns(std::mem::take(&mut self.strips));
        }
    }
}

impl<E: Real> Weights<E> {
    /// Those of a convolution.
    pub fn new(isa: Isa, geometry: &ConvGeometry, weight: &[E]) -> Self {
        let [inputs, outputs] = [geometry.in_channels, geometry.out_channels];
        Self::of_windows(isa, [outputs, inputs], weight, [inputs, 1], false)
    }

    /// Those turned around, by which the gradient of its input is found.
    pub fn turned(isa: Isa, geometry: &ConvGeometry, weight: &[E]) -> Self {
        let [inputs, outputs] = [geometry.in_channels, geometry.out_channels];
        Self::of_windows(isa, [inputs, outputs], weight, [1, inputs], true)
    }

    /// Those of the windows that lie `steps` apart for one row and one column more.
    fn of_windows(
        isa: Isa,
        [rows, columns]: [usize; 2],
        weight: &[E],
        steps: [usize; 2],
        turned: bool,
    ) -> Self {
        let mut memory = E::take_columns();
        // Every number is written below.
        memory.resize(strips(rows, columns), [E::zero(); STRIP]);
        let (windows, _) = weight.as_chunks();
        isa.run(WindowsAtPoints {
            windows,
            sizes: [rows, columns],
            steps,
            turned,
            strips: &mut memory,
        });
        Self {
            strips: memory,
            rows,
            columns,
        }
    }

    /// The sums over channels at each point, for so many tiles.
    fn multiply(&self, isa: Isa, values: &[Line<E>], tiles: usize, products: &mut [Line<E>]) {
        let (inputs, outputs) = (self.columns, self.rows);
        let values = values.chunks_exact(stride(inputs));
        let products = products.chunks_exact_mut(stride(outputs));
        let points = self.strips.chunks_exact(self.strips.len() / POINTS);
        for ((strips, values), products) in points.zip(values).zip(products) {
            let products = Line::numbers_mut(&mut products[..outputs]);
            let products = MatrixMut::strided(products, outputs, tiles, LANES);
            let values = &values[..inputs];
            multiply_strips(isa, strips, inputs, values, products, Write::Overwrite);
        }
    }
}

/// G·g·Gᵀ of all windows, as many at a time as a strip has rows.
struct WindowsAtPoints<'a, E> {
    windows: &'a [[E; TAPS * TAPS]],
    /// Rows and columns of the matrix at a point, and the windows from one to the next.
    sizes: [usize; 2],
    steps: [usize; 2],
    turned: bool,
    strips: &'a mut [[E; STRIP]],
}

impl<E: Real> Kernel for WindowsAtPoints<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self {
            windows,
            sizes: [rows, columns],
            steps,
            turned,
            strips,
        } = self;
        let point = strips.len() / POINTS;
        for (strip, top) in (0..rows).step_by(STRIP).enumerate() {
            for column in 0..columns {
                let mut taps = [[E::zero(); STRIP]; TAPS * TAPS];
                for lane in 0..STRIP.min(rows - top) {
                    let window = &windows[(top + lane) * steps[0] + column * steps[1]];
                    for (tap, line) in taps.iter_mut().enumerate() {
                        line[lane] = window[if turned { TAPS * TAPS - 1 - tap } else { tap }];
                    }
                }
                let mut of_rows = [[[E::zero(); STRIP]; INPUTS]; TAPS];
                for (i, values) in of_rows.iter_mut().enumerate() {
                    let i = i * TAPS;
                    taps_at_points(&[taps[i], taps[i + 1], taps[i + 2]], values);
                }
                let place = strip * columns + column;
                for j in 0..INPUTS {
                    let mut values = [[E::zero(); STRIP]; INPUTS];
                    let column = [of_rows[0][j], of_rows[1][j], of_rows[2][j]];
                    taps_at_points(&column, &mut values);
                    for (i, values) in values.iter().enumerate() {
                        strips[(i * INPUTS + j) * point + place] = *values;
                    }
                }
            }
        }
    }
}

/// Copies an example into the inside of `padded`, whose border stays as it is. Of each row, columns 0, 4, 8 … come first, then
/// 1, 5, 9 …: what neighbouring tiles see at one place lies side by side.
struct Pad<'a, E> {
    axes: &'a [Axis; 3],
    x: &'a [E],
    /// Elements of a padded channel, and of every fourth column of a row.
    plane: usize,
    every_fourth: usize,
    padded: &'a mut [E],
}

impl<E: Real> Kernel for Pad<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self {
            axes: [_, rows, columns],
            x,
            plane,
            every_fourth,
            padded,
        } = self;
        let planes = x.chunks_exact((rows.size * columns.size).max(1));
        for (x, padded) in planes.zip(padded.chunks_exact_mut(plane)) {
            // A row or a column that no window reaches is left out.
            let lines = padded.chunks_exact_mut(OUTPUTS * every_fourth);
            let lines = lines.skip(rows.padding);
            for (x, line) in x.chunks_exact(columns.size).zip(lines) {
                let (a, line) = line.split_at_mut(every_fourth);
                let (b, line) = line.split_at_mut(every_fourth);
                let (c, d) = line.split_at_mut(every_fourth);
                match columns.padding {
                    0 => deal(x, a, b, c, d),
                    1 => deal(x, b, c, d, &mut a[1..]),
                    _ => deal(x, c, d, &mut a[1..], &mut b[1..]),
                }
            }
        }
    }
}

/// Gives every fourth number to one of four, as far as they reach.
#[inline(always)]
fn deal<E: Real>(x: &[E], first: &mut [E], second: &mut [E], third: &mut [E], fourth: &mut [E]) {
    let (fours, rest) = x.as_chunks::<OUTPUTS>();
    let whole = fours.len();
    let halves = first.iter_mut().zip(second.iter_mut());
    let halves = halves.zip(third.iter_mut().zip(fourth.iter_mut()));
    for (((first, second), (third, fourth)), four) in halves.zip(fours) {
        *first = four[0];
        *second = four[1];
        *third = four[2];
        *fourth = four[3];
    }
    for (hand, x) in [first, second, third].into_iter().zip(rest) {
        if let Some(value) = hand.get_mut(whole) {
            *value = *x;
        }
    }
}

/// Bᵀ·d·B of the tiles of a panel, channel by channel.
struct IntoPoints<'a, E> {
    runs: &'a [Run],
    padded: &'a [E],
    channels: usize,
    /// Elements of a channel, and of every fourth column of a row.
    plane: usize,
    every_fourth: usize,
    values: &'a mut [Line<E>],
}

impl<E: Real> Kernel for IntoPoints<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self {
            runs,
            padded,
            channels,
            plane,
            every_fourth,
            values,
        } = self;
        for channel in 0..channels {
            for run in runs {
                let first = (run.example * channels + channel) * plane + run.source;
                let seen = Seen {
                    source: &padded[first..],
                    every_fourth,
                };
                let values = &mut values[channel..];
                match run.tiles {
                    8 => seen.put::<8>(values, stride(channels), run.lane),
                    4 => seen.put::<4>(values, stride(channels), run.lane),
                    2 => seen.put::<2>(values, stride(channels), run.lane),
                    _ => seen.put::<1>(values, stride(channels), run.lane),
                }
            }
        }
    }
}

/// What the tiles of a run see.
struct Seen<'a, E> {
    source: &'a [E],
    every_fourth: usize,
}

impl<E: Real> Seen<'_, E> {
    #[inline(always)]
    fn put<const TILES: usize>(self, values: &mut [Line<E>], stride: usize, lane: usize) {
        let mut rows = [[[E::zero(); TILES]; INPUTS]; INPUTS];
        for (i, row) in rows.iter_mut().enumerate() {
            let source = &self.source[i * OUTPUTS * self.every_fourth..];
            let mut inputs = [[E::zero(); TILES]; INPUTS];
            for (j, inputs) in inputs.iter_mut().enumerate() {
                let first = j % OUTPUTS * self.every_fourth + j / OUTPUTS;
                inputs.copy_from_slice(&source[first..][..TILES]);
            }
            inputs_at_points(&inputs, row);
        }
        for j in 0..INPUTS {
            let mut column = [[E::zero(); TILES]; INPUTS];
            for (column, row) in column.iter_mut().zip(&rows) {
                *column = row[j];
            }
            let mut values_here = [[E::zero(); TILES]; INPUTS];
            inputs_at_points(&column, &mut values_here);
            for (i, value) in values_here.iter().enumerate() {
                let line = &mut values[(i * INPUTS + j) * stride].0;
                line[lane..][..TILES].copy_from_slice(value);
            }
        }
    }
}

/// Aᵀ·m·A of the tiles of a panel, channel by channel, into the output.
struct FromPoints<'a, E> {
    runs: &'a [Run],
    products: &'a [Line<E>],
    start: Start<'a, E>,
    channels: usize,
    /// The length of a row and of a channel of the output.
    row: usize,
    plane: usize,
    y: &'a mut [E],
}

impl<E: Real> Kernel for FromPoints<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self {
            runs,
            products,
            start,
            channels,
            row,
            plane,
            y,
        } = self;
        for channel in 0..channels {
            let bias = match start {
                Start::Bias(bias) => bias[channel],
                Start::Nothing | Start::Target => E::zero(),
            };
            let adds = matches!(start, Start::Target);
            for run in runs {
                let products = &products[channel..];
                let first = (run.example * channels + channel) * plane + run.target;
                let target = Outputs {
                    y: &mut y[first..],
                    row,
                    size: run.size,
                    bias,
                    adds,
                };
                let stride = stride(channels);
                match run.tiles {
                    8 => target.take::<8>(products, stride, run.lane),
                    4 => target.take::<4>(products, stride, run.lane),
                    2 => target.take::<2>(products, stride, run.lane),
                    _ => target.take::<1>(products, stride, run.lane),
                }
            }
        }
    }
}

/// Where the outputs of a run go.
struct Outputs<'a, E> {
    y: &'a mut [E],
    row: usize,
    size: [usize; 2],
    bias: E,
    adds: bool,
}

impl<E: Real> Outputs<'_, E> {
    #[inline(always)]
    fn take<const TILES: usize>(self, products: &[Line<E>], stride: usize, lane: usize) {
        let mut rows = [[[E::zero(); TILES]; INPUTS]; OUTPUTS];
        for j in 0..INPUTS {
            let mut column = [[E::zero(); TILES]; INPUTS];
            for (i, value) in column.iter_mut().enumerate() {
                let line = &products[(i * INPUTS + j) * stride].0;
                value.copy_from_slice(&line[lane..][..TILES]);
            }
            let mut outputs = [[E::zero(); TILES]; OUTPUTS];
            outputs_from_points(&column, &mut outputs);
            for (row, outputs) in rows.iter_mut().zip(&outputs) {
                row[j] = *outputs;
            }
        }
        let [height, width] = self.size;
        for (i, row) in rows.iter().enumerate().take(height) {
            let mut outputs = [[E::zero(); TILES]; OUTPUTS];
            outputs_from_points(row, &mut outputs);
            let mut line = [[E::zero(); OUTPUTS]; TILES];
            for (tile, line) in line.iter_mut().enumerate() {
                for (value, outputs) in line.iter_mut().zip(&outputs) {
                    *value = outputs[tile] + self.bias;
                }
            }
            let (line, y) = (line.as_flattened(), &mut self.y[i * self.row..][..width]);
            if self.adds {
                for (y, value) in y.iter_mut().zip(line) {
                    *y += *value;
                }
            } else if width == line.len() {
                // A whole line is a copy of fixed size.
                y.copy_from_slice(line);
            } else {
                y.copy_from_slice(&line[..width]);
            }
        }
    }
}

/// Bᵀ·d: row by row the coefficients of x(x² − ½)(x² − 2) without the factor of the point.
#[inline(always)]
fn inputs_at_points<E: Real, const N: usize>(d: &[[E; N]; INPUTS], values: &mut [[E; N]; INPUTS]) {
    let [root_half, root_two, half, two, five_halves] = numbers::<E>();
    for n in 0..N {
        let [d0, d1, d2, d3, d4, d5] = [d[0][n], d[1][n], d[2][n], d[3][n], d[4][n], d[5][n]];
        let (even, odd) = (d4 - two * d2, root_half * d3 - root_two * d1);
        let (other_even, other_odd) = (d4 - half * d2, root_two * d3 - root_half * d1);
        values[0][n] = d0 - five_halves * d2 + d4;
        values[1][n] = even + odd;
        values[2][n] = even - odd;
        values[3][n] = other_even + other_odd;
        values[4][n] = other_even - other_odd;
        values[5][n] = d1 - five_halves * d3 + d5;
    }
}

/// G·g: the values at the points, over the product of the point's distances to the others.
#[inline(always)]
fn taps_at_points<E: Real, const N: usize>(g: &[[E; N]; TAPS], values: &mut [[E; N]; INPUTS]) {
    let [root_half, root_two, half, two, _] = numbers::<E>();
    let (near, far) = (E::narrow(-1.0 / 1.5), E::narrow(1.0 / 6.0));
    for n in 0..N {
        let [g0, g1, g2] = [g[0][n], g[1][n], g[2][n]];
        let (even, odd) = ((g0 + half * g2) * near, root_half * g1 * near);
        let (other_even, other_odd) = ((g0 + two * g2) * far, root_two * g1 * far);
        values[0][n] = g0;
        values[1][n] = even + odd;
        values[2][n] = even - odd;
        values[3][n] = other_even + other_odd;
        values[4][n] = other_even - other_odd;
        values[5][n] = g2;
    }
}

/// Aᵀ·m: the coefficients, from each point's powers.
#[inline(always)]
fn outputs_from_points<E: Real, const N: usize>(
    m: &[[E; N]; INPUTS],
    outputs: &mut [[E; N]; OUTPUTS],
) {
    let [root_half, root_two, half, two, _] = numbers::<E>();
    for n in 0..N {
        let [m0, m1, m2, m3, m4, m5] = [m[0][n], m[1][n], m[2][n], m[3][n], m[4][n], m[5][n]];
        let (sum, difference) = (m1 + m2, root_half * (m1 - m2));
        let (other_sum, other_difference) = (m3 + m4, root_two * (m3 - m4));
        outputs[0][n] = m0 + sum + other_sum;
        outputs[1][n] = difference + other_difference;
        outputs[2][n] = half * sum + two * other_sum;
        outputs[3][n] = half * difference + two * other_difference + m5;
    }
}

/// √½, √2, ½, 2 and 5/2.
#[inline(always)]
fn numbers<E: Real>() -> [E; 5] {
    use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};
    [
        E::narrow(FRAC_1_SQRT_2),
        E::narrow(SQRT_2),
        E::narrow(0.5),
        E::narrow(2.0),
        E::narrow(2.5),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_all_close, numbers};

    #[test]
    fn values_at_the_points_make_the_product() {
        let (d, g) = (numbers::<f64>(1, INPUTS), numbers::<f64>(2, TAPS));
        let mut values = [[0.0]; INPUTS];
        inputs_at_points(&std::array::from_fn(|i| [d[i]]), &mut values);
        let mut taps = [[0.0]; INPUTS];
        taps_at_points(&std::array::from_fn(|i| [g[i]]), &mut taps);
        let products = std::array::from_fn(|i| [values[i][0] * taps[i][0]]);
        let mut got = [[0.0]; OUTPUTS];
        outputs_from_points(&products, &mut got);
        let sum = |i: usize| (0..TAPS).map(|tap| g[tap] * d[i + tap]).sum::<f64>();
        let want: Vec<f64> = (0..OUTPUTS).map(sum).collect();
        assert_all_close(got.as_flattened(), &want, 8.0, "outputs");
    }

    #[test]
    fn every_tile_is_in_one_place() {
        for (sides, together) in [
            ([32, 32], 1),
            ([16, 16], 2),
            ([8, 8], 8),
            ([7, 61], 1),
            ([1, 30], 4),
        ] {
            let grid = sides.map(|side: usize| side.div_ceil(OUTPUTS));
            let panels = panels(sides, grid, [grid[0] * OUTPUTS + 2, grid[1] + 1], together);
            let mut seen = vec![0; together * grid[0] * grid[1]];
            for panel in &panels {
                let mut lane = 0;
                for run in &panel.runs {
                    assert_eq!(run.lane, lane, "{sides:?}");
                    lane += run.tiles;
                    let [row, left] = [
                        run.source / (OUTPUTS * (grid[1] + 1)) / OUTPUTS,
                        run.source % (grid[1] + 1),
                    ];
                    assert_eq!(run.target, (row * sides[1] + left) * OUTPUTS, "{sides:?}");
                    let first = (run.example * grid[0] + row) * grid[1] + left;
                    seen[first..first + run.tiles]
                        .iter_mut()
                        .for_each(|seen| *seen += 1);
                }
                assert_eq!(panel.tiles, lane);
                assert!(lane <= LANES);
            }
            assert!(seen.iter().all(|&times| times == 1), "{sides:?}: {seen:?}");
            let outputs = panels.iter().flat_map(|panel| &panel.runs);
            let outputs: usize = outputs.map(|run| run.size[0] * run.size[1]).sum();
            assert_eq!(outputs, together * sides[0] * sides[1]);
        }
    }

    #[test]
    fn only_what_pays_is_taken() {
        let axis = |size, kernel, stride, padding, dilation| Axis {
            size,
            kernel,
            stride,
            padding,
            dilation,
        };
        let with = |channels, groups, height, width| ConvGeometry {
            batch: 3,
            in_channels: channels,
            out_channels: 32,
            axes: [Axis::NONE, height, width],
            groups,
        };
        let good = axis(16, 3, 1, 1, 1);
        let taken = |geometry| grid::<f32>(&geometry).is_some();
        assert!(taken(with(24, 1, good, axis(9, 3, 1, 2, 1))));
        assert!(grid::<f64>(&with(24, 1, good, good)).is_none());
        assert!(!taken(with(16, 1, good, good)));
        assert!(!taken(with(24, 2, good, good)));
        for other in [
            axis(16, 3, 2, 1, 1),
            axis(16, 3, 1, 1, 2),
            axis(16, 5, 1, 1, 1),
            axis(16, 3, 1, 3, 1),
            Axis::NONE,
        ] {
            assert!(!taken(with(24, 1, good, other)), "{other:?}");
        }
        let volume = ConvGeometry {
            axes: [good; 3],
            ..with(24, 1, good, good)
        };
        assert!(!taken(volume));
        let tiles = |size| {
            let axis = axis(size, 3, 1, 1, 1);
            grid::<f32>(&with(24, 1, axis, axis)).map(|[rows, columns]| rows * columns)
        };
        assert_eq!(
            [tiles(32), tiles(16), tiles(8), tiles(30)],
            [64, 16, 4, 64].map(Some)
        );
    }
}
