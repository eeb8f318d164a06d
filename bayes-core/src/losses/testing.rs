//! Gradients of losses against central differences, for the tests of the losses.

use crate::error::Error;
use dfdx::prelude::{Backward, Cpu, OwnedTape, Rank0, Shape, Tensor};
use dfdx::tensor::{AsArray, TensorFromVec, Trace};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rand_distr::StandardNormal;

/// Half the distance of the two points of a difference: its error is some h² = 10⁻¹⁰ for the third derivative and
/// 10⁻¹⁶/h = 10⁻¹¹ for rounding, relative to numbers of order 1.
const STEP: f64 = 1e-5;

/// The largest difference between a gradient and the slope.
const TOLERANCE: f64 = 1e-8;

pub(super) type Taped<S> = Tensor<S, f64, Cpu, OwnedTape<f64, Cpu>>;

/// Standard normal numbers.
pub(super) fn normals(seed: u64, len: usize) -> Vec<f64> {
    let mut rng = StdRng::seed_from_u64(seed);
    (0..len).map(|_| rng.sample(StandardNormal)).collect()
}

pub(super) fn tensor<S: Shape>(values: &[f64], shape: S) -> Tensor<S, f64, Cpu> {
    Cpu::default().tensor_from_vec(values.to_vec(), shape)
}

/// The loss at `x` and its gradient there.
pub(super) fn traced<S: Shape>(
    x: &[f64],
    shape: S,
    loss: impl Fn(Taped<S>) -> Result<Taped<Rank0>, Error>,
) -> (f64, Vec<f64>) {
    let x = tensor(x, shape);
    let loss = loss(x.leaky_trace()).expect("a loss");
    let value = loss.array();
    (value, loss.backward().get(&x).as_vec())
}

/// Asserts that the gradient of a loss is its slope in each element of `x`, and that not all are 0.
pub(super) fn assert_slopes(x: &[f64], loss: impl Fn(&[f64]) -> (f64, Vec<f64>)) {
    let (_, gradient) = loss(x);
    assert_eq!(gradient.len(), x.len());
    let mut largest = 0.0_f64;
    for (i, got) in gradient.into_iter().enumerate() {
        let at = |shift: f64| {
            let mut moved = x.to_vec();
            moved[i] += shift;
            loss(&moved).0
        };
        let slope = (at(STEP) - at(-STEP)) / (2.0 * STEP);
        assert!(
            (got - slope).abs() <= TOLERANCE * slope.abs().max(1.0),
            "element {i}: {got} instead of {slope}"
        );
        largest = largest.max(slope.abs());
    }
    assert!(largest > 1e-4, "the loss does not depend on its input");
}
