//! The sub-commands.

mod calibrate;
mod evaluate;
mod export;
mod inspect;
mod models;
mod page;
mod predict;
mod quantize;
mod train;
mod trained;

pub use calibrate::{Calibrate, calibrate};
pub use evaluate::{Evaluate, evaluate};
pub use export::{Export, export};
pub use inspect::{Inspect, inspect};
pub use models::models;
pub use predict::{Predict, predict};
pub use quantize::{Quantize, quantize};
pub use train::{Train, train};
