//! The noise of an example belongs to its index: neither the size of its batch nor its place in it changes a bit.

use super::*;
use crate::bits::{cut, rows_of_draws, rows_of_moments, widened};
use crate::models::{BayesDense, Dense};
use crate::parameters::spread_out;
use bayes_core::estimator::EstimatorKind;
use bayes_core::prelude::*;
use proptest::collection::vec;
use proptest::sample::{Index, select};
use std::ops::Range;

/// Images of any height and width.
#[bayesian]
pub struct Pictures {
    conv: (Conv2D<2, 6, 3, 1, 1>, Bias2D<6>),
    act: ReLU,
    down: Conv2D<6, 4, 3, 2, 1, 1, 2>,
    pool: AvgPoolGlobal,
    fc: Linear<4, 3>,
}

/// Sequences of any length.
#[bayesian]
pub struct Sequences {
    rnn: LSTM<3, 7>,
    last: LastOutput,
    fc: Linear<7, 2>,
}

/// The twin of `$Net` with its weights spread out.
macro_rules! spread {
    ($Net:ident, $Bayes:ident) => {{
        let plain = Cpu::seed_from_u64(61).build_module::<$Net, f32>();
        let mut bayes = $Bayes::from_pretrained(&plain).expect("a twin");
        spread_out(&mut bayes);
        bayes
    }};
}

/// What both properties are asked of: so many rows, the seed of their draws and how these are made.
fn cases(
    rows: usize,
    kinds: &'static [EstimatorKind],
) -> impl Strategy<Value = (usize, u64, EstimatorKind)> {
    (1..=rows, any::<u64>(), select(kinds))
}

const DRAWN: &[EstimatorKind] = &[EstimatorKind::Reparameterization, EstimatorKind::Flipout];
const ANY: &[EstimatorKind] = &[
    EstimatorKind::Reparameterization,
    EstimatorKind::Flipout,
    EstimatorKind::LocalReparameterization,
];

/// Rows between cuts at some places.
fn parts(rows: usize, places: &[Index]) -> Vec<Range<usize>> {
    let mut cuts: Vec<usize> = places.iter().map(|place| place.index(rows)).collect();
    cuts.extend([0, rows]);
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

/// Asserts that each part of a batch of `rows` gives what the whole gives for its rows.
fn assert_same_in_parts(
    rows: usize,
    places: &[Index],
    of: impl Fn(Range<usize>) -> Vec<Vec<u64>>,
) -> Result<(), TestCaseError> {
    let whole = of(0..rows);
    for part in parts(rows, places) {
        let got = of(part.clone());
        prop_assert!(got == whole[part.clone()], "rows {part:?} of {rows}");
    }
    Ok(())
}

/// Draws of some rows of `$x` by `$kind`, as bits of each row.
macro_rules! draws {
    ($bayes:ident, $x:ident, $seed:expr, $kind:expr, [$($size:expr),+]) => {
        |rows: Range<usize>| {
            let part = cut(&$x, rows.clone(), (rows.len(), $($size),+));
            let draws = $bayes.predict(part, 3, $seed).estimator($kind).from_example(rows.start);
            rows_of_draws(&widened(draws.draws().expect("draws")))
        }
    };
}

#[test]
fn any_split_of_images_gives_the_same_bits() {
    let bayes = spread!(Pictures, BayesPictures);
    let sizes = (1usize..=9, 1usize..=9, vec(any::<Index>(), 0..4));
    for_all(
        24,
        (cases(30, DRAWN), sizes),
        |((rows, seed, kind), (height, width, places))| {
            let x = Cpu::seed_from_u64(seed).sample_normal_like(&(rows, Const::<2>, height, width));
            let of = draws!(bayes, x, seed, kind, [Const::<2>, height, width]);
            assert_same_in_parts(rows, &places, of)
        },
    );
}

#[test]
fn any_split_of_sequences_gives_the_same_bits() {
    let bayes = spread!(Sequences, BayesSequences);
    let sizes = (1usize..=9, vec(any::<Index>(), 0..4));
    for_all(
        24,
        (cases(40, DRAWN), sizes),
        |((rows, seed, kind), (steps, places))| {
            let x = Cpu::seed_from_u64(seed).sample_normal_like(&(rows, steps, Const::<3>));
            let of = draws!(bayes, x, seed, kind, [steps, Const::<3>]);
            assert_same_in_parts(rows, &places, of)
        },
    );
}

/// More rows than run at once, and the local noise of each row, which moments see.
#[test]
fn any_split_of_vectors_gives_the_same_bits() {
    let bayes = spread!(Dense, BayesDense);
    let places = vec(any::<Index>(), 0..5);
    for_all(
        24,
        (cases(600, ANY), places),
        |((rows, seed, kind), places)| {
            let x = Cpu::seed_from_u64(seed).sample_normal_like(&(rows, Const::<20>));
            assert_same_in_parts(rows, &places, draws!(bayes, x, seed, kind, [Const::<20>]))?;
            assert_same_in_parts(rows, &places, |rows: Range<usize>| {
                let part = cut(&x, rows.clone(), (rows.len(), Const::<20>));
                let moments = bayes.predict(part, 3, seed).estimator(kind);
                let moments = moments.from_example(rows.start).classify();
                rows_of_moments(&moments.expect("moments"))
            })
        },
    );
}

/// The numbers from 0 to below `rows` in any order, for any number of rows.
fn orders(rows: usize) -> impl Strategy<Value = Vec<usize>> {
    (2..=rows).prop_flat_map(|rows| Just((0..rows).collect::<Vec<_>>()).prop_shuffle())
}

/// Asserts that the examples in an `order`, each with its index, give the rows of the batch in that order.
///
/// `of` gives the outputs of a batch whose first example has an index; examples are `width` numbers of `x`.
fn assert_permuted(
    x: &[f32],
    order: &[usize],
    of: impl Fn(Vec<f32>, usize) -> Vec<f32>,
) -> Result<(), TestCaseError> {
    let whole = of(x.to_vec(), 0);
    let (width, outputs) = (x.len() / order.len(), whole.len() / order.len());
    let rows = |i: &usize| of(x[i * width..(i + 1) * width].to_vec(), *i);
    let got: Vec<u32> = order.iter().flat_map(rows).map(f32::to_bits).collect();
    let want = |i: &usize| whole[i * outputs..(i + 1) * outputs].to_vec();
    let want: Vec<u32> = order.iter().flat_map(want).map(f32::to_bits).collect();
    prop_assert_eq!(got, want);
    Ok(())
}

/// The outputs of a view of `$bayes` in a draw by `$kind`, for a batch that begins at an example.
macro_rules! outputs {
    ($bayes:ident, $seed:expr, $kind:expr, [$($size:expr),+]) => {
        |x: Vec<f32>, first: usize| {
            let rows = x.len() / [$(Dim::size(&$size)),+].into_iter().product::<usize>();
            let x = Cpu::default().tensor_from_vec(x, (rows, $($size),+));
            let key = Key::new($seed, 1).at_example(first as u64);
            $bayes.eval(Draw::from(key).estimated_by($kind)).forward(x).as_vec()
        }
    };
}

#[test]
fn examples_in_another_order_give_their_outputs_in_that_order() {
    let (pictures, sequences) = (
        spread!(Pictures, BayesPictures),
        spread!(Sequences, BayesSequences),
    );
    let drawn = (orders(12), any::<u64>(), select(DRAWN), 1usize..=7);
    for_all(24, drawn, |(order, seed, kind, size)| {
        let dev = Cpu::seed_from_u64(seed);
        let x = dev
            .sample_normal_like(&(order.len(), Const::<2>, size, 5usize))
            .as_vec();
        let of = outputs!(pictures, seed, kind, [Const::<2>, size, 5usize]);
        assert_permuted(&x, &order, of)?;
        let x = dev
            .sample_normal_like(&(order.len(), size, Const::<3>))
            .as_vec();
        assert_permuted(
            &x,
            &order,
            outputs!(sequences, seed, kind, [size, Const::<3>]),
        )
    });
    let dense = spread!(Dense, BayesDense);
    for_all(
        24,
        (orders(20), any::<u64>(), select(ANY)),
        |(order, seed, kind)| {
            let x = Cpu::seed_from_u64(seed).sample_normal_like(&(order.len(), Const::<20>));
            assert_permuted(
                &x.as_vec(),
                &order,
                outputs!(dense, seed, kind, [Const::<20>]),
            )
        },
    );
}

/// Were there no noise of each example, the tests above would say little.
#[test]
fn equal_examples_differ_by_their_own_noise_alone() {
    let dense = spread!(Dense, BayesDense);
    for_all(8, any::<u64>(), |seed| {
        let one = Cpu::seed_from_u64(seed)
            .sample_normal_like(&(1usize, Const::<20>))
            .as_vec();
        for &kind in ANY {
            let of = outputs!(dense, seed, kind, [Const::<20>]);
            let (first, second) = (of(one.clone(), 0), of(one.clone(), 1));
            let shared = kind == EstimatorKind::Reparameterization;
            prop_assert_eq!(first == second, shared, "{}", kind);
        }
        Ok(())
    });
}
