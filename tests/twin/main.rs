//! What `#[bayesian]` makes of models of every form.

mod family;
mod forms;
mod grids;
mod joined;
mod layers;
mod own;
mod pruned;
mod sequences;
mod tokens;
