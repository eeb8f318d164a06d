//! What models are worth, for a reader: a table in text or JSON, and a page of HTML with plots.
//!
//! The table is [`Row`]s in a [`Table`]. The page is a `Report`, of the feature `report`, which is on by default.

mod table;

#[cfg(feature = "report")]
mod calibration;
#[cfg(feature = "report")]
mod comparison;
#[cfg(feature = "report")]
mod data;
#[cfg(feature = "report")]
mod entropies;
#[cfg(feature = "report")]
mod error;
#[cfg(feature = "report")]
mod histogram;
#[cfg(feature = "report")]
mod inspection;
#[cfg(feature = "report")]
mod page;
#[cfg(feature = "report")]
mod pictures;
#[cfg(feature = "report")]
mod plot;
#[cfg(feature = "report")]
mod selective;
#[cfg(all(test, feature = "report"))]
mod tests;
#[cfg(feature = "report")]
mod weights;

pub use table::{Row, Table};

#[cfg(feature = "report")]
pub use data::{Inspection, LayerPosterior, LeastSure, Predictions, UncertainImage};
#[cfg(feature = "report")]
pub use error::Error;
#[cfg(feature = "report")]
pub use page::Report;
