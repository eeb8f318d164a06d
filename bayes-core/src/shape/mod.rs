//! Shapes: dimensions computed from other dimensions, the table of windows, and the rules that prove a net's sizes.

mod dims;
mod features;
mod grid;
mod mismatch;
mod path;
mod proof;
mod replace;
mod rule;
mod sentence;
mod size;
mod walk;
mod window;

pub(crate) use dims::may_agree;
pub use dims::{Down, Fits, Flat, Known, PerGroup, Up};
pub use features::FeatureShape;
pub use grid::{
    AdaptiveShape, Back, ChannelShape, GridShape, Line, Motion, Over, Plane, Space, Volume,
    WindowShape,
};
pub use mismatch::Mismatch;
pub use path::Path;
pub use proof::{MemberProof, Proof, prove, prove_member, prove_named};
pub use replace::ReplaceDim;
pub use rule::{Parts, Rule, Sliding};
pub use size::{Extent, Size};
pub use walk::size_of;
pub(crate) use walk::{check_example, most_numbers};
pub use window::{Window, WindowOut};
