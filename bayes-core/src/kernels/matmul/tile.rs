//! The register-blocked inner product: a few rows of A times a few columns of a packed panel.

use std::marker::PhantomData;
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

impl Write {
    /// How the part of a product from `start` on along k is written: later parts are added to the first.
    #[inline(always)]
    pub(super) fn of_part(self, start: usize) -> Self {
        match start {
            0 => self,
            _ => Self::Accumulate,
        }
    }
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
    multiply_strips(isa, strips.columns(), strips.depth(), panels, c, write);
}

/// [`multiply`] for strips of `depth` columns each.
pub(in crate::kernels) fn multiply_strips<E: Real>(
    isa: Isa,
    strips: &[[E; STRIP]],
    depth: usize,
    panels: &[Line<E>],
    c: MatrixMut<'_, E>,
    write: Write,
) {
    run_in_tiles(
        isa,
        [c.rows(), c.columns()],
        Panelled {
            strips,
            depth,
            panels,
            c,
            write,
        },
    );
}

/// Work in tiles of `ROWS` × `COLUMNS`, with or without fused multiply-add.
pub(in crate::kernels) trait InTiles<E> {
    /// Does the work; implement it as `#[inline(always)]`.
    fn run<const FMA: bool, const ROWS: usize, const COLUMNS: usize>(self);
}

/// Runs the work on a matrix of so many rows and columns with the tile of the given instruction set.
pub(in crate::kernels) fn run_in_tiles<E: Real>(
    isa: Isa,
    [rows, columns]: [usize; 2],
    work: impl InTiles<E>,
) {
    let (few_rows, few_columns) = (rows <= 4, columns <= 16);
    macro_rules! run {
        ($fma:literal, $rows:literal, $columns:literal) => {
            isa.run(Tiled::<_, E, $fma, $rows, $columns>(work, PhantomData))
        };
    }
    // Two vectors wide where there is enough to fill them, and six rows: a processor that starts two additions at a time and
    // takes four steps for each needs eight of them at once; for f64 a vector holds half as many numbers.
    match (isa, size_of::<E>()) {
        (Isa::Avx512, 4) if rows == 1 => run!(true, 1, 32),
        (Isa::Avx512, 4) if few_rows => run!(true, 4, 32),
        (Isa::Avx512, 4) if few_columns => run!(true, 12, 16),
        (Isa::Avx512, 4) => run!(true, 6, 32),
        (Isa::Avx512, _) => run!(true, 6, 16),
        (Isa::Avx2, 4) if rows == 1 => run!(true, 1, 32),
        (Isa::Avx2, 4) if few_rows => run!(true, 4, 16),
        (Isa::Avx2, 4) => run!(true, 6, 16),
        (Isa::Avx2, _) => run!(true, 6, 8),
        (Isa::Portable, 4) => run!(false, 4, 8),
        (Isa::Portable, _) => run!(false, 4, 4),
    }
}

struct Tiled<T, E, const FMA: bool, const ROWS: usize, const COLUMNS: usize>(T, PhantomData<E>);

impl<T: InTiles<E>, E, const FMA: bool, const ROWS: usize, const COLUMNS: usize> Kernel
    for Tiled<T, E, FMA, ROWS, COLUMNS>
{
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.0.run::<FMA, ROWS, COLUMNS>();
    }
}

/// The work of [`multiply`].
struct Panelled<'a, 'c, E> {
    strips: &'a [[E; STRIP]],
    depth: usize,
    panels: &'a [Line<E>],
    c: MatrixMut<'c, E>,
    write: Write,
}

impl<E: Real> InTiles<E> for Panelled<'_, '_, E> {
    #[inline(always)]
    fn run<const FMA: bool, const ROWS: usize, const COLUMNS: usize>(self) {
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
                let write = write.of_part(part.start);
                for offset in (0..LANES.min(width - left)).step_by(COLUMNS) {
                    let columns = left + offset..width.min(left + offset + COLUMNS);
                    for top in (0..rows).step_by(ROWS) {
                        let strip = top / STRIP * depth;
                        let strip = &strips[strip + part.start..strip + part.end];
                        let lines = OfPanel(&panel[part.clone()], offset);
                        let target = Target {
                            c: &mut c,
                            rows: top..rows.min(top + ROWS),
                            columns: columns.clone(),
                            write,
                        };
                        add_product::<E, FMA, ROWS, COLUMNS>(strip, lines, target);
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

/// The rows of B, as wide as a tile.
pub(in crate::kernels) trait Lines<E, const COLUMNS: usize>: Copy {
    /// What a row is found by.
    type Item: Copy;

    /// One for each row.
    fn items(&self) -> &[Self::Item];

    /// The row.
    fn line<'a>(&'a self, item: &'a Self::Item) -> Option<&'a [E; COLUMNS]>;
}

/// Rows in a panel, from a column on.
#[derive(Clone, Copy)]
struct OfPanel<'a, E>(&'a [Line<E>], usize);

impl<E: Real, const COLUMNS: usize> Lines<E, COLUMNS> for OfPanel<'_, E> {
    type Item = Line<E>;

    #[inline(always)]
    fn items(&self) -> &[Line<E>] {
        self.0
    }

    #[inline(always)]
    fn line<'a>(&'a self, item: &'a Line<E>) -> Option<&'a [E; COLUMNS]> {
        // Where the tile is as wide as the panel, the offset is known to be 0.
        let offset = if COLUMNS == LANES { 0 } else { self.1 };
        item.0[offset..].first_chunk()
    }
}

/// The part of C that a tile makes.
pub(in crate::kernels) struct Target<'a, 'c, E> {
    /// C.
    pub c: &'a mut MatrixMut<'c, E>,
    /// At most as many as the tile has.
    pub rows: Range<usize>,
    /// As the rows.
    pub columns: Range<usize>,
    /// Whether C is overwritten.
    pub write: Write,
}

/// One tile of C (+)= strip · lines, from the strip's row on that is the target's first.
#[inline(always)]
pub(in crate::kernels) fn add_product<
    E: Real,
    const FMA: bool,
    const ROWS: usize,
    const COLUMNS: usize,
>(
    strip: &[[E; STRIP]],
    lines: impl Lines<E, COLUMNS>,
    target: Target<'_, '_, E>,
) {
    // What is left over at the bottom is often small.
    if ROWS > 4 && target.rows.len() <= 4 {
        add_tile::<E, FMA, 4, COLUMNS>(strip, lines, target);
    } else {
        add_tile::<E, FMA, ROWS, COLUMNS>(strip, lines, target);
    }
}

#[inline(always)]
fn add_tile<E: Real, const FMA: bool, const ROWS: usize, const COLUMNS: usize>(
    strip: &[[E; STRIP]],
    lines: impl Lines<E, COLUMNS>,
    target: Target<'_, '_, E>,
) {
    let Target {
        c,
        rows,
        columns,
        write,
    } = target;
    // Where the tile is as high as the strip, the offset is known to be 0.
    let first_row = if ROWS == STRIP { 0 } else { rows.start % STRIP };
    let mut start = [[E::zero(); COLUMNS]; ROWS];
    if (rows.len(), columns.len()) == (ROWS, COLUMNS) {
        // Known sizes, so that the sums never leave their registers.
        if write == Write::Accumulate {
            unroll_rows!(ROWS, i => start[i] = *whole_row(c, rows.start + i, &columns));
        }
        let sums = tile::<E, FMA, ROWS, COLUMNS>(strip, first_row, lines, start);
        unroll_rows!(ROWS, i => *whole_row(c, rows.start + i, &columns) = sums[i]);
        return;
    }
    if write == Write::Accumulate {
        for (start, row) in start.iter_mut().zip(rows.clone()) {
            let source = &*c.row_mut(row, columns.clone());
            start[..source.len()].copy_from_slice(source);
        }
    }
    let sums = tile::<E, FMA, ROWS, COLUMNS>(strip, first_row, lines, start);
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

/// `start` + strip · lines, each element by one accumulator in the order of k.
///
/// The tile reads the strip from row `first_row` on.
#[inline(always)]
fn tile<E: Real, const FMA: bool, const ROWS: usize, const COLUMNS: usize>(
    strip: &[[E; STRIP]],
    first_row: usize,
    lines: impl Lines<E, COLUMNS>,
    start: [[E; COLUMNS]; ROWS],
) -> [[E; COLUMNS]; ROWS] {
    let mut sums = start;
    for (a, item) in strip.iter().zip(lines.items()) {
        let (Some(a), Some(b)) = (a[first_row..].first_chunk::<ROWS>(), lines.line(item)) else {
            break;
        };
        // Written out because the compiler leaves a loop of this size rolled, and with it the sums
        // in memory: 40 times slower.
        unroll_rows!(ROWS, i => add_scaled::<E, FMA, COLUMNS>(a[i], b, &mut sums[i]));
    }
    sums
}
