//! What `sample`, `mean`, `predict`, a change of number type and MOPED promise of each other.

use crate::estimators::{By, twin};
use crate::models::{Dense, DeviceDense, DeviceImages, Images, ImagesConfig};
use crate::parameters::{Parameter, change, parameters, spread_out};
use bayes_core::draw::Noise;
use bayes_core::posterior::{FanIn, PriorMean, Variational};
use bayes_core::prelude::*;
use bayes_core::twin::{Name, VisitPosteriors};
use std::convert::Infallible;

type BayesImages = crate::models::BayesImages<f32, Cpu, ImagesConfig<By<Reparameterization>>>;
type X = Tensor<(usize, Const<2>, Const<10>, Const<9>), f32, Cpu>;

/// A plain net, and a twin of it with weights of its own.
fn images(seed: u64) -> (DeviceImages<f32, Cpu>, BayesImages) {
    let plain = Cpu::seed_from_u64(seed).build_module::<Images, f32>();
    let mut bayes = twin::<Reparameterization, _, _, _>(&plain);
    spread_out(&mut bayes);
    (plain, bayes)
}

fn pictures(rows: usize) -> X {
    Cpu::seed_from_u64(50).sample_normal_like(&(rows, Const, Const, Const))
}

const SEED: u64 = 17;

/// The tensors of `model` whose names end in one of `endings`.
fn ending<M: TensorCollection<f32, Cpu>>(model: &M, endings: &[&str]) -> Vec<Parameter> {
    let mut found = parameters(model);
    found.retain(|tensor| endings.iter().any(|end| tensor.name.ends_with(end)));
    found
}

fn values(tensors: Vec<Parameter>) -> Vec<Vec<f64>> {
    tensors.into_iter().map(|tensor| tensor.values).collect()
}

/// The numbers of a tensor's noise, by its dotted name.
fn epsilon(key: Key, name: &str, len: usize) -> Vec<f32> {
    let mut noise = vec![0.0; len];
    key.field(name)
        .stream(Noise::Weight)
        .expect("a draw")
        .fill_normal(0, &mut noise);
    noise
}

/// `mu + softplus(rho)·epsilon` of each posterior, in f64, for draw 0 of `SEED`.
fn expected_weights<M: TensorCollection<f32, Cpu>>(bayes: &M) -> Vec<Vec<f64>> {
    let (mus, rhos) = (ending(bayes, &[".mu"]), ending(bayes, &[".rho"]));
    let draw = |(mu, rho): (&Parameter, &Parameter)| {
        let name = mu.name.trim_end_matches(".mu");
        let noise = epsilon(Key::new(SEED, 0), name, mu.values.len());
        let parts = mu.values.iter().zip(&rho.values).zip(noise);
        parts
            .map(|((mu, rho), noise)| mu + rho.exp().ln_1p() * f64::from(noise))
            .collect()
    };
    mus.iter().zip(&rhos).map(draw).collect()
}

fn assert_close(got: &[f64], want: &[f64], tolerance: f64, what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    let scale = want.iter().fold(1.0_f64, |max, x| max.max(x.abs()));
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let difference = (got - want).abs();
        assert!(
            difference <= tolerance * scale,
            "{what}, element {i}: {got} instead of {want}"
        );
    }
}

fn widened(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

#[test]
fn a_sample_is_mu_plus_softplus_rho_times_the_noise_of_its_key() {
    let (_, bayes) = images(0);
    let sampled = bayes.sample(SEED).expect("a sample");
    let got = ending(&sampled, &["weight", "bias"]);
    // The affine tensors of the normalisation are not drawn.
    let got: Vec<_> = got
        .into_iter()
        .filter(|tensor| !tensor.name.starts_with("norm"))
        .collect();
    let names = got.iter().map(|tensor| format!("{}.mu", tensor.name));
    assert!(
        names.eq(ending(&bayes, &[".mu"])
            .into_iter()
            .map(|tensor| tensor.name))
    );
    for (got, want) in got.iter().zip(expected_weights(&bayes)) {
        assert_close(&got.values, &want, 3e-7, &got.name);
    }
}

#[test]
fn a_sample_predicts_what_member_0_does_bit_for_bit() {
    let (_, bayes) = images(1);
    let x = pictures(9);
    let members = bayes.predict(x.clone(), 3, SEED).draws().expect("draws");
    let sampled = bayes.sample(SEED).expect("a sample");
    let alone = predict(&sampled, x.clone(), 1, 12_345)
        .draws()
        .expect("draws");
    assert_eq!(alone.values, members.member(0));
    assert_ne!(alone.values, members.member(1));
    let layer_by_layer = sampled.forward(x);
    assert_close(
        &widened(&layer_by_layer.as_vec()),
        &widened(&alone.values),
        1e-5,
        "layer by layer",
    );
}

/// The weights of a sample do not depend on the estimator, and joint draws of a local net draw weights.
#[test]
fn joint_draws_by_local_reparameterization_are_those_of_drawn_weights() {
    let dev = Cpu::seed_from_u64(2);
    let plain = dev.build_module::<Dense, f32>();
    let local = twin::<LocalReparameterization, _, _, _>(&plain);
    let drawn = twin::<Reparameterization, _, _, _>(&plain);
    let x: Tensor<(usize, Const<20>), f32, _> = dev.sample_normal_like(&(5, Const));
    let members = |values: Draws<f32>| values.values;
    let want = members(drawn.predict(x.clone(), 4, SEED).draws().expect("draws"));
    assert_eq!(
        members(local.predict(x.clone(), 4, SEED).draws().expect("draws")),
        want
    );
    let flipped = twin::<Flipout, _, _, _>(&plain);
    assert_ne!(
        members(flipped.predict(x, 4, SEED).draws().expect("draws")),
        want
    );
    let weights = |sampled: &DeviceDense<f32, Cpu>| values(parameters(sampled));
    let want = weights(&drawn.sample(SEED).expect("a sample"));
    assert_eq!(weights(&local.sample(SEED).expect("a sample")), want);
    assert_eq!(weights(&flipped.sample(SEED).expect("a sample")), want);
}

#[test]
fn the_mean_draws_nothing() {
    let (plain, bayes) = images(3);
    let fresh = twin::<Reparameterization, _, _, _>(&plain)
        .mean()
        .expect("the mean");
    assert_eq!(
        parameters(&fresh),
        parameters(&plain),
        "a fresh twin's mean is the net"
    );
    let x = pictures(4);
    assert_eq!(
        fresh.forward(x.clone()).as_vec(),
        plain.forward(x.clone()).as_vec()
    );
    let (once, twice) = (
        bayes.mean().expect("the mean"),
        bayes.mean().expect("the mean"),
    );
    assert_eq!(parameters(&once), parameters(&twice));
    let mut weights = ending(&once, &["weight", "bias"]);
    weights.retain(|tensor| !tensor.name.starts_with("norm"));
    assert_eq!(values(weights), values(ending(&bayes, &[".mu"])));
    let by_view = bayes.eval(Key::MEAN).forward(x.clone()).as_vec();
    assert_eq!(by_view, bayes.eval(Key::MEAN).forward(x.clone()).as_vec());
    assert_eq!(by_view, once.forward(x).as_vec());
}

#[test]
fn a_plain_net_has_no_epistemic_uncertainty() {
    let (plain, _) = images(4);
    let predicted = predict(&plain, pictures(7), 6, SEED)
        .classify()
        .expect("moments");
    // Averages of six equal numbers differ from them by rounding.
    assert!(
        predicted
            .mutual_information
            .iter()
            .all(|&mutual| mutual <= 1e-15)
    );
    assert!(
        predicted
            .predictive_entropy
            .iter()
            .all(|&entropy| entropy > 0.1)
    );
}

#[test]
fn a_change_of_number_type_keeps_the_draws() {
    let (_, narrow) = images(5);
    let wide = narrow.to_dtype::<f64>();
    let x = pictures(6);
    let wide_x = x.clone().to_dtype::<f64>();
    let want = narrow.predict(x, 3, SEED).draws().expect("draws");
    let got = wide.predict(wide_x, 3, SEED).draws().expect("draws");
    assert_close(&got.values, &widened(&want.values), 1e-5, "f64");
}

/// The prior's mean of each tensor, where it is one for each weight.
struct PriorMeans(Vec<Vec<f32>>);

impl VisitPosteriors<f32, Cpu> for PriorMeans {
    type Err = Infallible;

    fn visit<S: ConstShape, C: Config, F: FanIn>(
        &mut self,
        _: &Name<'_>,
        weights: &Variational<S, f32, Cpu, C, F>,
    ) -> Result<(), Infallible> {
        if let PriorMean::Tensor(mean) = weights.prior_mean() {
            self.0.push(mean.as_vec());
        }
        Ok(())
    }
}

fn prior_means<M: Bayesian<f32, Cpu>>(bayes: &M) -> Vec<Vec<f32>> {
    let mut means = PriorMeans(Vec::new());
    let Ok(()) = bayes.visit_posteriors(&Name::ROOT, &mut means);
    means.0
}

#[bayesian(moped = 0.3, estimator = Reparameterization)]
struct Pretrained {
    fc1: Linear<6, 9>,
    act: ReLU,
    fc2: Linear<9, 4>,
}

#[test]
fn moped_sets_sigma_to_a_fraction_of_each_weight() {
    let dev = Cpu::seed_from_u64(6);
    let mut plain = dev.build_module::<Pretrained, f32>();
    change(&mut plain, &mut |_, i, old| if i == 3 { 0.0 } else { old });
    let bayes = BayesPretrained::from_pretrained(&plain).expect("a twin");
    let weights = values(parameters(&plain));
    assert_eq!(values(ending(&bayes, &[".mu"])), weights);
    assert_eq!(values(ending(&bayes, &["prior_mean"])), weights);
    let (mut zeros, rhos) = (0, values(ending(&bayes, &[".rho"])));
    for (&w, &rho) in weights.iter().flatten().zip(rhos.iter().flatten()) {
        let (sigma, want) = (rho.exp().ln_1p(), (0.3 * w.abs()).max(1e-20));
        // rho is rounded to f32 once, and the slope of ln sigma over rho is at most 1.
        let bound = 1.01 * rho.abs() * f64::from(f32::EPSILON) / 2.0;
        assert!(
            (sigma / want - 1.0).abs() <= bound,
            "w {w}: sigma {sigma} instead of {want}"
        );
        zeros += usize::from(w == 0.0);
        assert!(rho.is_finite(), "w {w}: rho {rho}");
    }
    assert_eq!(zeros, 4);
    let kl = bayes.kl::<bayes_core::dfdx::tensor::NoneTape>().array();
    assert!(kl.is_finite(), "{kl}");
}

/// One step on `bayes` by any of dfdx's or our optimisers.
fn step(
    bayes: &mut BayesPretrained<f32, Cpu>,
    sample: u64,
    optimizer: &mut impl Optimizer<BayesPretrained<f32, Cpu>, Cpu, f32>,
) {
    let dev = Cpu::seed_from_u64(7);
    let x: Tensor<Rank2<8, 6>, f32, _> = dev.sample_normal();
    let grads = bayes.alloc_grads();
    let y = bayes.train(Key::new(1, sample)).forward(x.trace(grads));
    let loss = elbo_loss(y.square().mean(), bayes.kl(), 50, 1.0).expect("a loss");
    optimizer
        .update(bayes, &loss.backward())
        .expect("an update");
}

#[test]
fn a_moped_prior_stays_while_mu_trains() {
    let dev = Cpu::seed_from_u64(8);
    let plain = dev.build_module::<Pretrained, f32>();
    let mut bayes = BayesPretrained::from_pretrained(&plain).expect("a twin");
    let (prior, mu) = (prior_means(&bayes), values(ending(&bayes, &[".mu"])));
    assert_eq!(prior.len(), 4);
    let config = bayes_core::dfdx::optim::AdamConfig {
        lr: 0.05,
        ..Default::default()
    };
    let mut theirs = bayes_core::dfdx::optim::Adam::new(&bayes, config);
    let config = bayes_core::optim::SgdConfig {
        lr: 0.05,
        momentum: 0.9,
        ..Default::default()
    };
    let mut ours = bayes_core::optim::Sgd::new(config).expect("a setting");
    for sample in 0..3 {
        step(&mut bayes, sample, &mut theirs);
        step(&mut bayes, sample, &mut ours);
    }
    assert_eq!(prior_means(&bayes), prior);
    for (before, after) in mu.iter().zip(values(ending(&bayes, &[".mu"]))) {
        assert_ne!(before, &after);
    }
    let wide = bayes.to_dtype::<f64>();
    let saved: Vec<_> = parameters(&wide)
        .into_iter()
        .filter(|t| t.name.ends_with("prior_mean"))
        .collect();
    assert!(saved.iter().all(|tensor| !tensor.trains));
    assert_eq!(
        values(saved),
        prior.iter().map(|mean| widened(mean)).collect::<Vec<_>>()
    );
}
