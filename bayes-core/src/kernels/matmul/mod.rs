//! Matrix product C (+)= A·B with results that depend on nothing but a row and a column.
//!
//! **The rule.** The bits of an element of C depend only on its row of A, its column of B and the
//! instruction set: it is one accumulator, to which the products are added in the order of k, fused
//! where the instruction set fuses. They do not depend on the number of rows, on where the row
//! stands, on the blocking or on the number of threads. Edges are padded with zeros and computed by
//! the same tile.
//!
//! B is packed into [`Panels`], which can be kept and used again, A into [`Strips`]. A product packs a part of B that stays in
//! the second cache, and for it the rows of A some at a time.
//! Any operand may be a transposed view, so C = A·Bᵀ is `matmul(a, b.transposed(), …)`.

mod matrix;
mod panels;
pub mod reference;
mod scratch;
mod strips;
mod tile;
mod transpose;

pub use self::matrix::{Matrix, MatrixMut};
pub use self::panels::{LANES, Line, Panels};
pub use self::scratch::Scratch;
pub use self::strips::{STRIP, Strips};
pub use self::tile::Write;
use self::tile::{DEPTH, parts};
pub(in crate::kernels) use self::tile::{
    InTiles, Lines, Target, add_product, multiply, multiply_strips, run_in_tiles,
};
pub use self::transpose::Transpose;
pub(in crate::kernels) use self::transpose::{eight_from, eight_of};

use super::isa::Isa;
use super::parallel::{for_each, map_ordered, threads_for};
use super::real::Real;

/// Rows of A that are packed at a time.
const ROWS: usize = 192;

/// Columns of B that are packed at a time: a whole number of panels.
const COLUMNS: usize = 64 * LANES;

/// Rows of B that are packed at a time for all threads, which then work longer before they wait for each other.
const SHARED_DEPTH: usize = 4 * DEPTH;

/// Rows of A with which B is packed a panel at a time, so short that it stays in the first cache: it is read once.
const FEW: usize = 4;
const FEW_DEPTH: usize = DEPTH / 2;

/// C (+)= A·B with A m×k, B k×n and C m×n.
///
/// # Panics
///
/// If the dimensions disagree.
pub fn matmul<E: Real>(a: Matrix<'_, E>, b: Matrix<'_, E>, c: MatrixMut<'_, E>, write: Write) {
    matmul_on(Isa::active(), a, b, c, write);
}

/// [`matmul`] on a given instruction set.
pub fn matmul_on<E: Real>(
    isa: Isa,
    a: Matrix<'_, E>,
    b: Matrix<'_, E>,
    mut c: MatrixMut<'_, E>,
    write: Write,
) {
    check_sizes(a, [b.rows(), b.columns()], &c);
    if a.columns() == 0 && write == Write::Overwrite {
        c.fill(E::zero());
    }
    let threads = threads_for(2 * a.rows() * b.rows() * b.columns());
    if threads > 1 && a.rows() < 2 * STRIP * threads {
        multiply_by_columns(isa, a, b, c, write, threads);
    } else {
        multiply_blocks(isa, a, b, c, write, threads);
    }
}

/// C (+)= A·B for so few rows that each thread takes some columns, which go through memory of its own.
fn multiply_by_columns<E: Real>(
    isa: Isa,
    a: Matrix<'_, E>,
    b: Matrix<'_, E>,
    mut c: MatrixMut<'_, E>,
    write: Write,
    threads: usize,
) {
    let each = b.columns().div_ceil(threads).next_multiple_of(LANES);
    let lefts: Vec<usize> = (0..b.columns()).step_by(each).collect();
    let columns_from = |left: usize| left..b.columns().min(left + each);
    let multiply_part = |part: usize| {
        let columns = columns_from(lefts[part]);
        let mut part = c.copy_of(columns.clone());
        let target = MatrixMut::new(&mut part, a.rows(), columns.len());
        let b = b.part(0..b.rows(), columns);
        multiply_blocks(isa, a, b, target, write, 1);
        part
    };
    let parts: Vec<Vec<E>> = map_ordered(lefts.len(), true, multiply_part);
    for (left, part) in lefts.into_iter().zip(parts) {
        c.columns_mut(columns_from(left)).copy_from(&part);
    }
}

/// C (+)= A·B with some rows for each thread; B is packed by all of them and for all of them.
fn multiply_blocks<E: Real>(
    isa: Isa,
    a: Matrix<'_, E>,
    b: Matrix<'_, E>,
    mut c: MatrixMut<'_, E>,
    write: Write,
    threads: usize,
) {
    if a.rows() <= FEW {
        return multiply_few(isa, a, b, c, write);
    }
    let shared = threads > 1;
    let (each, most) = match shared {
        true => (a.rows().div_ceil(threads), SHARED_DEPTH),
        false => (a.rows(), DEPTH),
    };
    for left in (0..b.columns()).step_by(COLUMNS) {
        let columns = left..b.columns().min(left + COLUMNS);
        for depth in parts(b.rows(), most) {
            let b = b.part(depth.clone(), columns.clone());
            let panels = Panels::pack_into(b, E::take_lines(), shared);
            let write = write.of_part(depth.start);
            let blocks = c.columns_mut(columns.clone()).row_blocks(each);
            for_each(blocks, shared, |index, c| {
                let rows = index * each..index * each + c.rows();
                multiply_rows(isa, a.part(rows, depth.clone()), panels.lines(), c, write);
            });
            E::keep_lines(panels.into_lines());
        }
    }
}

/// [`multiply_blocks`] for at most [`FEW`] rows.
fn multiply_few<E: Real>(
    isa: Isa,
    a: Matrix<'_, E>,
    b: Matrix<'_, E>,
    mut c: MatrixMut<'_, E>,
    write: Write,
) {
    let (mut columns, mut lines) = (E::take_columns(), E::take_lines());
    for depth in parts(b.rows(), FEW_DEPTH) {
        let write = write.of_part(depth.start);
        let strips = Strips::pack_into(a.part(0..a.rows(), depth.clone()), columns);
        for left in (0..b.columns()).step_by(LANES) {
            let panel = left..b.columns().min(left + LANES);
            let panels = Panels::pack_into(b.part(depth.clone(), panel.clone()), lines, false);
            multiply(isa, &strips, panels.lines(), c.columns_mut(panel), write);
            lines = panels.into_lines();
        }
        columns = strips.into_columns();
    }
    E::keep_columns(columns);
    E::keep_lines(lines);
}

/// # Panics
///
/// If A, B of the given rows and columns, and C are no product.
fn check_sizes<E: Real>(a: Matrix<'_, E>, [rows, columns]: [usize; 2], c: &MatrixMut<'_, E>) {
    assert_eq!(a.columns(), rows, "matmul: columns of A and rows of B");
    assert_eq!(a.rows(), c.rows(), "matmul: rows of A and of C");
    assert_eq!(columns, c.columns(), "matmul: columns of B and of C");
}

/// C (+)= A·B for a depth of at least 1, on one thread.
fn multiply_rows<E: Real>(
    isa: Isa,
    a: Matrix<'_, E>,
    panels: &[Line<E>],
    c: MatrixMut<'_, E>,
    write: Write,
) {
    let mut columns = E::take_columns();
    for (index, c) in c.row_blocks(ROWS).into_iter().enumerate() {
        let rows = index * ROWS..index * ROWS + c.rows();
        let strips = Strips::pack_into(a.part(rows, 0..a.columns()), columns);
        multiply(isa, &strips, panels, c, write);
        columns = strips.into_columns();
    }
    E::keep_columns(columns);
}

/// C (+)= A·B with B packed before; same bits as [`matmul`].
///
/// # Panics
///
/// If the dimensions disagree.
pub fn matmul_packed<E: Real>(a: Matrix<'_, E>, b: &Panels<E>, c: MatrixMut<'_, E>, write: Write) {
    matmul_packed_on(Isa::active(), a, b, c, write);
}

/// [`matmul_packed`] on a given instruction set.
pub fn matmul_packed_on<E: Real>(
    isa: Isa,
    a: Matrix<'_, E>,
    b: &Panels<E>,
    mut c: MatrixMut<'_, E>,
    write: Write,
) {
    check_sizes(a, [b.rows(), b.columns()], &c);
    if a.columns() == 0 {
        if write == Write::Overwrite {
            c.fill(E::zero());
        }
        return;
    }
    let threads = threads_for(2 * a.rows() * b.rows() * b.columns());
    let each = a.rows().div_ceil(threads).max(1);
    for_each(c.row_blocks(each), threads > 1, |index, c| {
        let rows = index * each..index * each + c.rows();
        let a = a.part(rows, 0..a.columns());
        multiply_rows(isa, a, b.lines(), c, write);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{
        assert_all_close, assert_same_bits, numbers, with_one_and_two_threads,
    };

    const SIZES: [[usize; 3]; 12] = [
        [0, 3, 4],
        [3, 0, 4],
        [3, 4, 0],
        [1, 1, 1],
        [1, 40, 33],
        [7, 5, 31],
        [8, 16, 32],
        [9, 17, 33],
        [4, 33, 15],
        [31, 9, 17],
        [33, 8, 65],
        [130, 70, 66],
    ];

    /// Fast and reference product from the same start, with operands transposed in memory or not.
    fn check_product<E: Real>(isa: Isa, [m, k, n]: [usize; 3], transposed: bool, write: Write) {
        let (a, b): (Vec<E>, Vec<E>) = (numbers(1, m * k), numbers(2, k * n));
        let view = |data, rows, columns| match transposed {
            false => Matrix::new(data, rows, columns),
            true => Matrix::new(data, columns, rows).transposed(),
        };
        let (a, b) = (view(&a, m, k), view(&b, k, n));
        let mut want = numbers::<E>(3, m * n);
        let mut got = want.clone();
        reference::matmul(a, b, MatrixMut::new(&mut want, m, n), write);
        matmul_on(isa, a, b, MatrixMut::new(&mut got, m, n), write);
        let what = format!("{isa} {m} x {k} x {n} {transposed} {write:?}");
        assert_all_close(&got, &want, 2.0 * (k as f64).sqrt() + 2.0, &what);
    }

    #[test]
    fn agrees_with_the_reference_on_every_isa() {
        for isa in Isa::available() {
            for size in SIZES {
                for transposed in [false, true] {
                    for write in [Write::Overwrite, Write::Accumulate] {
                        check_product::<f32>(isa, size, transposed, write);
                        check_product::<f64>(isa, size, transposed, write);
                    }
                }
            }
        }
    }

    fn check_rows_alone<E: Real>(isa: Isa, [m, k, n]: [usize; 3]) {
        let (a, b): (Vec<E>, Vec<E>) = (numbers(1, m * k), numbers(2, k * n));
        let b = Matrix::new(&b, k, n);
        let [whole, again] = with_one_and_two_threads(|| {
            let mut c = vec![E::zero(); m * n];
            let target = MatrixMut::new(&mut c, m, n);
            matmul_on(isa, Matrix::new(&a, m, k), b, target, Write::Overwrite);
            c
        });
        assert_same_bits(&again, &whole, "two threads");
        for row in [0, 1, 63, m - 1] {
            let mut c = vec![E::zero(); n];
            let alone = Matrix::new(&a[row * k..(row + 1) * k], 1, k);
            matmul_on(
                isa,
                alone,
                b,
                MatrixMut::new(&mut c, 1, n),
                Write::Overwrite,
            );
            assert_same_bits(&c, &whole[row * n..(row + 1) * n], "one row alone");
        }
    }

    #[test]
    fn bits_depend_on_neither_rows_nor_threads() {
        for isa in Isa::available() {
            // Threads share rows, or columns where there are more of them; and more than is packed at a time.
            for size in [[130, 70, 66], [66, 70, 130], [200, 300, 2100]] {
                check_rows_alone::<f32>(isa, size);
                check_rows_alone::<f64>(isa, size);
            }
        }
    }

    #[test]
    fn strided_target_leaves_the_gaps_alone() {
        let mut c = vec![7.0_f32; 2 * 5];
        let a = [1.0, 2.0];
        let b = [3.0, 4.0, 5.0];
        let target = MatrixMut::strided(&mut c, 2, 3, 5);
        matmul(
            Matrix::new(&a, 2, 1),
            Matrix::new(&b, 1, 3),
            target,
            Write::Overwrite,
        );
        assert_eq!(c, [3.0, 4.0, 5.0, 7.0, 7.0, 6.0, 8.0, 10.0, 7.0, 7.0]);
    }
}
