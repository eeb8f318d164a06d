//! Shapes: dimensions computed from other dimensions, the table of windows, and the rules that prove a net's sizes.

mod dims;
mod image;
mod mismatch;
mod path;
mod proof;
mod rule;
mod sentence;
mod size;
mod walk;
mod window;

pub use dims::{Down, Fits, Flat, PerGroup};
pub use image::{FeatureShape, ImageShape, Slid, WindowShape};
pub use mismatch::Mismatch;
pub use path::Path;
pub use proof::{Proof, prove, prove_named};
pub use rule::{Parts, Rule, Sliding};
pub use size::{Extent, Size};
pub(crate) use walk::check_example;
pub use walk::size_of;
pub use window::{Window, WindowOut};
