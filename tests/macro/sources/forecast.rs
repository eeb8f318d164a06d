//! A recurrent net.

use bayes_core::prelude::*;

#[bayesian(posterior = MeanField(rho = -2.0))]
pub struct Forecast {
    /// What it remembers.
    pub lstm: LSTM<2, 5>,
    pub last: LastOutput,
    pub head: Linear<5, 3>,
}
