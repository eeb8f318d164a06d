//! What must hold of every Bayesian twin: moments, gradients, bits, KL, identities of draws, extremes, training, sizes
//! and checkpoints.

mod beliefs;
mod bits;
mod checkpoints;
mod confidence;
mod draws;
mod estimators;
mod finite_differences;
mod frozen;
mod gradients;
mod kl;
mod models;
mod moments;
mod numerics;
mod parameters;
mod random;
mod regression;
mod sizes;
mod training;
