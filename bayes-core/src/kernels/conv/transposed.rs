//! The transposed convolution: the adjoint of a convolution, run by its kernels.
//!
//! `y[n, o, i·s − p + t·d] += w[c, o, t]·x[n, c, i]`: each input element writes the kernel, times itself, into the output.
//! With the geometry of the convolution that goes the other way, forward is that one's gradient of the input, and the
//! gradient of the input its forward (Zeiler et al. 2010; Dumoulin and Visin 2016).

use super::geometry::{Axis, ConvGeometry, ConvGeometryError};
use crate::kernels::isa::Isa;
use crate::kernels::real::Real;

/// The sizes of a transposed convolution, kept as the convolution that goes the other way: the output of this is the
/// input of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransposedGeometry {
    back: ConvGeometry,
}

impl TransposedGeometry {
    /// The sizes of the transposed convolution that takes what `taken` says of its input, and adds `output_padding`
    /// positions to each side that has a stride: of the sizes that the stride maps to one, a larger one.
    ///
    /// The weight is `(in_channels, out_channels/groups, kernel…)`.
    ///
    /// # Errors
    ///
    /// See [`ConvGeometryError`].
    pub fn new(taken: ConvGeometry, output_padding: [usize; 3]) -> Result<Self, ConvGeometryError> {
        let mut axes = taken.axes;
        for (axis, extra) in axes.iter_mut().zip(output_padding) {
            if extra != 0 && extra >= axis.stride {
                return Err(ConvGeometryError::OutputPadding {
                    padding: extra,
                    stride: axis.stride,
                });
            }
            axis.size = out(axis, extra).ok_or(ConvGeometryError::Padding)?;
        }
        let back = ConvGeometry {
            in_channels: taken.out_channels,
            out_channels: taken.in_channels,
            axes,
            ..taken
        };
        Ok(Self {
            back: back.validated()?,
        })
    }

    /// Depth, height and width of the output.
    pub fn out_sides(&self) -> [usize; 3] {
        self.back.axes.map(|axis| axis.size)
    }

    /// Channels of the output.
    pub fn channels_out(&self) -> usize {
        self.back.in_channels
    }

    /// The convolution that goes the other way.
    pub fn back(&self) -> &ConvGeometry {
        &self.back
    }
}

/// (size − 1)·stride + dilation·(kernel − 1) + 1 + extra − 2·padding; `None` below 1.
fn out(axis: &Axis, extra: usize) -> Option<usize> {
    let steps = axis.size.checked_sub(1)? * axis.stride;
    let reach = axis.dilation * axis.kernel.checked_sub(1)? + 1 + extra;
    (steps + reach)
        .checked_sub(2 * axis.padding)
        .filter(|&size| size > 0)
}

/// y = Wᵀ ⋆ x.
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn forward<E: Real>(geometry: &TransposedGeometry, x: &[E], weight: &[E], y: &mut [E]) {
    forward_on(Isa::active(), geometry, x, weight, y);
}

/// [`forward`] on a given instruction set.
pub fn forward_on<E: Real>(
    isa: Isa,
    geometry: &TransposedGeometry,
    x: &[E],
    weight: &[E],
    y: &mut [E],
) {
    y.fill(E::zero());
    super::backward_input_on(isa, &geometry.back, weight, x, y);
}

/// dx += W ⋆ g.
///
/// # Panics
///
/// As [`forward`].
pub fn backward_input<E: Real>(geometry: &TransposedGeometry, weight: &[E], g: &[E], dx: &mut [E]) {
    backward_input_on(Isa::active(), geometry, weight, g, dx);
}

/// [`backward_input`] on a given instruction set.
pub fn backward_input_on<E: Real>(
    isa: Isa,
    geometry: &TransposedGeometry,
    weight: &[E],
    g: &[E],
    dx: &mut [E],
) {
    let mut more = vec![E::zero(); dx.len()];
    super::forward_on(isa, &geometry.back, g, weight, None, &mut more);
    for (dx, more) in dx.iter_mut().zip(more) {
        *dx += more;
    }
}

/// dW += Σₙ xₙ·g̃ₙᵀ.
///
/// # Panics
///
/// As [`forward`].
pub fn backward_weight<E: Real>(geometry: &TransposedGeometry, x: &[E], g: &[E], dw: &mut [E]) {
    backward_weight_on(Isa::active(), geometry, x, g, dw);
}

/// [`backward_weight`] on a given instruction set.
pub fn backward_weight_on<E: Real>(
    isa: Isa,
    geometry: &TransposedGeometry,
    x: &[E],
    g: &[E],
    dw: &mut [E],
) {
    super::backward_weight_on(isa, &geometry.back, g, x, dw);
}

/// The transposed convolution as plain loops that scatter, to test the fast one against.
pub mod reference {
    use super::TransposedGeometry;
    use crate::kernels::conv::reference::{index, points};
    use crate::kernels::real::Real;

    /// y = Wᵀ ⋆ x.
    pub fn forward<E: Real>(geometry: &TransposedGeometry, x: &[E], weight: &[E], y: &mut [E]) {
        y.fill(E::zero());
        for_each_product(geometry, |from, w, to| y[to] += weight[w] * x[from]);
    }

    /// Adds to the gradients of input and weight.
    pub fn backward<E: Real>(
        geometry: &TransposedGeometry,
        x: &[E],
        weight: &[E],
        g: &[E],
        [dx, dw]: [&mut [E]; 2],
    ) {
        for_each_product(geometry, |from, w, to| {
            dx[from] += weight[w] * g[to];
            dw[w] += x[from] * g[to];
        });
    }

    /// Calls `visit` with the indices of input, weight and output for every product.
    fn for_each_product(geometry: &TransposedGeometry, mut visit: impl FnMut(usize, usize, usize)) {
        let back = geometry.back();
        let (inputs, outputs) = (back.out_channels, back.in_channels);
        let (sides, kernel) = (back.out_sides(), back.axes.map(|axis| axis.kernel));
        let out = geometry.out_sides();
        let (inputs_each, outputs_each) = (inputs / back.groups, outputs / back.groups);
        for (n, c) in (0..back.batch).flat_map(|n| (0..inputs).map(move |c| (n, c))) {
            for from in points(sides) {
                for o in 0..outputs_each {
                    for tap in points(kernel) {
                        let to = |a: usize| {
                            let axis = &back.axes[a];
                            (from[a] * axis.stride + tap[a] * axis.dilation)
                                .checked_sub(axis.padding)
                                .filter(|&at| at < out[a])
                        };
                        let (Some(z), Some(y), Some(x)) = (to(0), to(1), to(2)) else {
                            continue;
                        };
                        let channel = n * outputs + c / inputs_each * outputs_each + o;
                        visit(
                            index(n * inputs + c, sides, from),
                            index(c * outputs_each + o, kernel, tap),
                            index(channel, out, [z, y, x]),
                        );
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_all_close, numbers};

    /// The convolutions of the other grid, each the other way round, with every output padding in turn.
    fn grid() -> Vec<TransposedGeometry> {
        let turned = crate::kernels::conv::tests::grid()
            .into_iter()
            .enumerate()
            .filter_map(|(i, g)| {
                let extra = g.axes.map(|axis| i % axis.stride);
                let taken = ConvGeometry {
                    in_channels: g.out_channels,
                    out_channels: g.in_channels,
                    ..g
                };
                TransposedGeometry::new(taken, extra).ok()
            });
        turned.collect()
    }

    fn check<E: Real>(isa: Isa, geometry: &TransposedGeometry) {
        let back = geometry.back();
        let x: Vec<E> = numbers(1, back.output_len());
        let weight: Vec<E> = numbers(2, back.weight_len());
        let g: Vec<E> = numbers(3, back.input_len());
        let (mut y, mut want_y) = (numbers(4, g.len()), vec![E::zero(); g.len()]);
        forward_on(isa, geometry, &x, &weight, &mut y);
        reference::forward(geometry, &x, &weight, &mut want_y);
        let (mut dx, mut dw) = (numbers(5, x.len()), numbers(6, weight.len()));
        let (mut want_dx, mut want_dw) = (dx.clone(), dw.clone());
        backward_input_on(isa, geometry, &weight, &g, &mut dx);
        backward_weight_on(isa, geometry, &x, &g, &mut dw);
        reference::backward(geometry, &x, &weight, &g, [&mut want_dx, &mut want_dw]);
        for (name, got, want) in [("y", y, want_y), ("dx", dx, want_dx), ("dw", dw, want_dw)] {
            assert_all_close(
                &got,
                &want,
                60.0,
                &format!("{name} of {geometry:?} on {isa}"),
            );
        }
    }

    #[test]
    fn agrees_with_the_reference_on_every_isa() {
        let grid = grid();
        assert!(grid.len() > 60, "{} geometries", grid.len());
        for isa in Isa::available() {
            for geometry in &grid {
                check::<f32>(isa, geometry);
                check::<f64>(isa, geometry);
            }
        }
    }

    #[test]
    fn impossible_geometries_are_named() {
        let axis = |stride, padding| Axis {
            size: 3,
            kernel: 2,
            stride,
            padding,
            dilation: 1,
        };
        let taken = |axis| ConvGeometry {
            batch: 1,
            in_channels: 2,
            out_channels: 2,
            axes: [Axis::NONE, Axis::NONE, axis],
            groups: 1,
        };
        let out = |axis, extra| {
            TransposedGeometry::new(taken(axis), [0, 0, extra]).map(|g| g.out_sides()[2])
        };
        assert_eq!(out(axis(2, 0), 0), Ok(6));
        assert_eq!(out(axis(2, 0), 1), Ok(7));
        let padding = ConvGeometryError::OutputPadding {
            padding: 2,
            stride: 2,
        };
        assert_eq!(out(axis(2, 0), 2), Err(padding));
        assert_eq!(out(axis(1, 2), 0), Err(ConvGeometryError::Padding));
    }
}
