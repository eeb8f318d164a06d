//! The product with the lowered matrix where a window moves by single steps: what a tap sees at neighbouring positions lies side
//! by side in the padded input and is read there.

use super::lowering::Lowering;
use crate::kernels::isa::Isa;
use crate::kernels::matmul::{
    InTiles, Lines, MatrixMut, STRIP, Strips, Target, Write, add_product, run_in_tiles,
};
use crate::kernels::real::Real;

/// Columns of the widest tile: so many numbers behind the padded input may be read, for columns that nobody keeps.
pub(super) const SLACK: usize = 32;

/// Positions that lie side by side in the input.
#[derive(Clone, Copy, Debug)]
struct Segment {
    /// The first column of the product.
    column: usize,
    /// Where its first tap sees it.
    offset: usize,
    length: usize,
}

/// How the positions of an output are read: all in one piece where the input is no wider, row by row where rows fill whole
/// vectors, and else in one piece with what lies between the rows.
#[derive(Debug)]
pub(super) struct Direct {
    segments: Vec<Segment>,
    /// The columns of the product: the positions, or, where rows are narrow, these and what lies between them.
    pub width: usize,
    /// Where the rows of the output lie among the columns, if not one behind the other.
    rows: Option<Vec<usize>>,
    row_length: usize,
}

impl Direct {
    /// `None` where windows move by more than one.
    pub fn new(lowering: &Lowering) -> Option<Self> {
        let row_length = lowering.row_length()?;
        let positions = &lowering.positions;
        let span = positions.last().map_or(0, |last| last + 1);
        let exact = if span == positions.len() {
            Some(span)
        } else {
            row_length.is_multiple_of(16).then_some(row_length)
        };
        let Some(length) = exact else {
            return Some(Self {
                segments: vec![Segment {
                    column: 0,
                    offset: 0,
                    length: span,
                }],
                width: span,
                rows: Some(positions.iter().step_by(row_length).copied().collect()),
                row_length,
            });
        };
        let segments = positions.iter().step_by(length.max(1)).enumerate();
        let segment = |(i, &offset)| Segment {
            column: i * length,
            offset,
            length,
        };
        Some(Self {
            segments: segments.map(segment).collect(),
            width: positions.len(),
            rows: None,
            row_length,
        })
    }

    /// Whether the columns of the product are the positions.
    pub fn is_exact(&self) -> bool {
        self.rows.is_none()
    }

    /// Hands each row of the output, and where it lies in the product of `channels` rows, to `take`.
    pub fn each_row<E: Real>(
        &self,
        product: &[E],
        output: &mut [E],
        take: impl Fn(&mut [E], &[E]),
    ) {
        let rows = self.rows.iter().flatten();
        let per_channel = self.row_length * rows.clone().count();
        let channels = output.chunks_exact_mut(per_channel.max(1));
        for (output, product) in channels.zip(product.chunks_exact(self.width.max(1))) {
            for (output, &start) in output.chunks_exact_mut(self.row_length).zip(rows.clone()) {
                take(output, &product[start..start + self.row_length]);
            }
        }
    }

    /// C (+)= strips · what the taps see, with as many columns as [`Self::width`] says.
    pub fn multiply<E: Real>(
        &self,
        isa: Isa,
        strips: &Strips<E>,
        (taps, source): (&[usize], &[E]),
        c: MatrixMut<'_, E>,
        write: Write,
    ) {
        run_in_tiles(
            isa,
            [
                c.rows(),
                self.segments.first().map_or(0, |segment| segment.length),
            ],
            Seen {
                strips,
                taps,
                source,
                segments: &self.segments,
                c,
                write,
            },
        );
    }
}

/// The work of [`Direct::multiply`].
struct Seen<'a, 'c, E> {
    strips: &'a Strips<E>,
    taps: &'a [usize],
    source: &'a [E],
    segments: &'a [Segment],
    c: MatrixMut<'c, E>,
    write: Write,
}

impl<E: Real> InTiles<E> for Seen<'_, '_, E> {
    #[inline(always)]
    fn run<const FMA: bool, const ROWS: usize, const COLUMNS: usize>(self) {
        let Self {
            strips,
            taps,
            source,
            segments,
            mut c,
            write,
        } = self;
        let depth = strips.depth();
        for segment in segments {
            for left in (0..segment.length).step_by(COLUMNS) {
                let lines = OfTaps {
                    taps,
                    source: &source[segment.offset + left..],
                };
                let columns = left..segment.length.min(left + COLUMNS);
                for top in (0..c.rows()).step_by(ROWS) {
                    let strip = top / STRIP * depth;
                    let strip = &strips.columns()[strip..strip + depth];
                    let target = Target {
                        rows: top..c.rows().min(top + ROWS),
                        columns: segment.column + columns.start..segment.column + columns.end,
                        c: &mut c,
                        write,
                    };
                    add_product::<E, FMA, ROWS, COLUMNS>(strip, lines, target);
                }
            }
        }
    }
}

/// What the taps see from a position on.
#[derive(Clone, Copy)]
struct OfTaps<'a, E> {
    taps: &'a [usize],
    source: &'a [E],
}

impl<E: Real, const COLUMNS: usize> Lines<E, COLUMNS> for OfTaps<'_, E> {
    type Item = usize;

    #[inline(always)]
    fn items(&self) -> &[usize] {
        self.taps
    }

    #[inline(always)]
    fn line<'a>(&'a self, &tap: &'a usize) -> Option<&'a [E; COLUMNS]> {
        self.source.get(tap..)?.first_chunk()
    }
}
