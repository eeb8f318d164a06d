//! The sizes of a product that hold for every input.

use crate::kernels::conv::transposed::TransposedGeometry;
use crate::kernels::conv::{Axis, ConvGeometry};
use crate::shape::Sliding;
use serde::{Deserialize, Serialize};

/// What a product takes and gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sizes {
    /// Vectors of `inputs` features become vectors of `outputs`; weights `(outputs, inputs)`.
    Linear {
        /// Features taken.
        inputs: usize,
        /// Features given.
        outputs: usize,
    },
    /// The kernel moves over the input; weights `(outputs, inputs/groups, kernel…)`.
    Convolution(GridSizes),
    /// The kernel moves over the output; weights `(inputs, outputs/groups, kernel…)`.
    Transposed {
        /// Channels and kernel.
        grid: GridSizes,
        /// Positions added to each side of the output.
        extra: usize,
    },
}

/// Channels, kernel and groups of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GridSizes {
    /// Channels taken.
    pub inputs: usize,
    /// Channels given.
    pub outputs: usize,
    /// How the kernel moves along each side.
    pub window: Sliding,
    /// Groups of channels that are convolved separately.
    pub groups: usize,
    /// Sides of the grids: 1, 2 or 3.
    pub sides: usize,
}

impl GridSizes {
    /// Positions of the kernel; `None` where they are too many to count.
    pub fn taps(&self) -> Option<usize> {
        self.window.kernel.checked_pow(self.sides as u32)
    }

    /// The geometry of a convolution over grids with these sides, the missing ones 1.
    pub(crate) fn geometry(&self, examples: usize, sides: [usize; 3]) -> ConvGeometry {
        let mut axes = [Axis::NONE; 3];
        let there = 3 - self.sides.min(3)..3;
        for (axis, size) in axes[there.clone()].iter_mut().zip(&sides[there]) {
            *axis = Axis {
                size: *size,
                kernel: self.window.kernel,
                stride: self.window.stride,
                padding: self.window.padding,
                dilation: self.window.dilation,
            };
        }
        ConvGeometry {
            batch: examples,
            in_channels: self.inputs,
            out_channels: self.outputs,
            axes,
            groups: self.groups,
        }
    }

    /// The same of a transposed convolution; `None` where there is no output.
    pub(crate) fn transposed(
        &self,
        examples: usize,
        sides: [usize; 3],
        extra: usize,
    ) -> Option<TransposedGeometry> {
        let mut extras = [0; 3];
        extras[3 - self.sides.min(3)..].fill(extra);
        TransposedGeometry::new(self.geometry(examples, sides), extras).ok()
    }
}

impl Sizes {
    /// Channels or features taken.
    pub fn inputs(&self) -> usize {
        match *self {
            Self::Linear { inputs, .. } => inputs,
            Self::Convolution(grid) | Self::Transposed { grid, .. } => grid.inputs,
        }
    }

    /// Channels or features given.
    pub fn outputs(&self) -> usize {
        match *self {
            Self::Linear { outputs, .. } => outputs,
            Self::Convolution(grid) | Self::Transposed { grid, .. } => grid.outputs,
        }
    }

    /// Weights of one output; `None` where the sizes make no sense.
    pub fn fan_in(&self) -> Option<usize> {
        match *self {
            Self::Linear { inputs, .. } => Some(inputs),
            Self::Convolution(grid) | Self::Transposed { grid, .. } => grid
                .inputs
                .checked_div(grid.groups)?
                .checked_mul(grid.taps()?),
        }
    }

    /// Where each number of the tensor stands when each output's weights lie together, `(outputs, inputs/groups,
    /// kernel…)`; `None` where it keeps its place.
    pub(crate) fn places(&self) -> Option<Vec<usize>> {
        let Self::Transposed { grid, .. } = self else {
            return None;
        };
        let taps = grid.taps()?;
        let (each_in, each_out) = (
            grid.inputs.checked_div(grid.groups)?,
            grid.outputs.checked_div(grid.groups)?,
        );
        let place = |i: usize| {
            let (tap, o, channel) = (i % taps, i / taps % each_out, i / taps / each_out);
            let output = channel / each_in * each_out + o;
            (output * each_in + channel % each_in) * taps + tap
        };
        Some((0..grid.inputs * each_out * taps).map(place).collect())
    }

    /// The numbers of a tensor, those of each output together.
    pub(crate) fn by_output<T: Copy + Default>(&self, tensor: Vec<T>) -> Vec<T> {
        let Some(places) = self.places() else {
            return tensor;
        };
        let mut rows = vec![T::default(); tensor.len()];
        for (number, place) in tensor.iter().zip(places) {
            rows[place] = *number;
        }
        rows
    }

    /// The inverse of [`by_output`](Self::by_output).
    pub(crate) fn as_tensor<T: Copy>(&self, rows: Vec<T>) -> Vec<T> {
        match self.places() {
            None => rows,
            Some(places) => places.into_iter().map(|place| rows[place]).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_of_transposed_kernels_lie_together() {
        let grid = GridSizes {
            inputs: 4,
            outputs: 6,
            window: Sliding {
                kernel: 2,
                stride: 2,
                padding: 0,
                dilation: 1,
            },
            groups: 2,
            sides: 1,
        };
        let sizes = Sizes::Transposed { grid, extra: 0 };
        // (4, 3, 2): number 100·input + 10·output in the group + tap.
        let tensor: Vec<usize> = (0..4)
            .flat_map(|i| (0..3).flat_map(move |o| (0..2).map(move |tap| 100 * i + 10 * o + tap)))
            .collect();
        let rows = sizes.by_output(tensor.clone());
        assert_eq!(rows[..4], [0, 1, 100, 101]);
        // Output 4 is the second of the second group, whose inputs are 2 and 3.
        assert_eq!(rows[16..20], [210, 211, 310, 311]);
        assert_eq!(sizes.as_tensor(rows), tensor);
        let kept = Sizes::Convolution(grid).by_output(tensor.clone());
        assert_eq!(kept, tensor);
    }
}
