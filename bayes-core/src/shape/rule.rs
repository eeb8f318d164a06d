//! What a layer does to the size of its input, as data: the same rules prove an annotated net at compile time, check
//! run-time sizes, and describe a model.

use super::dims::down;
use super::size::{Extent, Size};
use crate::estimator::EstimatorKind;

/// What a layer takes and gives.
///
/// Containers hold the rules of their parts. `#[bayesian]` runs the rules of a struct's fields, in order, through
/// [`prove`](super::prove) in a constant, so that a wrong size is a compile error on the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// Any size, unchanged: activations, dropout.
    Keep,
    /// Vectors of `inputs` features become vectors of `outputs`.
    Linear {
        /// Features taken.
        inputs: usize,
        /// Features given.
        outputs: usize,
    },
    /// Grids of `inputs` channels become grids of `outputs` channels.
    Convolution {
        /// Channels taken.
        inputs: usize,
        /// Channels given.
        outputs: usize,
        /// How the kernel moves.
        window: Sliding,
        /// Sides of the grids: 1, 2 or 3.
        sides: usize,
    },
    /// The same with a window that moves over the output.
    Transposed {
        /// Channels taken.
        inputs: usize,
        /// Channels given.
        outputs: usize,
        /// How the kernel moves.
        window: Sliding,
        /// Positions added to each side of the output.
        extra: usize,
        /// Sides of the grids: 1, 2 or 3.
        sides: usize,
    },
    /// A pooling window over each channel.
    Pool {
        /// How the window moves.
        window: Sliding,
        /// Sides of the grids: 1, 2 or 3.
        sides: usize,
    },
    /// Pooling to sides of a given size.
    AdaptivePool {
        /// Size of each side of the output.
        out: usize,
        /// Sides of the grids: 1, 2 or 3.
        sides: usize,
    },
    /// Grids with this many channels, unchanged in size, with no weight that is drawn: batch normalisation.
    Norm {
        /// Channels taken.
        channels: usize,
        /// Sides of the grids: 1, 2 or 3.
        sides: usize,
    },
    /// Grids with this many channels, unchanged in size, normalised in groups of channels.
    GroupNorm {
        /// Groups; they must divide the channels.
        groups: usize,
        /// Channels taken.
        channels: usize,
        /// Sides of the grids: 1, 2 or 3.
        sides: usize,
    },
    /// Vectors with this many features, or grids of any sides with this many channels, unchanged: a number per channel.
    Channels {
        /// Features or channels taken.
        channels: usize,
    },
    /// Grids with this many channels, unchanged in size: a bias per channel.
    Bias {
        /// Channels taken.
        channels: usize,
        /// Sides of the grids: 1, 2 or 3.
        sides: usize,
    },
    /// Grids become one number per channel.
    GlobalPool {
        /// Sides of the grids: 1, 2 or 3.
        sides: usize,
    },
    /// Vectors become grids.
    Unflatten {
        /// What an example becomes; its numbers are known.
        extent: Extent,
    },
    /// Grids become vectors.
    Flatten {
        /// Sides of the grids: 1, 2 or 3.
        sides: usize,
    },
    /// Sequences of `inputs` features become sequences of `outputs`: a recurrent layer.
    Recurrent {
        /// Features taken.
        inputs: usize,
        /// Features given.
        outputs: usize,
    },
    /// Vectors, or sequences of them, with this many features, unchanged: layer normalisation.
    Features {
        /// Features taken.
        features: usize,
    },
    /// Token numbers become sequences of vectors: an embedding.
    Embedding {
        /// Features given.
        outputs: usize,
    },
    /// Sequences become one vector: their last step, or the mean of all.
    LastStep,
    /// Parts one after the other: a tuple.
    Chain {
        /// Each part with its name.
        parts: Parts,
    },
    /// Fields one after the other: an annotated struct.
    Model {
        /// Each field with its name.
        parts: Parts,
        /// The estimator that the struct states, if it does.
        estimator: Option<EstimatorKind>,
        /// The input for which the struct's own definition is proven: its mistakes are reported there, and not a
        /// second time where it is a field. `None` where const parameters leave that to the structs around it.
        proven: Option<Size>,
    },
    /// A branch whose output is added to its input.
    Residual {
        /// The branch.
        branch: &'static Rule,
    },
    /// A branch whose output is added to that of a shortcut.
    GeneralizedResidual {
        /// The branch.
        branch: &'static Rule,
        /// The shortcut.
        shortcut: &'static Rule,
    },
    /// Two parts with the same input, whose channels or features are joined.
    Concat {
        /// The first part.
        first: &'static Rule,
        /// The second part.
        second: &'static Rule,
    },
    /// The same part several times.
    Repeated {
        /// The part.
        part: &'static Rule,
        /// How often.
        times: usize,
    },
    /// A field that states an estimator of its own.
    Estimated {
        /// The field's layer.
        layer: &'static Rule,
        /// Its estimator.
        estimator: EstimatorKind,
    },
    /// A field that stays deterministic.
    Skipped {
        /// The field's layer.
        layer: &'static Rule,
    },
    /// A layer that says nothing of sizes: nothing is proven of what follows it.
    Unknown,
}

/// The rules of a container's parts, each with its name.
pub type Parts = &'static [(&'static str, Rule)];

/// How a window with equal sides moves over a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sliding {
    /// Kernel size, in pixels.
    pub kernel: usize,
    /// Pixels between two positions.
    pub stride: usize,
    /// Zeros added on each side.
    pub padding: usize,
    /// Pixels between two taps of the kernel.
    pub dilation: usize,
}

impl Sliding {
    /// Output size over a dimension of `size`, or 0 where the window does not fit.
    pub const fn over(&self, size: usize) -> usize {
        let reach = 2 * self.padding as isize - (self.dilation * (self.kernel - 1)) as isize - 1;
        down(size, self.stride, reach)
    }

    /// Size of the output over which the window moves back from a dimension of `size`, or 0 where nothing is left.
    pub const fn back_over(&self, size: usize, extra: usize) -> usize {
        if size == 0 {
            return 0;
        }
        ((size - 1) * self.stride + self.reach() + extra).saturating_sub(2 * self.padding)
    }

    /// The pixels from the first to the last tap.
    pub const fn reach(&self) -> usize {
        self.dilation * (self.kernel - 1) + 1
    }
}
