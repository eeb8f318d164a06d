//! Matrices as views of slices: a strided read-only one, and a row-major one to write.

use std::ops::Range;

/// A read-only `rows` × `columns` matrix: element (i, j) is `data[i·row_stride + j·column_stride]`.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, E> {
    data: &'a [E],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a, E: Copy> Matrix<'a, E> {
    /// A row-major matrix without gaps.
    ///
    /// # Panics
    ///
    /// If `data` does not hold exactly `rows · columns` elements.
    pub fn new(data: &'a [E], rows: usize, columns: usize) -> Self {
        assert_eq!(
            data.len(),
            rows * columns,
            "matrix of {rows} x {columns}: length of the slice"
        );
        Self::strided(data, rows, columns, columns, 1)
    }

    /// A matrix with any strides.
    ///
    /// # Panics
    ///
    /// If the last element lies outside `data`.
    pub fn strided(
        data: &'a [E],
        rows: usize,
        columns: usize,
        row_stride: usize,
        column_stride: usize,
    ) -> Self {
        if rows > 0 && columns > 0 {
            let last = (rows - 1) * row_stride + (columns - 1) * column_stride;
            assert!(
                last < data.len(),
                "matrix of {rows} x {columns}: its slice is too short"
            );
        }
        Self {
            data,
            rows,
            columns,
            row_stride,
            column_stride,
        }
    }

    /// The transposed view; nothing is copied.
    pub fn transposed(self) -> Self {
        Self {
            data: self.data,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }

    /// Some rows and columns of it.
    ///
    /// # Panics
    ///
    /// If a range ends outside the matrix.
    pub fn part(self, rows: Range<usize>, columns: Range<usize>) -> Self {
        assert!(
            rows.end <= self.rows && columns.end <= self.columns,
            "matrix of {} x {}: a part outside it",
            self.rows,
            self.columns
        );
        let start = rows.start * self.row_stride + columns.start * self.column_stride;
        Self {
            data: self.data.get(start..).unwrap_or_default(),
            rows: rows.len(),
            columns: columns.len(),
            ..self
        }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Element (`row`, `column`).
    #[inline(always)]
    pub fn at(&self, row: usize, column: usize) -> E {
        self.data[row * self.row_stride + column * self.column_stride]
    }

    /// Whether the elements of a row are adjacent in memory.
    pub(super) fn rows_are_contiguous(&self) -> bool {
        self.column_stride == 1
    }

    /// Whether the elements of a column are adjacent in memory.
    pub(super) fn columns_are_contiguous(&self) -> bool {
        self.row_stride == 1
    }

    /// One row of a matrix that has at least one column and contiguous rows.
    #[inline(always)]
    pub(in crate::kernels) fn row(&self, row: usize) -> &'a [E] {
        let start = row * self.row_stride;
        &self.data[start..start + self.columns]
    }

    /// One column of a matrix that has at least one row and contiguous columns.
    #[inline(always)]
    pub(super) fn column(&self, column: usize) -> &'a [E] {
        let start = column * self.column_stride;
        &self.data[start..start + self.rows]
    }
}

/// A row-major `rows` × `columns` matrix to write, with `row_stride` elements from row to row.
#[derive(Debug)]
pub struct MatrixMut<'a, E> {
    data: &'a mut [E],
    rows: usize,
    columns: usize,
    row_stride: usize,
}

impl<'a, E> MatrixMut<'a, E> {
    /// A matrix without gaps.
    ///
    /// # Panics
    ///
    /// If `data` does not hold exactly `rows · columns` elements.
    pub fn new(data: &'a mut [E], rows: usize, columns: usize) -> Self {
        assert_eq!(
            data.len(),
            rows * columns,
            "matrix of {rows} x {columns}: length of the slice"
        );
        Self {
            data,
            rows,
            columns,
            row_stride: columns,
        }
    }

    /// A matrix whose rows start `row_stride` ≥ `columns` elements apart.
    ///
    /// # Panics
    ///
    /// If rows overlap or the last element lies outside `data`.
    pub fn strided(data: &'a mut [E], rows: usize, columns: usize, row_stride: usize) -> Self {
        assert!(
            columns <= row_stride || rows <= 1,
            "matrix of {rows} x {columns}: rows overlap"
        );
        if rows > 0 && columns > 0 {
            let last = (rows - 1) * row_stride + columns - 1;
            assert!(
                last < data.len(),
                "matrix of {rows} x {columns}: its slice is too short"
            );
        }
        Self {
            data,
            rows,
            columns,
            row_stride,
        }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Columns `range` of one row.
    #[inline(always)]
    pub(super) fn row_mut(&mut self, row: usize, range: Range<usize>) -> &mut [E] {
        let start = row * self.row_stride;
        &mut self.data[start + range.start..start + range.end]
    }

    /// Some columns of it.
    pub(super) fn columns_mut(&mut self, columns: Range<usize>) -> MatrixMut<'_, E> {
        MatrixMut {
            data: self.data.get_mut(columns.start..).unwrap_or_default(),
            rows: self.rows,
            columns: columns.len(),
            row_stride: self.row_stride,
        }
    }

    /// Some columns as a matrix without gaps.
    pub(super) fn copy_of(&self, columns: Range<usize>) -> Vec<E>
    where
        E: Copy,
    {
        let row = |row: usize| {
            let start = row * self.row_stride;
            &self.data[start + columns.start..start + columns.end]
        };
        (0..self.rows).flat_map(row).copied().collect()
    }

    /// Takes the elements of a matrix of this size without gaps.
    pub(super) fn copy_from(&mut self, elements: &[E])
    where
        E: Copy,
    {
        for (row, elements) in elements.chunks_exact(self.columns.max(1)).enumerate() {
            self.row_mut(row, 0..self.columns).copy_from_slice(elements);
        }
    }

    /// Sets every element to `value`.
    pub(super) fn fill(&mut self, value: E)
    where
        E: Copy,
    {
        for row in 0..self.rows {
            self.row_mut(row, 0..self.columns).fill(value);
        }
    }

    /// The matrix cut into blocks of `rows_per_block` rows, the last one shorter.
    pub(super) fn row_blocks(self, rows_per_block: usize) -> Vec<MatrixMut<'a, E>> {
        let Self {
            data,
            rows,
            columns,
            row_stride,
        } = self;
        if rows <= rows_per_block || row_stride == 0 {
            return vec![MatrixMut {
                data,
                rows,
                columns,
                row_stride,
            }];
        }
        data.chunks_mut(rows_per_block * row_stride)
            .zip((0..rows).step_by(rows_per_block))
            .map(|(data, first)| MatrixMut {
                data,
                rows: rows_per_block.min(rows - first),
                columns,
                row_stride,
            })
            .collect()
    }
}
