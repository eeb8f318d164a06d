//! Weights in the order in which the product reads them.

use std::sync::OnceLock;

use super::geometry::{Runs, Window8};

/// Outputs computed side by side: the 32-bit lanes of the widest vector.
pub(super) const LANES: usize = 16;

/// Four weights of each of 16 outputs: what the product reads at once.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Line(pub [[i8; 4]; LANES]);

/// Two weights of each of 16 outputs in 16 bits: what AVX2 reads at once.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Pairs(pub [[i16; 2]; LANES]);

/// Weights packed by a [`Layout`], and their sum for each output.
///
/// A buffer to be used again for every draw: packing into one that is large enough allocates
/// nothing.
#[derive(Clone, Debug, Default)]
pub struct Packed {
    /// \[group\]\[block of 16 outputs\]\[group of four bytes of all runs\].
    pub(super) lines: Vec<Line>,
    /// The same in 16 bits, each line in two, where a product asked for them.
    pairs: OnceLock<Vec<Pairs>>,
    sums: Vec<i32>,
    /// One output's weights and a 0, to be gathered from.
    row: Vec<i8>,
}

impl Packed {
    /// No weights; to be packed into.
    pub const fn empty() -> Self {
        Self {
            lines: Vec::new(),
            pairs: OnceLock::new(),
            sums: Vec::new(),
            row: Vec::new(),
        }
    }

    /// The lines in 16 bits, each of them in two.
    pub(super) fn pairs(&self) -> &[Pairs] {
        self.pairs.get_or_init(|| {
            let halves = |line: &Line| {
                [0, 2].map(|at| Pairs(line.0.map(|w| [w[at].into(), w[at + 1].into()])))
            };
            self.lines.iter().flat_map(halves).collect()
        })
    }

    /// Σₖ w\[o, k\] of each output o, by which an input's zero point is taken out of its sums.
    pub fn sums(&self) -> &[i32] {
        &self.sums
    }
}

/// Where each weight of a layer goes when it is packed.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Weights of one output.
    taps: usize,
    groups: usize,
    group_outputs: usize,
    /// For each packed place of an output, which of its weights stands there; `taps` for none.
    order: Vec<[u32; 4]>,
    /// Whether every weight keeps its place, as in a linear layer.
    in_order: bool,
}

impl Layout {
    /// The order for a layer of these sizes; the size of its image does not matter.
    ///
    /// # Panics
    ///
    /// If the groups do not divide the channels.
    pub fn new(size: &Window8) -> Self {
        size.check_groups();
        let taps = size.taps();
        let order: Vec<_> = packed_order(size).collect();
        let places = order.as_flattened().iter().zip(0..);
        let in_order = places.take(taps).all(|(&tap, place)| tap == place);
        Self {
            taps,
            groups: size.groups,
            group_outputs: size.group_outputs(),
            order,
            in_order,
        }
    }

    /// Packs `w`, in PyTorch's order (outputs, channels / groups, kernel, kernel).
    ///
    /// # Panics
    ///
    /// If `w` has the wrong length.
    pub fn pack(&self, w: &[i8]) -> Packed {
        let mut packed = Packed::empty();
        self.pack_into(w, &mut packed);
        packed
    }

    /// [`Self::pack`] into a buffer that is used again.
    pub fn pack_into(&self, w: &[i8], packed: &mut Packed) {
        let outputs = self.groups * self.group_outputs;
        assert_eq!(w.len(), outputs * self.taps, "int8: length of the weight");
        let depth = self.order.len();
        let blocks = self.group_outputs.div_ceil(LANES);
        let zero = Line([[0; 4]; LANES]);
        packed.lines.clear();
        packed.pairs.take();
        packed.lines.resize(self.groups * blocks * depth, zero);
        packed.sums.clear();
        for output in 0..outputs {
            let row = &w[output * self.taps..(output + 1) * self.taps];
            packed.sums.push(row.iter().map(|&w| i32::from(w)).sum());
            packed.row.clear();
            packed.row.extend_from_slice(row);
            packed.row.push(0);
            let (group, output) = (output / self.group_outputs, output % self.group_outputs);
            let first = (group * blocks + output / LANES) * depth;
            let lines = &mut packed.lines[first..first + depth];
            self.set_lane(&packed.row, output % LANES, lines);
        }
    }

    /// Writes one output's weights, followed by a 0, to its lane of each line.
    fn set_lane(&self, row: &[i8], lane: usize, lines: &mut [Line]) {
        if self.in_order {
            let (quads, rest) = row[..self.taps].as_chunks::<4>();
            for (line, quad) in lines.iter_mut().zip(quads) {
                line.0[lane] = *quad;
            }
            if let Some(line) = lines.get_mut(quads.len()) {
                line.0[lane][..rest.len()].copy_from_slice(rest);
            }
        } else {
            for (line, order) in lines.iter_mut().zip(&self.order) {
                line.0[lane] = order.map(|tap| row[tap as usize]);
            }
        }
    }
}

/// The weights of one output in the order of the bytes that they meet, `taps` where there is none.
fn packed_order(size: &Window8) -> impl Iterator<Item = [u32; 4]> {
    let Runs {
        rows,
        per_row,
        taps,
        quads,
        ..
    } = size.runs();
    let (channels, all) = (size.group_channels(), size.taps());
    let [height, width] = size.kernel;
    let runs = (0..rows).flat_map(move |row| (0..per_row).map(move |run| (row, run * taps)));
    runs.flat_map(move |(row, first)| {
        (0..quads).map(move |quad| {
            [0, 1, 2, 3].map(|byte| {
                let place = 4 * quad + byte;
                let (column, channel) = (first + place / channels, place % channels);
                let tap = (channel * height + row) * width + column;
                let present = place < taps * channels;
                (if present { tap } else { all }) as u32
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::int8::testing::{grid, weights};

    /// Every weight is found where the window's bytes lie, everything else is 0.
    #[test]
    fn places_hold_the_weights_of_their_bytes() {
        let mut packed = Packed::empty();
        for size in grid() {
            let w = weights(1, size.weight_len());
            Layout::new(&size).pack_into(&w, &mut packed);
            let depth = size.runs().depth();
            let blocks = size.group_outputs().div_ceil(LANES);
            assert_eq!(packed.lines.len(), size.groups * blocks * depth, "{size:?}");
            let places: Vec<_> = packed.lines.iter().flat_map(|line| line.0).collect();
            assert_eq!(total(places.as_flattened()), total(&w), "{size:?}");
            for (o, row) in w.chunks(size.taps().max(1)).enumerate() {
                assert_eq!(packed.sums()[o], total(row));
                let (group, o) = (o / size.group_outputs(), o % size.group_outputs());
                let lines = &packed.lines[(group * blocks + o / LANES) * depth..][..depth];
                check_row(&size, row, lines, o % LANES);
            }
        }
    }

    fn total(w: &[i8]) -> i32 {
        w.iter().map(|&w| i32::from(w)).sum()
    }

    fn check_row(size: &Window8, row: &[i8], lines: &[Line], lane: usize) {
        let [height, width] = size.kernel;
        let (channels, runs) = (size.group_channels(), size.runs());
        for (tap, &w) in row.iter().enumerate() {
            let (channel, y, x) = (tap / (height * width), tap / width % height, tap % width);
            let (run, byte) = (
                y * runs.per_row + x / runs.taps,
                x % runs.taps * channels + channel,
            );
            let got = lines[run * runs.quads + byte / 4].0[lane][byte % 4];
            assert_eq!(got, w, "tap {tap} of {size:?}");
        }
    }
}
