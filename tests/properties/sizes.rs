//! Sizes known at run time: the same numbers where they fit, and an error with a sentence where they do not.

use crate::estimators::{By, twin};
use crate::models::{
    BayesDense, BayesImages, Dense, DenseConfig, DeviceDense, DeviceImages, Images, ImagesConfig,
};
use crate::parameters::spread_out;
use bayes_core::estimator::Estimator;
use bayes_core::layers::modules;
use bayes_core::prelude::*;

type DenseBy<S> = BayesDense<f32, Cpu, DenseConfig<By<S>>>;
type ImagesBy<S> = BayesImages<f32, Cpu, ImagesConfig<By<S>>>;
type Vectors = Tensor<(usize, usize), f32, Cpu>;
type Pictures = Tensor<(usize, usize, usize, usize), f32, Cpu>;

fn vectors(rows: usize, features: usize) -> Vectors {
    Cpu::seed_from_u64(1).sample_normal_like(&(rows, features))
}

fn pictures(rows: usize, channels: usize, height: usize, width: usize) -> Pictures {
    Cpu::seed_from_u64(1).sample_normal_like(&(rows, channels, height, width))
}

fn dense<S: Estimator>() -> (DeviceDense<f32, Cpu>, DenseBy<S>) {
    let plain = Cpu::seed_from_u64(2).build_module::<Dense, f32>();
    let mut bayes = twin::<S, _, _, _>(&plain);
    spread_out(&mut bayes);
    (plain, bayes)
}

fn images<S: Estimator>() -> (DeviceImages<f32, Cpu>, ImagesBy<S>) {
    let plain = Cpu::seed_from_u64(2).build_module::<Images, f32>();
    let mut bayes = twin::<S, _, _, _>(&plain);
    spread_out(&mut bayes);
    (plain, bayes)
}

#[test]
fn static_and_run_time_sizes_give_the_same_numbers() {
    let key = Key::new(3, 0);
    let (plain, bayes) = dense::<Flipout>();
    let x = vectors(5, 20);
    let fixed: Tensor<Rank2<5, 20>, f32, _> = x.clone().realize();
    assert_eq!(
        plain.forward(x.clone()).as_vec(),
        plain.forward(fixed.clone()).as_vec()
    );
    assert_eq!(
        bayes.eval(key).forward(x.clone()).as_vec(),
        bayes.eval(key).forward(fixed.clone()).as_vec()
    );
    assert_eq!(
        bayes.predict(x, 3, 1).draws().expect("draws"),
        bayes.predict(fixed, 3, 1).draws().expect("draws")
    );

    let (plain, bayes) = images::<Flipout>();
    let x = pictures(3, 2, 10, 9);
    let fixed: Tensor<Rank4<3, 2, 10, 9>, f32, _> = x.clone().realize();
    assert_eq!(
        plain.forward(x.clone()).as_vec(),
        plain.forward(fixed.clone()).as_vec()
    );
    assert_eq!(
        bayes.eval(key).forward(x.clone()).as_vec(),
        bayes.eval(key).forward(fixed.clone()).as_vec()
    );
    assert_eq!(
        bayes.predict(x, 3, 1).draws().expect("draws"),
        bayes.predict(fixed, 3, 1).draws().expect("draws")
    );
}

/// Asserts that an error says all of `parts`.
fn assert_says<T: std::fmt::Debug>(result: Result<T, Error>, parts: &[&str]) {
    let text = result.expect_err("an error").to_string();
    for part in parts {
        assert!(text.contains(part), "`{text}` does not say `{part}`");
    }
}

fn wrong_features<S: Estimator>() {
    let (plain, bayes) = dense::<S>();
    let x = vectors(4, 7);
    assert!(plain.try_forward(x.clone()).is_err());
    assert!(bayes.eval(Key::new(1, 0)).try_forward(x.clone()).is_err());
    let sentence = ["`fc1` takes 20 features", "7"];
    assert_says(bayes.predict(x.clone(), 2, 1).classify(), &sentence);
    assert_says(bayes.predict(x.clone(), 2, 1).draws(), &sentence);
    assert_says(predict(&plain, x, 2, 1).draws(), &sentence);
}

#[test]
fn wrong_features_are_an_error() {
    wrong_features::<Reparameterization>();
    wrong_features::<Flipout>();
    wrong_features::<LocalReparameterization>();
}

fn wrong_images<S: Estimator>() {
    let (plain, mut bayes) = images::<S>();
    let cases: [(Pictures, &[&str]); 4] = [
        (
            pictures(2, 3, 10, 9),
            &["`conv", "takes 2 channels", "gives 3"],
        ),
        (
            pictures(2, 2, 14, 9),
            &["`fc1` takes 120 features", "`flatten` gives 168"],
        ),
        (
            pictures(2, 2, 10, 30),
            &["`fc1` takes 120 features", "`flatten` gives 450"],
        ),
        (
            pictures(2, 2, 1, 1),
            &["`pool`", "covers 2×2 pixels", "gives 1×1"],
        ),
    ];
    for (x, sentence) in cases {
        assert!(plain.try_forward(x.clone()).is_err(), "{sentence:?}");
        assert!(
            bayes.eval(Key::new(1, 0)).try_forward(x.clone()).is_err(),
            "{sentence:?}"
        );
        let trained = bayes.train(Key::new(1, 0)).try_forward(x.leaky_trace());
        assert!(trained.is_err(), "{sentence:?}");
        assert_says(bayes.predict(x.clone(), 2, 1).classify(), sentence);
        assert_says(predict(&plain, x, 2, 1).draws(), sentence);
    }
}

#[test]
fn images_that_do_not_fit_are_an_error() {
    wrong_images::<Reparameterization>();
    wrong_images::<Flipout>();
}

/// Sizes that types compute are checked when a layer runs, as no attribute proves them for this input.
#[test]
fn static_sizes_that_do_not_fit_are_an_error() {
    let (plain, bayes) = images::<Flipout>();
    let x: Tensor<Rank4<2, 2, 14, 9>, f32, _> = Cpu::seed_from_u64(3).sample_normal();
    assert!(plain.try_forward(x.clone()).is_err());
    assert!(bayes.eval(Key::new(1, 0)).try_forward(x.clone()).is_err());
    assert_says(
        bayes.predict(x, 2, 1).classify(),
        &["`fc1` takes 120 features", "168"],
    );
}

#[test]
fn predictions_from_nothing_are_an_error() {
    let (plain, bayes) = dense::<Flipout>();
    assert_says(
        bayes.predict(vectors(3, 20), 0, 1).classify(),
        &["at least 1 sample"],
    );
    assert_says(
        bayes.predict(vectors(3, 20), 0, 1).draws(),
        &["at least 1 sample"],
    );
    assert_says(
        bayes.predict(vectors(0, 20), 2, 1).classify(),
        &["at least 1 row"],
    );
    assert_says(
        predict(&plain, vectors(0, 20), 2, 1).draws(),
        &["at least 1 row"],
    );
    let (_, bayes) = images::<Flipout>();
    assert_says(
        bayes.predict(pictures(0, 2, 10, 9), 2, 1).draws(),
        &["at least 1 row"],
    );
}

/// No size makes a forward pass panic: it fits and gives four numbers a row, or it is an error.
#[test]
fn empty_and_tiny_sizes_never_panic() {
    let (plain, mut bayes) = images::<Flipout>();
    for rows in [0, 1] {
        for (height, width) in [(0, 0), (0, 9), (1, 0), (1, 9), (10, 1), (10, 9)] {
            let x = pictures(rows, 2, height, width);
            let fits = (height, width) == (10, 9);
            let passes = [
                plain.try_forward(x.clone()).map(|y| *y.shape()),
                bayes
                    .eval(Key::new(1, 0))
                    .try_forward(x.clone())
                    .map(|y| *y.shape()),
                bayes
                    .train(Key::new(1, 0))
                    .try_forward(x.leaky_trace())
                    .map(|y| *y.shape()),
            ];
            for (i, pass) in passes.into_iter().enumerate() {
                match pass {
                    Ok(shape) => assert!(
                        fits && shape == (rows, Const),
                        "{i}: {rows}×{height}×{width}"
                    ),
                    Err(_) => assert!(!fits || rows == 0, "{i}: {rows}×{height}×{width}"),
                }
            }
            let predicted = bayes.predict(x, 2, 1).classify();
            assert_eq!(
                predicted.is_ok(),
                fits && rows > 0,
                "{rows}×{height}×{width}"
            );
        }
    }
}

/// Padding alone makes windows, also where there is no pixel: their sums are 0.
#[test]
fn images_without_pixels_never_panic() {
    let dev = Cpu::seed_from_u64(4);
    let plain = modules::Conv2D::<1, 2, 3, 1, 2, 1, 1, f32, Cpu>::build(&dev);
    let mut layer = twin::<Flipout, _, _, _>(&plain);
    let bias = twin::<Flipout, _, _, _>(&modules::Bias2D::<1, f32, Cpu>::build(&dev));
    for (height, width) in [(0, 0), (0, 3), (3, 0)] {
        let x = pictures(2, 1, height, width);
        let unchanged = bias.eval(&Key::new(1, 0).into()).try_forward(x.clone());
        assert!(unchanged.is_err() || unchanged.is_ok_and(|y| y.shape() == x.shape()));
        let passes = [
            plain.try_forward(x.clone()),
            layer.eval(&Key::new(1, 0).into()).try_forward(x.clone()),
        ];
        for y in passes.into_iter().flatten() {
            assert!(y.as_vec().iter().all(|&y| y == 0.0), "{height}×{width}");
        }
        let trained = layer
            .train(&Key::new(1, 0).into())
            .try_forward(x.leaky_trace());
        let _ = trained.map(|y| y.sum::<Rank0, _>().backward());
    }
}

fn no_rows<S: Estimator>() {
    let (plain, mut bayes) = dense::<S>();
    let none = vectors(0, 20);
    let passes = [
        plain.try_forward(none.clone()).map(|y| *y.shape()),
        bayes
            .eval(Key::new(1, 0))
            .try_forward(none.clone())
            .map(|y| *y.shape()),
        bayes
            .train(Key::new(1, 0))
            .try_forward(none.leaky_trace())
            .map(|y| *y.shape()),
    ];
    for shape in passes.into_iter().flatten() {
        assert_eq!(shape, (0, Const));
    }
}

#[test]
fn no_rows_never_panic() {
    no_rows::<Reparameterization>();
    no_rows::<Flipout>();
    no_rows::<LocalReparameterization>();
}
