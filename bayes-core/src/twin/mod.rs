//! From a layer to its twin: the traits that `#[bayesian]` composes.
//!
//! [`Spec`] goes from a builder type to the layer on a device, [`Twin`] from there to the Bayesian layer and back,
//! [`Bind`] from a layer to a view of it in one draw. Containers implement them for their parts, an annotated struct
//! for its fields.

mod bind;
mod config;
mod containers;
mod deterministic;
mod draw;
mod from_pretrained;
mod kept;
mod map;
mod name;
pub(crate) mod next_draw;
pub(crate) mod stand_in;

pub use bind::{Bind, DrawnView, LayerView, TrainView};
pub use config::{Config, Defaults};
pub(crate) use containers::around_one;
pub use deterministic::Deterministic;
pub(crate) use draw::Sort;
pub use draw::{Draw, Noise};
pub use from_pretrained::FromPretrained;
pub(crate) use kept::Kept;
pub use map::{Bayes, Bayesian, Built, Spec, Twin, VisitPosteriors};
pub use name::Name;
pub use next_draw::device_of;
pub(crate) use stand_in::stand_in;
pub use stand_in::{Array, Call, FromArrays, RunLayers, StandIn, StandIns, ToArrays};
