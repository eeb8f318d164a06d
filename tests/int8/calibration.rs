//! Ranges as they are asked for, and calibrations that cannot be.

use crate::models::{Vectors, dense, images};
use bayes_core::estimator::{Estimator, EstimatorKind};
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

/// What a twin gives whose layers have this estimator.
fn own<Est: Estimator>(x: &Vectors) -> Vec<f64> {
    let quant = dense::<Est>(-3.0, 4).0.quantize([x.clone()]).unwrap();
    quant
        .predict(x.clone(), 3, 1)
        .classify()
        .unwrap()
        .probabilities
}

/// A twin that was trained by one estimator is drawn by another, as if it had been its own.
#[test]
fn an_int8_model_draws_by_the_estimator_it_is_quantized_for() {
    let (twin, x) = dense::<Flipout>(-3.0, 40);
    let wanted = [
        own::<Reparameterization>(&x),
        own::<Flipout>(&x),
        own::<LocalReparameterization>(&x),
    ];
    let kinds = [
        EstimatorKind::Reparameterization,
        EstimatorKind::Flipout,
        EstimatorKind::LocalReparameterization,
    ];
    for (kind, want) in kinds.into_iter().zip(&wanted) {
        let calibration = Calibration {
            estimator: Some(kind),
            ..Calibration::default()
        };
        let quant = twin.quantize_with(&calibration, [x.clone()]).unwrap();
        let seen =
            |other: EstimatorKind| quant.predict(x.clone(), 3, 1).estimator(other).classify();
        assert_eq!(&seen(kind).unwrap().probabilities, want, "{kind}");
        for other in kinds.into_iter().filter(|&other| other != kind) {
            let said = seen(other).unwrap_err().to_string();
            let says = format!("`fc1`: it was quantized to be drawn by {kind}, not by {other}: ");
            assert!(said.contains(&says), "{said}");
        }
    }
    assert!(wanted[0] != wanted[1] && wanted[1] != wanted[2]);
}

/// Positions of an image share their weights, so that there none of the outputs are drawn by themselves.
#[test]
fn convolutions_draw_weights_where_outputs_are_asked_for() {
    let (twin, x) = images(-3.0, 4);
    let by = |estimator| {
        let calibration = Calibration {
            estimator: Some(estimator),
            ..Calibration::default()
        };
        let quant = twin.quantize_with(&calibration, [x.clone()]).unwrap();
        let weights = inspect(&quant)
            .layers
            .into_iter()
            .filter_map(|layer| layer.weights);
        weights.map(|weights| weights.estimator).collect::<Vec<_>>()
    };
    let drawn = by(EstimatorKind::LocalReparameterization);
    assert_eq!(drawn[0], EstimatorKind::Reparameterization);
    assert_eq!(drawn.last(), Some(&EstimatorKind::LocalReparameterization));
    assert!(
        by(EstimatorKind::Flipout)
            .iter()
            .all(|&by| by == EstimatorKind::Flipout)
    );
}
