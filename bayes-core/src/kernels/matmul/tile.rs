//! The register-blocked inner product: a few rows of A times a few columns of a packed panel.

use std::ops::Range;

use super::matrix::MatrixMut;
use super::panels::{LANES, Line};
use super::strips::{STRIP, Strips};
use crate::kernels::isa::{Isa, Kernel};
use crate::kernels::real::Real;

/// Whether a product overwrites its target or is added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// C = A·B.
    Overwrite,
    /// C += A·B; the sum over k starts from the old element.
    Accumulate,
}

/// Products along k that a tile adds up before it goes on to the next columns: the part of a panel that it reads for this, 16
/// KiB, stays in the first cache while it meets all rows.
pub(super) const DEPTH: usize = 256;

/// C (+)= A·B for panels of `strips.depth()` ≥ 1 lines each.
///
/// Runs the tile of the given instruction set. Tiles differ in how many elements are computed at
/// once, never in how one element is computed.
pub(in crate::kernels) fn multiply<E: Real>(
    isa: Isa,
    strips: &Strips<E>,
    panels: &[Line<E>],
    c: MatrixMut<'_, E>,
    write: Write,
) {
    let depth = strips.depth();
    let strips = strips.columns();
    let (few_rows, few_columns) = (c.rows() <= 4, c.columns() <= 16);
    macro_rules! run {
        ($fma:literal, $rows:literal, $columns:literal) => {
            isa.run(Tiles::<E, $fma, $rows, $columns> {
                strips,
                depth,
                panels,
                c,
                write,
            })
        };
    }
    // Two vectors wide where there is enough to fill them, and six rows: a processor that starts two additions at a time and
    // takes four steps for each needs eight of them at once; for f64 a vector holds half as many numbers.
    match (isa, size_of::<E>()) {
        (Isa::Avx512, 4) if few_rows => run!(true, 4, 32),
        (Isa::Avx512, 4) if few_columns => run!(true, 12, 16),
        (Isa::Avx512, 4) => run!(true, 6, 32),
        (Isa::Avx512, _) => run!(true, 6, 16),
        (Isa::Avx2, 4) if few_rows => run!(true, 4, 16),
        (Isa::Avx2, 4) => run!(true, 6, 16),
        (Isa::Avx2, _) => run!(true, 6, 8),
        (Isa::Portable, 4) => run!(false, 4, 8),
        (Isa::Portable, _) => run!(false, 4, 4),
    }
}

/// The work of [`multiply`] in tiles of `ROWS` × `COLUMNS`, with or without fused multiply-add.
struct Tiles<'a, 'c, E, const FMA: bool, const ROWS: usize, const COLUMNS: usize> {
    strips: &'a [[E; STRIP]],
    depth: usize,
    panels: &'a [Line<E>],
    c: MatrixMut<'c, E>,
    write: Write,
}

impl<E: Real, const FMA: bool, const ROWS: usize, const COLUMNS: usize> Kernel
    for Tiles<'_, '_, E, FMA, ROWS, COLUMNS>
{
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self {
            strips,
            depth,
            panels,
            mut c,
            write,
        } = self;
        let (rows, width) = (c.rows(), c.columns());
        for (panel, left) in panels.chunks(depth).zip((0..width).step_by(LANES)) {
            for part in parts(depth, DEPTH) {
                let write = match part.start {
                    0 => write,
                    _ => Write::Accumulate,
                };
                for offset in (0..LANES.min(width - left)).step_by(COLUMNS) {
                    let columns = left + offset..width.min(left + offset + COLUMNS);
                    for top in (0..rows).step_by(ROWS) {
                        let strip = top / STRIP * depth;
                        let strip = &strips[strip + part.start..strip + part.end];
                        let panel = &panel[part.clone()];
                        let at = (top % STRIP, offset);
                        let present = top..rows.min(top + ROWS);
                        let target = (&mut c, &present, &columns);
                        // What is left over at the bottom is often small.
                        if ROWS > 4 && present.len() <= 4 {
                            add_product::<E, FMA, 4, COLUMNS>(strip, panel, at, target, write);
                        } else {
                            add_product::<E, FMA, ROWS, COLUMNS>(strip, panel, at, target, write);
                        }
                    }
                }
            }
        }
    }
}

/// 0..`length` in as few parts of at most `most` as there can be, all of about one length.
pub(super) fn parts(length: usize, most: usize) -> impl Iterator<Item = Range<usize>> {
    let each = length.div_ceil(length.div_ceil(most).max(1)).max(1);
    (0..length)
        .step_by(each)
        .map(move |start| start..length.min(start + each))
}

/// Repeats a statement for each row index below `$rows` ≤ 12.
macro_rules! unroll_rows {
    ($rows:ident, $i:ident => $statement:expr) => {
        unroll_rows!(@each $rows, $i, $statement, 0 1 2 3 4 5 6 7 8 9 10 11)
    };
    (@each $rows:ident, $i:ident, $statement:expr, $($index:literal)*) => {
        $(
            if $index < $rows {
                let $i = $index;
                $statement;
            }
        )*
    };
}

/// One tile of C (+)= strip · panel, read from row and column `at` on.
#[inline(always)]
fn add_product<E: Real, const FMA: bool, const ROWS: usize, const COLUMNS: usize>(
    strip: &[[E; STRIP]],
    panel: &[Line<E>],
    at: (usize, usize),
    (c, rows, columns): (&mut MatrixMut<'_, E>, &Range<usize>, &Range<usize>),
    write: Write,
) {
    let mut start = [[E::zero(); COLUMNS]; ROWS];
    if (rows.len(), columns.len()) == (ROWS, COLUMNS) {
        // Known sizes, so that the sums never leave their registers.
        if write == Write::Accumulate {
            unroll_rows!(ROWS, i => start[i] = *whole_row(c, rows.start + i, columns));
        }
        let sums = tile::<E, FMA, ROWS, COLUMNS>(strip, panel, at, start);
        unroll_rows!(ROWS, i => *whole_row(c, rows.start + i, columns) = sums[i]);
        return;
    }
    if write == Write::Accumulate {
        for (start, row) in start.iter_mut().zip(rows.clone()) {
            let source = &*c.row_mut(row, columns.clone());
            start[..source.len()].copy_from_slice(source);
        }
    }
    let sums = tile::<E, FMA, ROWS, COLUMNS>(strip, panel, at, start);
    for (sums, row) in sums.iter().zip(rows.clone()) {
        let target = c.row_mut(row, columns.clone());
        target.copy_from_slice(&sums[..target.len()]);
    }
}

/// As many columns of a row as a tile has.
#[inline(always)]
fn whole_row<'a, E, const COLUMNS: usize>(
    c: &'a mut MatrixMut<'_, E>,
    row: usize,
    columns: &Range<usize>,
) -> &'a mut [E; COLUMNS] {
    let row = c.row_mut(row, columns.clone()).first_chunk_mut();
    row.expect("columns of a whole tile")
}

/// `sums` + a·b, fused or in two roundings.
#[inline(always)]
fn add_scaled<E: Real, const FMA: bool, const COLUMNS: usize>(
    a: E,
    b: &[E; COLUMNS],
    sums: &mut [E; COLUMNS],
) {
    for (sum, &b) in sums.iter_mut().zip(b) {
        *sum = if FMA {
            a.mul_add(b, *sum)
        } else {
            *sum + a * b
        };
    }
}

/// `start` + strip · panel, each element by one accumulator in the order of k.
///
/// The tile reads the strip from the first of two places on and the panel from the second.
#[inline(always)]
fn tile<E: Real, const FMA: bool, const ROWS: usize, const COLUMNS: usize>(
    strip: &[[E; STRIP]],
    panel: &[Line<E>],
    (first_row, first_column): (usize, usize),
    start: [[E; COLUMNS]; ROWS],
) -> [[E; COLUMNS]; ROWS] {
    let mut sums = start;
    // Where the tile is as large as what it reads from, the offsets are known to be 0.
    let first_row = if ROWS == STRIP { 0 } else { first_row };
    let first_column = if COLUMNS == LANES { 0 } else { first_column };
    for (a, line) in strip.iter().zip(panel) {
        let a = a[first_row..].first_chunk::<ROWS>();
        let b = line.0[first_column..].first_chunk::<COLUMNS>();
        let (Some(a), Some(b)) = (a, b) else { break };
        // Written out because the compiler leaves a loop of this size rolled, and with it the sums
        // in memory: 40 times slower.
        unroll_rows!(ROWS, i => add_scaled::<E, FMA, COLUMNS>(a[i], b, &mut sums[i]));
    }
    sums
}
