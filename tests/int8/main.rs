//! The int8 twin: it says what the f32 twin says, on every processor, from a file that cannot lie.

mod agreement;
mod bits;
mod calibration;
mod digits;
mod file;
mod inspection;
mod layers;
mod models;
#[allow(dead_code, reason = "shared with the properties, which use all of it")]
#[path = "../properties/parameters.rs"]
mod parameters;
mod plan;
