//! Linear layer y = x·Wᵀ + b and its gradients, on the matrix product.
//!
//! Shapes: x is rows × inputs, W is outputs × inputs, b has one number per output, y and its
//! gradient g are rows × outputs. The sum of an output element starts from its bias, so its bits
//! depend on its own row only.

pub mod reference;

use super::isa::Isa;
use super::matmul::{Matrix, MatrixMut, Panels, Write, matmul_on, matmul_packed_on};
use super::real::Real;

/// The sizes of a linear layer's operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinearGeometry {
    /// Rows of x and y: examples, or examples × positions.
    pub rows: usize,
    /// Input features.
    pub inputs: usize,
    /// Output features.
    pub outputs: usize,
}

impl LinearGeometry {
    fn input_len(&self) -> usize {
        self.rows * self.inputs
    }

    fn weight_len(&self) -> usize {
        self.outputs * self.inputs
    }

    fn output_len(&self) -> usize {
        self.rows * self.outputs
    }
}

/// y = x·Wᵀ + b; `bias` may be absent.
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn forward<E: Real>(
    geometry: &LinearGeometry,
    x: &[E],
    weight: &[E],
    bias: Option<&[E]>,
    y: &mut [E],
) {
    forward_on(Isa::active(), geometry, x, weight, bias, y);
}

/// [`forward`] on a given instruction set.
pub fn forward_on<E: Real>(
    isa: Isa,
    geometry: &LinearGeometry,
    x: &[E],
    weight: &[E],
    bias: Option<&[E]>,
    y: &mut [E],
) {
    let weight = turned(geometry, weight);
    let (x, y, write) = operands(geometry, x, bias, y);
    matmul_on(isa, x, weight, y, write);
}

/// A weight as [`forward_packed`] takes it, for products that follow each other.
///
/// # Panics
///
/// If it has the wrong length.
pub fn pack<E: Real>(geometry: &LinearGeometry, weight: &[E]) -> Panels<E> {
    Panels::pack(turned(geometry, weight))
}

/// [`forward`] with a weight that was packed before; the same bits.
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn forward_packed<E: Real>(
    geometry: &LinearGeometry,
    x: &[E],
    weight: &Panels<E>,
    bias: Option<&[E]>,
    y: &mut [E],
) {
    forward_packed_on(Isa::active(), geometry, x, weight, bias, y);
}

/// [`forward_packed`] on a given instruction set.
pub fn forward_packed_on<E: Real>(
    isa: Isa,
    geometry: &LinearGeometry,
    x: &[E],
    weight: &Panels<E>,
    bias: Option<&[E]>,
    y: &mut [E],
) {
    let (x, y, write) = operands(geometry, x, bias, y);
    matmul_packed_on(isa, x, weight, y, write);
}

fn turned<'a, E: Real>(geometry: &LinearGeometry, weight: &'a [E]) -> Matrix<'a, E> {
    assert_eq!(
        weight.len(),
        geometry.weight_len(),
        "linear: length of the weight"
    );
    Matrix::new(weight, geometry.outputs, geometry.inputs).transposed()
}

/// x, y that begins with the bias, and how the product is written to it.
fn operands<'x, 'y, E: Real>(
    geometry: &LinearGeometry,
    x: &'x [E],
    bias: Option<&[E]>,
    y: &'y mut [E],
) -> (Matrix<'x, E>, MatrixMut<'y, E>, Write) {
    let LinearGeometry {
        rows,
        inputs,
        outputs,
    } = *geometry;
    assert_eq!(x.len(), geometry.input_len(), "linear: length of x");
    assert_eq!(y.len(), geometry.output_len(), "linear: length of y");
    let write = match bias {
        Some(bias) => {
            assert_eq!(bias.len(), outputs, "linear: length of the bias");
            y.chunks_exact_mut(outputs.max(1))
                .for_each(|row| row.copy_from_slice(bias));
            Write::Accumulate
        }
        None => Write::Overwrite,
    };
    (
        Matrix::new(x, rows, inputs),
        MatrixMut::new(y, rows, outputs),
        write,
    )
}

/// dx += g·W.
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn backward_input<E: Real>(geometry: &LinearGeometry, weight: &[E], g: &[E], dx: &mut [E]) {
    backward_input_on(Isa::active(), geometry, weight, g, dx);
}

/// [`backward_input`] on a given instruction set.
pub fn backward_input_on<E: Real>(
    isa: Isa,
    geometry: &LinearGeometry,
    weight: &[E],
    g: &[E],
    dx: &mut [E],
) {
    let LinearGeometry {
        rows,
        inputs,
        outputs,
    } = *geometry;
    assert_eq!(
        weight.len(),
        geometry.weight_len(),
        "linear: length of the weight"
    );
    assert_eq!(
        g.len(),
        geometry.output_len(),
        "linear: length of the gradient"
    );
    assert_eq!(dx.len(), geometry.input_len(), "linear: length of dx");
    let weight = Matrix::new(weight, outputs, inputs);
    let dx = MatrixMut::new(dx, rows, inputs);
    matmul_on(
        isa,
        Matrix::new(g, rows, outputs),
        weight,
        dx,
        Write::Accumulate,
    );
}

/// dW += gᵀ·x, summed over rows in order.
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn backward_weight<E: Real>(geometry: &LinearGeometry, x: &[E], g: &[E], dw: &mut [E]) {
    backward_weight_on(Isa::active(), geometry, x, g, dw);
}

/// [`backward_weight`] on a given instruction set.
pub fn backward_weight_on<E: Real>(
    isa: Isa,
    geometry: &LinearGeometry,
    x: &[E],
    g: &[E],
    dw: &mut [E],
) {
    let LinearGeometry {
        rows,
        inputs,
        outputs,
    } = *geometry;
    assert_eq!(x.len(), geometry.input_len(), "linear: length of x");
    assert_eq!(
        g.len(),
        geometry.output_len(),
        "linear: length of the gradient"
    );
    assert_eq!(dw.len(), geometry.weight_len(), "linear: length of dw");
    let g = Matrix::new(g, rows, outputs).transposed();
    let dw = MatrixMut::new(dw, outputs, inputs);
    matmul_on(isa, g, Matrix::new(x, rows, inputs), dw, Write::Accumulate);
}

/// db += the column sums of g, over rows in order.
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn backward_bias<E: Real>(geometry: &LinearGeometry, g: &[E], db: &mut [E]) {
    assert_eq!(
        g.len(),
        geometry.output_len(),
        "linear: length of the gradient"
    );
    assert_eq!(db.len(), geometry.outputs, "linear: length of db");
    for row in g.chunks_exact(geometry.outputs.max(1)) {
        for (db, &g) in db.iter_mut().zip(row) {
            *db += g;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_all_close, assert_same_bits, numbers};

    fn check<E: Real>(isa: Isa, geometry: LinearGeometry) {
        let x = numbers::<E>(1, geometry.input_len());
        let weight = numbers::<E>(2, geometry.weight_len());
        let bias = numbers::<E>(3, geometry.outputs);
        let g = numbers::<E>(4, geometry.output_len());
        for bias in [None, Some(bias.as_slice())] {
            let mut got = numbers(5, g.len());
            let mut want = got.clone();
            forward_on(isa, &geometry, &x, &weight, bias, &mut got);
            reference::forward(&geometry, &x, &weight, bias, &mut want);
            assert_all_close(&got, &want, 30.0, "y");
            let mut packed = numbers(9, g.len());
            let weight = pack(&geometry, &weight);
            forward_packed_on(isa, &geometry, &x, &weight, bias, &mut packed);
            assert_same_bits(&packed, &got, "a packed weight");
        }
        let start = [
            numbers::<E>(6, x.len()),
            numbers(7, weight.len()),
            numbers(8, bias.len()),
        ];
        let (mut got, mut want) = (start.clone(), start);
        backward_input_on(isa, &geometry, &weight, &g, &mut got[0]);
        backward_weight_on(isa, &geometry, &x, &g, &mut got[1]);
        backward_bias(&geometry, &g, &mut got[2]);
        let [dx, dw, db] = &mut want;
        reference::backward(&geometry, &x, &weight, &g, dx, dw, db);
        for (got, want) in got.iter().zip(&want) {
            assert_all_close(got, want, 30.0, "gradient");
        }
    }

    #[test]
    fn agrees_with_the_reference() {
        for isa in Isa::available() {
            for [rows, inputs, outputs] in [
                [0, 3, 2],
                [3, 0, 2],
                [2, 3, 0],
                [1, 1, 1],
                [5, 7, 4],
                [33, 31, 65],
            ] {
                let geometry = LinearGeometry {
                    rows,
                    inputs,
                    outputs,
                };
                check::<f32>(isa, geometry);
                check::<f64>(isa, geometry);
            }
        }
    }

    #[test]
    fn a_row_alone_gives_the_same_bits() {
        let whole = LinearGeometry {
            rows: 40,
            inputs: 50,
            outputs: 35,
        };
        let alone = LinearGeometry { rows: 1, ..whole };
        let (x, weight) = (
            numbers::<f32>(1, whole.input_len()),
            numbers(2, whole.weight_len()),
        );
        let bias = numbers(3, 35);
        let (mut y, mut row) = (vec![0.0; whole.output_len()], vec![0.0; 35]);
        forward(&whole, &x, &weight, Some(&bias), &mut y);
        forward(&alone, &x[17 * 50..18 * 50], &weight, Some(&bias), &mut row);
        assert_same_bits(&row, &y[17 * 35..18 * 35], "row 17");
    }
}
