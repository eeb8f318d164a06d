//! What all convolutions share: their numbers, the geometry of a forward pass, rules, and the product itself.

use crate::device::Kernels;
use crate::error::Error;
use crate::kernels::conv::transposed::TransposedGeometry;
use crate::kernels::conv::{Axis, ConvGeometry};
use crate::plan::{GridSizes, Sizes};
use crate::shape::{GridShape, Rule, Sliding, Space};
use dfdx::prelude::{Dim, Dtype, Shape, Tape, Tensor};

/// The numbers of a convolution's type.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    pub layer: &'static str,
    pub inputs: usize,
    pub outputs: usize,
    pub window: Sliding,
    pub groups: usize,
    /// Positions added to each side of a transposed convolution's output.
    pub extra: usize,
    /// Sides of the grids.
    pub sides: usize,
}

/// The geometry of a forward pass.
#[derive(Clone, Copy, Debug)]
pub enum Geometry {
    Over(ConvGeometry),
    Back(TransposedGeometry),
}

impl Geometry {
    /// Positions of a channel of the output.
    pub fn positions(&self) -> usize {
        match self {
            Self::Over(geometry) => geometry.positions(),
            Self::Back(geometry) => geometry.out_sides().into_iter().product(),
        }
    }

    /// The product of the grids `x` with the kernels `weight`.
    pub fn run<X: Shape, W: Shape, Y: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
        self,
        x: Tensor<X, E, D, T>,
        weight: Tensor<W, E, D, T>,
        out: Y,
    ) -> Result<Tensor<Y, E, D, T>, D::Err> {
        match self {
            Self::Over(geometry) => D::conv(x, weight, geometry, out),
            Self::Back(geometry) => D::conv_transposed(x, weight, geometry, out),
        }
    }
}

impl Numbers {
    /// Channels and kernel, as plans have them.
    fn grid(&self) -> GridSizes {
        GridSizes {
            inputs: self.inputs,
            outputs: self.outputs,
            window: self.window,
            groups: self.groups,
            sides: self.sides,
        }
    }

    /// The convolution of grids of the shape `x`.
    fn taken<N: Space, X: GridShape<N>>(&self, x: &X) -> Option<ConvGeometry> {
        let mut axes = [Axis::NONE; 3];
        let there = 3 - self.sides..3;
        for (axis, size) in axes[there.clone()].iter_mut().zip(&x.sides()[there]) {
            *axis = Axis {
                size: *size,
                kernel: self.window.kernel,
                stride: self.window.stride,
                padding: self.window.padding,
                dilation: self.window.dilation,
            };
        }
        (x.channels().size() == self.inputs).then_some(ConvGeometry {
            batch: x.examples(),
            in_channels: self.inputs,
            out_channels: self.outputs,
            axes,
            groups: self.groups,
        })
    }

    /// The sentence that says why grids of the shape `x` do not fit.
    pub fn misfit<X: std::fmt::Debug>(&self, x: &X) -> Error {
        let window = vec![self.window.kernel.to_string(); self.sides].join("×");
        Error::input(
            self.layer,
            format!("{} channels and at least a {window} window", self.inputs),
            x,
        )
    }
}

/// Convolutions.
pub mod over {
    use super::*;

    pub const fn rule(numbers: Numbers) -> Rule {
        Rule::Convolution {
            inputs: numbers.inputs,
            outputs: numbers.outputs,
            window: numbers.window,
            sides: numbers.sides,
        }
    }

    pub fn geometry<N: Space, X: GridShape<N>>(numbers: &Numbers, x: &X) -> Option<Geometry> {
        let taken = numbers.taken(x)?.validated().ok()?;
        Some(Geometry::Over(taken))
    }

    pub fn planned(numbers: &Numbers) -> Sizes {
        Sizes::Convolution(numbers.grid())
    }
}

/// Transposed convolutions.
pub mod back {
    use super::*;

    pub const fn rule(numbers: Numbers) -> Rule {
        Rule::Transposed {
            inputs: numbers.inputs,
            outputs: numbers.outputs,
            window: numbers.window,
            extra: numbers.extra,
            sides: numbers.sides,
        }
    }

    pub fn geometry<N: Space, X: GridShape<N>>(numbers: &Numbers, x: &X) -> Option<Geometry> {
        let mut extra = [0; 3];
        extra[3 - numbers.sides..].fill(numbers.extra);
        let geometry = TransposedGeometry::new(numbers.taken(x)?, extra).ok()?;
        Some(Geometry::Back(geometry))
    }

    pub fn planned(numbers: &Numbers) -> Sizes {
        Sizes::Transposed {
            grid: numbers.grid(),
            extra: numbers.extra,
        }
    }
}
