//! Losses of bayesian-torch on the tape, with their gradients: `avu_loss_0`, `auavu_loss_0`, `eau_loss_0`,
//! `eac_loss_0`.

use crate::fixture::{Fixture, TOLERANCE, compare};
use crate::tape::{Number, Taped, upload};
use bayes_core::Error;
use bayes_core::device::Kernels;
use bayes_core::dfdx::prelude::{Cpu, Rank0, Tensor};
use bayes_core::dfdx::tensor::Trace;
use bayes_core::dfdx::tensor_ops::Backward;
use bayes_core::losses::{EacThresholds, EauThresholds, auavu_loss, avuc_loss, eac_loss, eau_loss};

/// The largest error in double precision, as a fraction of the largest magnitude: the files are in `f32`.
const TOLERANCE_F64: f64 = 1e-6;

type Loss<E> = Result<Taped<Rank0, E>, Error>;
type Logits<E> = Taped<(usize, usize), E>;

#[test]
fn golden_avu_loss_0() {
    fn loss<E: Number>(file: &Fixture, logits: Logits<E>, labels: &[usize]) -> Loss<E>
    where
        Cpu: Kernels<E>,
    {
        let threshold = file.number("threshold", 1.0);
        avuc_loss(logits, labels, threshold, file.number("beta", 1.0))
    }
    let file = Fixture::open("avu_loss_0");
    of_logits::<f32>(&file, TOLERANCE, loss);
    of_logits::<f64>(&file, TOLERANCE_F64, loss);
}

#[test]
fn golden_auavu_loss_0() {
    fn loss<E: Number>(file: &Fixture, logits: Logits<E>, labels: &[usize]) -> Loss<E>
    where
        Cpu: Kernels<E>,
    {
        let thresholds = file.size("thresholds", Some(21));
        auavu_loss(logits, labels, thresholds, file.number("beta", 1.0))
    }
    let file = Fixture::open("auavu_loss_0");
    of_logits::<f32>(&file, TOLERANCE, loss);
    of_logits::<f64>(&file, TOLERANCE_F64, loss);
    at_each_threshold::<f32>(&file, TOLERANCE);
    at_each_threshold::<f64>(&file, TOLERANCE_F64);
}

/// The soft AvU at each threshold and the area under it, whose logarithms the losses are.
fn at_each_threshold<E: Number>(file: &Fixture, tolerance: f64)
where
    Cpu: Kernels<E>,
{
    let (Some(avu), Some(area)) = (file.get("avu"), file.get("area")) else {
        return;
    };
    let (logits, labels) = classified::<E>(file);
    let [_, classes] = file.tensor("logits").sizes();
    let rows = file.tensor("logits").values.chunks_exact(classes);
    let entropies: Vec<f64> = rows.map(entropy_of_logits).collect();
    let least = entropies.iter().copied().fold(f64::INFINITY, f64::min);
    let most = entropies.iter().copied().fold(0.0, f64::max);
    let count = avu.values.len();
    let ours = |i: usize| {
        let threshold = least + i as f64 / (count - 1) as f64 * (most - least);
        // The first and the last threshold are entropies of examples, which are to count as certain.
        let loss = avuc_loss(logits.clone(), &labels, threshold * (1.0 + 1e-12), 1.0);
        E::narrow((-loss.expect("a loss").as_vec()[0].widen()).exp())
    };
    compare(
        "avu",
        avu,
        &(0..count).map(ours).collect::<Vec<E>>(),
        tolerance,
    );
    let loss = auavu_loss(logits.clone(), &labels, count, 1.0).expect("a loss");
    let ours = E::narrow((-loss.as_vec()[0].widen()).exp());
    compare("area", area, &[ours], tolerance);
}

/// The entropy of the softmax, in nats: `ln Σ e^z − Σ p·z`.
fn entropy_of_logits(logits: &[f64]) -> f64 {
    let sum: f64 = logits.iter().map(|z| z.exp()).sum();
    sum.ln() - logits.iter().map(|z| z.exp() / sum * z).sum::<f64>()
}

/// Logits and labels of a file.
fn classified<E: Number>(file: &Fixture) -> (Tensor<(usize, usize), E, Cpu>, Vec<usize>)
where
    Cpu: Kernels<E>,
{
    let golden = file.tensor("logits");
    let [examples, classes] = golden.sizes();
    let labels = file.tensor("labels").values.iter().map(|&n| n as usize);
    (upload(golden, (examples, classes)), labels.collect())
}

fn of_logits<E: Number>(
    file: &Fixture,
    tolerance: f64,
    loss: impl Fn(&Fixture, Logits<E>, &[usize]) -> Loss<E>,
) where
    Cpu: Kernels<E>,
{
    let (logits, labels) = classified::<E>(file);
    let loss = loss(file, logits.leaky_trace(), &labels).expect("a loss");
    compare("loss", file.tensor("loss"), &loss.as_vec(), tolerance);
    let gradient = loss.backward().get(&logits).as_vec();
    compare("dlogits", file.tensor("dlogits"), &gradient, tolerance);
}

#[test]
fn golden_eau_loss_0() {
    let file = Fixture::open("eau_loss_0");
    let thresholds = EauThresholds {
        error: file.number("error_threshold", 1.0),
        uncertainty: file.number("uncertainty_threshold", 1.0),
    };
    let beta = file.number("beta", 1.0);
    of_errors::<f32>(&file, "uncertainty", TOLERANCE, |e, u| {
        eau_loss(e, u, thresholds, beta)
    });
    of_errors::<f64>(&file, "uncertainty", TOLERANCE_F64, |e, u| {
        eau_loss(e, u, thresholds, beta)
    });
}

#[test]
fn golden_eac_loss_0() {
    let file = Fixture::open("eac_loss_0");
    let thresholds = EacThresholds {
        error: file.number("error_threshold", 1.0),
        confidence: file.number("confidence_threshold", 0.5),
    };
    let beta = file.number("beta", 1.0);
    of_errors::<f32>(&file, "confidence", TOLERANCE, |e, c| {
        eac_loss(e, c, thresholds, beta)
    });
    of_errors::<f64>(&file, "confidence", TOLERANCE_F64, |e, c| {
        eac_loss(e, c, thresholds, beta)
    });
}

/// Compares in rows, and in columns of one number a row, which bayesian-torch cannot take.
fn of_errors<E: Number>(
    file: &Fixture,
    other: &str,
    tolerance: f64,
    loss: impl Fn(Taped<(usize, usize), E>, Taped<(usize, usize), E>) -> Loss<E>,
) where
    Cpu: Kernels<E>,
{
    let examples = file.tensor("error").values.len();
    for shape in [(1, examples), (examples, 1)] {
        let error: Tensor<_, E, Cpu> = upload(file.tensor("error"), shape);
        let uncertainty: Tensor<_, E, Cpu> = upload(file.tensor(other), shape);
        let loss = loss(error.leaky_trace(), uncertainty.leaky_trace()).expect("a loss");
        compare("loss", file.tensor("loss"), &loss.as_vec(), tolerance);
        let gradients = loss.backward();
        let gradient = gradients.get(&error).as_vec();
        compare("derror", file.tensor("derror"), &gradient, tolerance);
        let (name, gradient) = (format!("d{other}"), gradients.get(&uncertainty).as_vec());
        compare(&name, file.tensor(&name), &gradient, tolerance);
    }
}
