//! Posteriors: what is believed of a weight after the data.

mod fan_in;
mod mean_field;
mod variational;

pub use fan_in::{ConvolutionFan, FanIn, LinearFan, NoFan};
pub use mean_field::MeanField;
pub(crate) use variational::Within;
pub use variational::{Posterior, PriorMean, Variational};
