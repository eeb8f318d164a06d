//! Shapes: dimensions computed from other dimensions, the table of windows, and the rules that prove a net's sizes.

mod dims;
mod image;
mod rule;
mod window;

pub use dims::{Down, Fits, Flat, PerGroup};
pub use image::{FeatureShape, ImageShape, WindowShape};
pub(crate) use rule::check_example;
pub use rule::{
    Extent, Mismatch, Path, Rule, Size, Sliding, check_estimator, check_field, size_of,
};
pub use window::{Window, WindowOut};
