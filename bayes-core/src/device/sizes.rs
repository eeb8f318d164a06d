//! The numbers that an operation needs of its tensors' shapes.

use crate::shape::Sliding;

/// A product of feature vectors with a weight matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinearSize {
    /// Feature vectors, over batch and steps.
    pub rows: usize,
    /// Features of each.
    pub inputs: usize,
    /// Features given.
    pub outputs: usize,
}

/// A batch of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageSize {
    /// Images.
    pub examples: usize,
    /// Channels of each.
    pub channels: usize,
    /// Pixels of a channel.
    pub pixels: usize,
}

/// A batch of images and a window that moves over each channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSize {
    /// Channels, over all images.
    pub planes: usize,
    /// Height of a channel.
    pub height: usize,
    /// Width of a channel.
    pub width: usize,
    /// The window.
    pub window: Sliding,
}

impl PoolSize {
    /// Height and width of the output.
    pub fn output(&self) -> (usize, usize) {
        (self.window.over(self.height), self.window.over(self.width))
    }
}

/// A batch to be normalised, and the number that keeps the division from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormSize {
    /// The images.
    pub image: ImageSize,
    /// Added to the variance.
    pub epsilon: f64,
}

/// A batch of which each group of channels of each example is normalised by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupSize {
    /// The images.
    pub image: ImageSize,
    /// Groups of channels.
    pub groups: usize,
    /// Added to the variance.
    pub epsilon: f64,
}

/// A batch of which each channel of each example gets a sign: images, or sequences of vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignSize {
    /// Examples.
    pub examples: usize,
    /// Positions before the channels: the steps of a sequence, else 1.
    pub steps: usize,
    /// Channels or features.
    pub channels: usize,
    /// Positions after the channels: the pixels of an image, else 1.
    pub pixels: usize,
}
