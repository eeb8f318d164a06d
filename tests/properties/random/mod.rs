//! Properties on random cases, always the same ones: proptest with a seed of its own.

mod divergence;
mod examples;
mod weights;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// Runs `test` on so many values; the simplest one that fails is shown.
fn for_all<S: Strategy>(
    cases: u32,
    values: S,
    test: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let outcome = TestRunner::new_with_rng(config, rng).run(&values, test);
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

/// Positive numbers from 10^`from` to 10^`to`, even in their logarithm.
fn magnitudes(from: f64, to: f64) -> impl Strategy<Value = f64> {
    (from..to).prop_map(|exponent| 10f64.powf(exponent))
}

/// As [`magnitudes`], of both signs.
fn signed(from: f64, to: f64) -> impl Strategy<Value = f64> {
    let signs = prop_oneof![Just(1.0), Just(-1.0)];
    (signs, magnitudes(from, to)).prop_map(|(sign, size)| sign * size)
}
