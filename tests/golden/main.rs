//! Golden values: what PyTorch, bayesian-torch and libraries of metrics computed, compared with the kernels, the
//! operations on the tape, and those made of dfdx operations.
//!
//! The files are read from the directory in the environment variable `BAYES_FIXTURES`, else from `tests/fixtures`.
//! Sizes come from the files, so that files of the same names with other numbers and sizes pass too.

mod attention;
mod batch_norm;
mod bayesian_torch;
mod conv;
mod estimators;
mod fixture;
mod kl;
mod linear;
mod losses;
mod metrics;
mod moped;
mod pool2d;
mod recurrent;
mod regression;
mod resnet;
mod tape;
