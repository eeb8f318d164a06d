//! A convolution seen as a matrix product, without the matrix.
//!
//! In the zero-padded example, the element that tap t of the kernel sees at output position p lies at
//! `taps[t] + positions[p]`: the lowered matrix ("im2col") is a sum of two short tables. Panels of
//! it are filled in cache just before they are multiplied.

use super::geometry::{Axis, ConvGeometry};
use crate::kernels::matmul::{LANES, Line, eight_from, eight_of};
use crate::kernels::real::Real;

/// Where taps and positions lie in one group of a padded example.
#[derive(Debug)]
pub(super) struct Lowering {
    geometry: ConvGeometry,
    /// Offset of each tap, in the order of the weight: channel, row, column.
    pub taps: Vec<usize>,
    /// Offset of each output position, row by row.
    pub positions: Vec<usize>,
}

impl Lowering {
    pub fn new(geometry: &ConvGeometry) -> Self {
        let axes = &geometry.axes;
        let plane = padded_len(axes);
        // The offsets of counted positions along the three axes, the last one fastest.
        let offsets = |counts: [usize; 3], steps: fn(&Axis) -> usize| {
            let [_, height, width] = axes.map(|axis| axis.padded());
            let [depth, row, column] = [
                steps(&axes[0]) * height * width,
                steps(&axes[1]) * width,
                steps(&axes[2]),
            ];
            let [depths, rows, columns] = counts;
            let rows = move |z| (0..rows).map(move |y| z * depth + y * row);
            let at = (0..depths).flat_map(rows);
            at.flat_map(move |start| (0..columns).map(move |x| start + x * column))
                .collect::<Vec<usize>>()
        };
        let window = offsets(axes.map(|axis| axis.kernel), |axis| axis.dilation);
        let channels = 0..geometry.in_channels / geometry.groups;
        let taps = channels.flat_map(|c| window.iter().map(move |tap| c * plane + tap));
        let taps = taps.collect();
        let positions = offsets(geometry.out_sides(), |axis| axis.stride);
        Self {
            geometry: *geometry,
            taps,
            positions,
        }
    }

    /// The positions in a row of the output, where windows move by single steps.
    pub fn row_length(&self) -> Option<usize> {
        let axes = &self.geometry.axes;
        let single = axes.iter().all(|axis| axis.stride == 1);
        single.then(|| self.geometry.out_sides()[2])
    }

    /// Elements of one padded example.
    pub fn padded_len(&self) -> usize {
        self.geometry.in_channels * padded_len(&self.geometry.axes)
    }

    /// The number of groups.
    pub fn group_count(&self) -> usize {
        self.geometry.groups
    }

    /// The elements of one group in a padded example.
    pub fn group<'a, E>(&self, padded: &'a [E], group: usize) -> &'a [E] {
        let length = padded.len() / self.geometry.groups;
        &padded[group * length..(group + 1) * length]
    }

    /// The elements of one group in a padded example, and all behind them.
    pub fn group_on<'a, E>(&self, padded: &'a [E], group: usize) -> &'a [E] {
        &padded[group * (self.padded_len() / self.geometry.groups)..]
    }

    /// As [`Self::group`], to write.
    pub fn group_mut<'a, E>(&self, padded: &'a mut [E], group: usize) -> &'a mut [E] {
        let length = padded.len() / self.geometry.groups;
        &mut padded[group * length..(group + 1) * length]
    }

    /// Copies one example into the inside of `padded`, whose border stays as it is.
    pub fn pad<E: Real>(&self, example: &[E], padded: &mut [E]) {
        for (row, start) in self.rows() {
            let width = self.geometry.axes[2].size;
            padded[start..start + width].copy_from_slice(&example[row..row + width]);
        }
    }

    /// Adds the inside of `padded` to one example.
    pub fn add_unpadded<E: Real>(&self, padded: &[E], example: &mut [E]) {
        for (row, start) in self.rows() {
            let width = self.geometry.axes[2].size;
            for (target, &value) in example[row..row + width].iter_mut().zip(&padded[start..]) {
                *target += value;
            }
        }
    }

    /// The start of every row of an example: without padding and with it.
    fn rows(&self) -> impl Iterator<Item = (usize, usize)> {
        let [depth, height, width] = self.geometry.axes;
        let plane = padded_len(&self.geometry.axes);
        (0..self.geometry.in_channels * depth.size * height.size).map(move |row| {
            let (c, z, y) = (
                row / (depth.size * height.size),
                row / height.size % depth.size,
                row % height.size,
            );
            let padded_row = (z + depth.padding) * height.padded() + y + height.padding;
            let start = c * plane + padded_row * width.padded() + width.padding;
            (row * width.size, start)
        })
    }
}

/// Elements of one padded channel.
fn padded_len(axes: &[Axis; 3]) -> usize {
    axes.iter().map(Axis::padded).product()
}

/// Lanes of a panel whose elements are adjacent in memory.
#[derive(Clone, Copy, Debug)]
struct Run {
    lane: usize,
    offset: usize,
    length: usize,
}

/// The columns of one panel: up to [`LANES`] offsets, and the runs they form.
#[derive(Debug)]
pub(super) struct PanelColumns {
    runs: Vec<Run>,
    offsets: [usize; LANES],
    width: usize,
}

impl PanelColumns {
    /// # Panics
    ///
    /// If there are more than [`LANES`] offsets.
    pub fn new(columns: &[usize]) -> Self {
        let mut offsets = [columns.first().copied().unwrap_or(0); LANES];
        offsets[..columns.len()].copy_from_slice(columns);
        let mut runs: Vec<Run> = Vec::with_capacity(LANES);
        for (lane, &offset) in columns.iter().enumerate() {
            match runs.last_mut() {
                Some(run) if run.offset + run.length == offset => run.length += 1,
                _ => runs.push(Run {
                    lane,
                    offset,
                    length: 1,
                }),
            }
        }
        Self {
            runs,
            offsets,
            width: columns.len(),
        }
    }

    /// Fills one line per row with `source[row + column]`; lanes without a column are unspecified
    /// but finite where `source` is.
    pub fn fill<E: Real>(&self, source: &[E], rows: &[usize], lines: &mut [Line<E>]) {
        let long = self.runs.len() * 4 <= self.width;
        for (line, &row) in lines.iter_mut().zip(rows) {
            let source = &source[row..];
            if long {
                for run in &self.runs {
                    copy_run(
                        &source[run.offset..],
                        &mut line.0[run.lane..run.lane + run.length],
                    );
                }
            } else {
                for (value, &offset) in line.0.iter_mut().zip(&self.offsets) {
                    *value = source[offset];
                }
            }
        }
    }

    /// As [`Self::fill`] where the rows' offsets are runs of `run` neighbours each: then what a column sees in a run lies side by
    /// side, and eight columns are turned at once.
    pub fn fill_in_runs<E: Real>(
        &self,
        source: &[E],
        (rows, run): (&[usize], usize),
        lines: &mut [Line<E>],
    ) {
        let runs = rows.chunks_exact(run).zip(lines.chunks_exact_mut(run));
        for (rows, lines) in runs {
            let source = &source[rows[0]..];
            let seen = |lane: usize| &source[self.offsets[lane]..][..run];
            let mut lanes = 0..self.width;
            while let Some(eight) = eight_from(lanes.clone()) {
                let first = lanes.start;
                E::transpose(eight.map(seen), lines, |line| eight_of(&mut line.0, first));
                lanes.start += 8;
            }
            for lane in lanes {
                for (line, &value) in lines.iter_mut().zip(seen(lane)) {
                    line.0[lane] = value;
                }
            }
        }
    }

    /// Adds one row of sums per row offset to `target[row + column]`, the reverse of [`Self::fill`].
    pub fn add<E: Real>(&self, sums: &[E], rows: &[usize], target: &mut [E]) {
        for (sums, &row) in sums.chunks_exact(LANES).zip(rows) {
            let target = &mut target[row..];
            for run in &self.runs {
                let sums = &sums[run.lane..run.lane + run.length];
                for (target, &sum) in target[run.offset..].iter_mut().zip(sums) {
                    *target += sum;
                }
            }
        }
    }
}

/// Copies the start of `source`; common lengths become moves of whole vectors.
#[inline(always)]
fn copy_run<E: Real>(source: &[E], target: &mut [E]) {
    match target.len() {
        32 => target.copy_from_slice(&source[..32]),
        16 => target.copy_from_slice(&source[..16]),
        8 => target.copy_from_slice(&source[..8]),
        length => target.copy_from_slice(&source[..length]),
    }
}
