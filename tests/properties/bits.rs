//! The same bits for any number of threads, any split of the batch and any order of the draws.

use crate::estimators::twin;
use crate::models::{Dense, Images};
use crate::parameters::spread_out;
use bayes_core::prelude::*;
use rayon::prelude::*;
use std::ops::Range;

const ROWS: usize = 128;
/// Rows of each call that a batch is cut into.
const SPLITS: [usize; 5] = [1, 7, 16, 64, 128];
const SAMPLES: usize = 5;
const SEED: u64 = 21;

/// What `predict` gives for some rows: moments, and every draw.
struct Outcome {
    moments: Classification,
    draws: Draws<f64>,
}

/// One model's predictions for rows of a batch, which keep their place in it.
type Predict<'a> = dyn Fn(Range<usize>) -> Outcome + Sync + 'a;

/// Runs `work` on a pool of its own.
fn on_threads<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("a thread pool")
        .install(work)
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|x| x.to_bits()).collect()
}

/// Moments of each row as bits, `[row][…]`.
pub fn rows_of_moments(moments: &Classification) -> Vec<Vec<u64>> {
    let probabilities = moments.probabilities.chunks_exact(moments.classes);
    let entropies = moments
        .predictive_entropy
        .iter()
        .zip(&moments.expected_entropy);
    probabilities
        .zip(entropies.zip(&moments.mutual_information))
        .map(|(p, ((predictive, expected), mutual))| {
            [bits(p), bits(&[*predictive, *expected, *mutual])].concat()
        })
        .collect()
}

/// Draws of each row as bits, `[row][sample, output]`.
pub fn rows_of_draws(draws: &Draws<f64>) -> Vec<Vec<u64>> {
    let row = |row: usize| {
        let outputs = row * draws.outputs..(row + 1) * draws.outputs;
        let of = |sample| bits(&draws.member(sample)[outputs.clone()]);
        (0..draws.samples).flat_map(of).collect()
    };
    (0..draws.rows).map(row).collect()
}

fn assert_same_bits_everywhere(what: &str, rows: usize, parts: &[usize], predict: &Predict<'_>) {
    let whole = on_threads(1, || predict(0..rows));
    let (moments, draws) = (rows_of_moments(&whole.moments), rows_of_draws(&whole.draws));
    assert_eq!((moments.len(), draws.len()), (rows, rows), "{what}");
    assert!(
        whole.moments.mutual_information.iter().any(|&x| x > 1e-6),
        "{what}: the draws are all the same"
    );
    let again = on_threads(2, || predict(0..rows));
    assert!(
        rows_of_moments(&again.moments) == moments,
        "{what}: moments on 2 threads"
    );
    assert!(
        rows_of_draws(&again.draws) == draws,
        "{what}: draws on 2 threads"
    );
    for &part in parts {
        for start in (0..rows).step_by(part) {
            let range = start..rows.min(start + part);
            let got = on_threads(2, || predict(range.clone()));
            assert!(
                rows_of_moments(&got.moments) == moments[range.clone()],
                "{what}: moments of rows {range:?}"
            );
            assert!(
                rows_of_draws(&got.draws) == draws[range.clone()],
                "{what}: draws of rows {range:?}"
            );
        }
    }
}

/// Some rows of a batch as a batch of `shape`.
pub fn cut<S: Shape, P: Shape, E: Dtype>(
    x: &Tensor<S, E, Cpu>,
    rows: Range<usize>,
    shape: P,
) -> Tensor<P, E, Cpu>
where
    Cpu: Device<E>,
{
    let width = shape.num_elements() / rows.len();
    let values = x.as_vec()[rows.start * width..rows.end * width].to_vec();
    x.device().tensor_from_vec(values, shape)
}

/// Checks the twin of `$model` by the estimator `$s`, with numbers of type `$e`, on `$rows` examples of size `$dim`.
macro_rules! check {
    ($model:ident, $s:ty, $e:ty, [$($dim:literal),+], $rows:expr, $parts:expr) => {{
        let dev = Cpu::seed_from_u64(31);
        let mut bayes = twin::<$s, $e, _, _>(&dev.build_module::<$model, $e>());
        spread_out(&mut bayes);
        let x: Tensor<_, $e, _> = dev.sample_normal_like(&($rows, $(Const::<$dim>),+));
        let predict = |rows: Range<usize>| {
            let part = cut(&x, rows.clone(), (rows.len(), $(Const::<$dim>),+));
            let moments = bayes.predict(part.clone(), SAMPLES, SEED).from_example(rows.start);
            let draws = bayes.predict(part, SAMPLES, SEED).from_example(rows.start);
            Outcome {
                moments: moments.classify().expect("moments"),
                draws: widened(draws.draws().expect("draws")),
            }
        };
        let what = concat!(stringify!($model), " ", stringify!($s), " ", stringify!($e));
        assert_same_bits_everywhere(what, $rows, &$parts, &predict);
        assert_draws_share_without_a_change(what, $rows, &predict, |draw| {
            let y = bayes.eval(draw).forward(x.clone()).as_vec();
            y.into_iter().map(f64::from).collect()
        });
        assert_order_of_draws_is_free(what, |key| {
            let y = bayes.eval(key).forward(x.clone()).as_vec();
            y.into_iter().map(f64::from).collect()
        });
    }};
}

/// f32 to f64 keeps every bit apart.
pub fn widened<E: Into<f64>>(draws: Draws<E>) -> Draws<f64> {
    Draws {
        samples: draws.samples,
        rows: draws.rows,
        outputs: draws.outputs,
        values: draws.values.into_iter().map(Into::into).collect(),
    }
}

/// What the draws of a prediction make once for all of them is what each makes by itself, where all rows run at once.
fn assert_draws_share_without_a_change(
    what: &str,
    rows: usize,
    predict: &Predict<'_>,
    alone: impl Fn(&Draw) -> Vec<f64>,
) {
    if rows > ROWS {
        return;
    }
    let seen = predict(0..rows);
    let mut probabilities = vec![0.0; seen.moments.probabilities.len()];
    for sample in 0..SAMPLES {
        let draw = Draw::from(Key::new(SEED, sample as u64));
        let logits = alone(&draw);
        let rows = logits.chunks(seen.moments.classes);
        for (sums, logits) in probabilities.chunks_mut(seen.moments.classes).zip(rows) {
            let whole: f64 = logits.iter().map(|z| z.exp()).sum();
            for (sum, z) in sums.iter_mut().zip(logits) {
                *sum += z.exp() / whole / SAMPLES as f64;
            }
        }
        let joint = bits(&alone(&draw.joint()));
        assert!(
            bits(seen.draws.member(sample)) == joint,
            "{what}: draw {sample} by itself"
        );
    }
    for (got, want) in seen.moments.probabilities.iter().zip(&probabilities) {
        assert!(
            (got - want).abs() < 1e-12,
            "{what}: {got} instead of {want}"
        );
    }
}

/// 16 draws evaluated in reverse order on threads equal those in order.
fn assert_order_of_draws_is_free(what: &str, draw: impl Fn(Key) -> Vec<f64> + Sync) {
    let in_order: Vec<Vec<u64>> = (0..16).map(|s| bits(&draw(Key::new(SEED, s)))).collect();
    let reversed: Vec<Vec<u64>> = on_threads(2, || {
        let samples = (0..16_u32).into_par_iter().rev();
        samples
            .map(|s| bits(&draw(Key::new(SEED, s.into()))))
            .collect()
    });
    assert!(
        in_order.iter().rev().eq(reversed.iter()),
        "{what}: draws in reverse order"
    );
    assert_ne!(in_order[0], in_order[1], "{what}: two draws");
}

#[test]
fn linear_nets() {
    check!(Dense, Reparameterization, f32, [20], ROWS, SPLITS);
    check!(Dense, Reparameterization, f64, [20], ROWS, SPLITS);
    check!(Dense, Flipout, f32, [20], ROWS, SPLITS);
    check!(Dense, Flipout, f64, [20], ROWS, SPLITS);
    check!(Dense, LocalReparameterization, f32, [20], ROWS, SPLITS);
    check!(Dense, LocalReparameterization, f64, [20], ROWS, SPLITS);
}

#[test]
fn convolutional_nets() {
    check!(Images, Reparameterization, f32, [2, 10, 9], ROWS, SPLITS);
    check!(Images, Reparameterization, f64, [2, 10, 9], ROWS, SPLITS);
    check!(Images, Flipout, f32, [2, 10, 9], ROWS, SPLITS);
    check!(Images, Flipout, f64, [2, 10, 9], ROWS, SPLITS);
}

/// A batch that one call of `predict` runs in more than one piece.
#[test]
fn batches_of_more_rows_than_run_at_once() {
    check!(Dense, Flipout, f32, [20], 600, [128, 300]);
    check!(Dense, LocalReparameterization, f32, [20], 600, [300]);
}

#[test]
fn samples_are_the_first_of_more_samples() {
    let dev = Cpu::seed_from_u64(32);
    let bayes = twin::<Flipout, f32, _, _>(&dev.build_module::<Dense, f32>());
    let x: Tensor<Rank2<3, 20>, f32, _> = dev.sample_normal();
    let few = bayes.predict(x.clone(), 3, SEED).draws().expect("draws");
    let many = bayes.predict(x, 40, SEED).draws().expect("draws");
    assert_eq!(few.values, many.values[..few.values.len()]);
}
