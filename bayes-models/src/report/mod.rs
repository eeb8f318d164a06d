//! What models are worth, for a reader: a table in text or JSON, and a page of HTML with plots.
//!
//! The table is [`Row`]s in a [`Table`]. The page is a `Report`, of the feature `report`, which is on by default.

#[cfg(feature = "report")]
mod page;
#[cfg(feature = "report")]
mod posteriors;
mod table;

#[cfg(feature = "report")]
pub use page::{
    Error, Forecast, Inspection, LayerPosterior, LeastSure, Names, Picture, Predictions, Report,
    UncertainImage,
};
#[cfg(feature = "report")]
pub use posteriors::posteriors;
pub use table::{Row, Table};
