//! Recurrent layers: LSTM and GRU, plain and Bayesian, and what takes their outputs apart.

mod family;
mod gru;
mod lstm;
mod outputs;
mod planned;
mod run;
mod shapes;

pub use gru::{BayesGRU, GRU};
pub use lstm::{BayesLSTM, LSTM};
pub use outputs::{FinalState, LastOutput, Outputs};
pub use shapes::{Directions, Gates, SequenceShape};

/// The builder forms.
pub mod builders {
    pub use super::gru::builder::GRU;
    pub use super::lstm::builder::LSTM;
}
