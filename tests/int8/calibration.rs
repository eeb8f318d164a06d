//! Ranges as they are asked for, and calibrations that cannot be.

use crate::models::{Vectors, dense};
use bayes_core::int8::{Calibration, Range, inspect};
use bayes_core::prelude::*;

fn with(range: Range) -> Calibration {
    Calibration {
        range,
        ..Calibration::default()
    }
}

#[test]
fn ranges_are_those_of_the_method() {
    let (twin, x) = dense::<Flipout>(-3.0, 200);
    let high = |range: Range| {
        let quant = twin.quantize_with(&with(range), [x.clone()]).unwrap();
        let layers = inspect(&quant).layers;
        layers[0].value.as_ref().unwrap().scale.high()
    };
    let (all, half) = (high(Range::MinMax), high(Range::Percentile(90.0)));
    let best = high(Range::MeanSquaredError);
    assert!(half < 0.6 * all, "{half} {all}");
    assert!(half < best && best <= 1.001 * all, "{half} {best} {all}");
    // The largest value of the mean and of 16 draws is not below that of the mean alone.
    let mut largest = 0.0f32;
    let hidden = twin.fc1.eval(&Key::MEAN.into()).forward(x.clone());
    hidden
        .as_vec()
        .iter()
        .for_each(|&y| largest = largest.max(y));
    assert!(all >= 0.999 * largest, "{all} {largest}");
}

#[test]
fn what_cannot_be_calibrated_is_said() {
    let (twin, x) = dense::<Flipout>(-3.0, 4);
    let none: [Vectors; 0] = [];
    let one = Calibration {
        draws: 1,
        ..Calibration::default()
    };
    let nan = x.clone() * f32::NAN;
    let refusals = [
        (
            twin.quantize(none),
            "a prediction needs at least 1 row, not 0",
        ),
        (
            twin.quantize_with(&one, [x.clone()]),
            "the number of calibration draws must be at least 2, not 1",
        ),
        (
            twin.quantize_with(&with(Range::Percentile(40.0)), [x.clone()]),
            "a calibration percentile must be above 50 and at most 100, not 40",
        ),
        (
            twin.quantize([nan]),
            "`calibration batch` holds NaN at element 0",
        ),
    ];
    for (refused, says) in refusals {
        let said = refused.unwrap_err().to_string();
        assert!(said.starts_with(says), "{said}");
    }
    let mut broken = twin;
    broken.fc2.bias.mu = broken.fc2.bias.mu * f32::INFINITY;
    let said = broken.quantize([x]).unwrap_err().to_string();
    assert!(said.starts_with("`fc2.bias` holds"), "{said}");
}
