//! Posteriors: what is believed of a weight after the data.

mod factor;
mod family;
mod fan_in;
mod fill;
mod variational;

pub use factor::{Columns, Elements};
pub use family::{Family, Init, Rho};
pub use fan_in::{ConvolutionFan, FanIn, LinearFan, NoFan, RecurrentFan};
pub(crate) use fill::Within;
pub use variational::{Factor, MeanField, PriorMean, Variational};
