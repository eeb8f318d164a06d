//! Each loss on a device against the CPU: its value, and its gradients.

use crate::on_every_device;
use crate::operations::{Leaf, host, numbers, upload};
use bayes_core::device::Kernels;
use bayes_core::dfdx::prelude::*;
use bayes_core::losses::{
    EacThresholds, EauThresholds, PredictedVariance, auavu_loss, avuc_loss, beta_nll_loss,
    cross_entropy_loss, eac_loss, eau_loss, gaussian_nll_loss,
};

const ROWS: usize = 6;
const CLASSES: usize = 4;
const LABELS: [usize; ROWS] = [0, 3, 1, 1, 2, 0];

/// A value and the gradients of the inputs.
type Seen = (&'static str, Vec<f64>);

/// What every loss gives on `device`.
fn outcomes<D: Kernels<f32>>(device: &D) -> Vec<Seen> {
    let upload = |values: Vec<f64>| upload::<f32, D>(device, &values);
    // Some rows are certain and some are not.
    let logits = numbers(1, ROWS * CLASSES).into_iter().enumerate();
    let logits = upload(logits.map(|(i, x)| x * (1 + i / CLASSES) as f64).collect());
    let (mean, target) = (upload(numbers(2, ROWS)), upload(numbers(3, ROWS)));
    let above_0 = |seed| upload(numbers(seed, ROWS).into_iter().map(|x| 1.1 + x).collect());
    let (error, spread) = (above_0(4), above_0(5));
    let share = upload(
        numbers(6, ROWS)
            .into_iter()
            .map(|x| 0.5 + 0.45 * x)
            .collect(),
    );

    let mut seen = Vec::new();
    let mut see = |what,
                   loss: Result<Tensor<Rank0, f32, D, OwnedTape<f32, D>>, _>,
                   inputs: &[&Leaf<f32, D>]| {
        let loss: Tensor<Rank0, f32, D, _> =
            loss.unwrap_or_else(|e: bayes_core::Error| panic!("{what}: {e}"));
        let mut all: Vec<f64> = loss.as_vec().into_iter().map(f64::from).collect();
        let gradients = loss.backward();
        for input in inputs {
            all.extend(host(&gradients.get(*input)));
        }
        seen.push((what, all));
    };
    let rows = || logits.leaky_trace().reshape_like(&(ROWS, CLASSES));
    see(
        "cross entropy",
        cross_entropy_loss(rows(), &LABELS),
        &[&logits],
    );
    see("AvUC", avuc_loss(rows(), &LABELS, 0.9, 3.0), &[&logits]);
    see("AUAvU", auavu_loss(rows(), &LABELS, 5, 3.0), &[&logits]);
    see(
        "Gaussian NLL",
        gaussian_nll_loss(
            mean.leaky_trace(),
            PredictedVariance::Value(spread.leaky_trace()),
            target.clone(),
        ),
        &[&mean, &spread],
    );
    see(
        "beta-NLL",
        beta_nll_loss(
            mean.leaky_trace(),
            PredictedVariance::Log(error.leaky_trace()),
            target.clone(),
            0.5,
        ),
        &[&mean, &error],
    );
    let thresholds = EauThresholds {
        error: 1.0,
        uncertainty: 1.2,
    };
    see(
        "EaU",
        eau_loss(error.leaky_trace(), spread.leaky_trace(), thresholds, 2.0),
        &[&error, &spread],
    );
    let thresholds = EacThresholds {
        error: 1.0,
        confidence: 0.5,
    };
    see(
        "EaC",
        eac_loss(error.leaky_trace(), share.leaky_trace(), thresholds, 2.0),
        &[&error, &share],
    );
    seen
}

fn losses_agree<D: Kernels<f32>>(device: &D) {
    let want = outcomes(&Cpu::default());
    let got = outcomes(device);
    assert_eq!(got.len(), want.len());
    for ((what, got), (_, want)) in got.iter().zip(&want) {
        assert!(
            want.iter().skip(1).any(|&slope| slope != 0.0),
            "{what} has no slope"
        );
        let largest = want.iter().fold(1e-3, |a: f64, b| a.max(b.abs()));
        assert_eq!(got.len(), want.len(), "{what}");
        for (i, (got, want)) in got.iter().zip(want).enumerate() {
            let error = (got - want).abs();
            assert!(
                error <= 1e-5 * largest,
                "{what}: number {i} is {got} instead of {want}"
            );
        }
    }
}

on_every_device! {
    losses => losses_agree;
}
