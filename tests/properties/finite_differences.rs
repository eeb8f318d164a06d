//! Gradients of a loss against central differences, for every trained number of a model and of its input.

use crate::parameters::{change, gradients, parameters};
use bayes_core::prelude::*;

/// Half the distance of the two points of a difference. Its error is some h² = 10⁻¹⁰ for the third derivative and
/// 10⁻¹⁶/h = 10⁻¹¹ for rounding, relative to numbers of order 1.
const STEP: f64 = 1e-5;

/// Largest difference between a gradient and the slope, relative to the larger of 1 and the largest slope.
const TOLERANCE: f64 = 1e-7;

/// Asserts that the gradients of `loss` are its slopes, in every trained tensor of `model` and in `x`; and that they
/// do not all vanish.
pub fn assert_slopes<S, M>(
    model: &mut M,
    x: &Tensor<S, f64, Cpu>,
    loss: impl Fn(&mut M, &Tensor<S, f64, Cpu>) -> Tensor<Rank0, f64, Cpu, OwnedTape<f64, Cpu>>,
) where
    S: Shape,
    M: TensorCollection<f64, Cpu>,
{
    let found = loss(model, x).backward();
    let value = |model: &mut M, x: &Tensor<S, f64, Cpu>| loss(model, x).array();
    for gradient in gradients(model, &found) {
        let name = gradient.name.clone();
        let slopes: Vec<f64> = (0..gradient.values.len())
            .map(|i| {
                let old = parameters(model)
                    .into_iter()
                    .find(|parameter| parameter.name == name)
                    .map_or(f64::NAN, |parameter| parameter.values[i]);
                let mut at = |new: f64| {
                    change(model, &mut |tensor, element, value| {
                        if tensor == name && element == i {
                            new
                        } else {
                            value
                        }
                    });
                    value(model, x)
                };
                let slope = (at(old + STEP) - at(old - STEP)) / (2.0 * STEP);
                at(old);
                slope
            })
            .collect();
        assert_close(&gradient.values, &slopes, &name);
    }
    let slopes: Vec<f64> = (0..x.as_vec().len())
        .map(|i| {
            let mut at = |shift: f64| {
                let mut values = x.as_vec();
                values[i] += shift;
                let mut moved = x.clone();
                moved.copy_from(&values);
                value(model, &moved)
            };
            (at(STEP) - at(-STEP)) / (2.0 * STEP)
        })
        .collect();
    assert_close(&found.get(x).as_vec(), &slopes, "the input");
}

fn assert_close(gradient: &[f64], slopes: &[f64], name: &str) {
    let largest = slopes
        .iter()
        .fold(0.0_f64, |max, slope| max.max(slope.abs()));
    assert!(largest > 1e-4, "{name}: the loss does not depend on it");
    for (i, (got, want)) in gradient.iter().zip(slopes).enumerate() {
        assert!(
            (got - want).abs() <= TOLERANCE * largest.max(1.0),
            "element {i} of {name}: {got} instead of {want}"
        );
    }
}
