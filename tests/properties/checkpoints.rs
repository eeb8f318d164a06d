//! A twin's way through a file: the same bits, its priors beside them, and no other model's file taken for it.

use crate::parameters::{parameters, spread_out};
use bayes_core::checkpoint::Checkpoint;
use bayes_core::kl::priors;
use bayes_core::prelude::*;

#[bayesian(input = (1, 8, 8), moped = 0.2)]
struct Net {
    conv: (Conv2D<1, 3, 3, 1, 1>, Bias2D<3>),
    norm: BatchNorm2D<3>,
    act: ReLU,
    pool: MaxPool2D<2, 2>,
    flatten: Flatten,
    #[bayes(skip)]
    fc: Linear<48, 6>,
    #[bayes(prior = Gaussian(0.0, FanIn))]
    head: Linear<6, 3>,
}

/// The same tensors without MOPED's priors.
#[bayesian]
struct Dense {
    fc: Linear<4, 2>,
}

/// `Dense` under another prior.
#[bayesian(prior = Gaussian(0.0, 0.5))]
struct Sharper {
    fc: Linear<4, 2>,
}

/// A checkpoint that states the priors of `bayes`.
fn checkpoint<E: Dtype, M: Bayesian<E, Cpu>>(bayes: &M) -> Checkpoint
where
    Cpu: Device<E>,
{
    let stated = priors(bayes).into_iter();
    Checkpoint::new().with_metadata(
        stated
            .map(|(name, prior)| (format!("prior.{name}"), prior))
            .collect(),
    )
}

/// A twin whose running statistics and weights have moved.
fn trained(seed: u64) -> BayesNet<f32, Cpu> {
    let dev = Cpu::seed_from_u64(seed);
    let mut bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>()).expect("a twin");
    spread_out(&mut bayes);
    let x: Tensor<Rank4<6, 1, 8, 8>, f32, _> = dev.sample_normal();
    let _ = bayes.train(Key::new(seed, 0)).forward(x);
    bayes
}

#[test]
fn a_loaded_twin_predicts_the_same_bits() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("twin.safetensors");
    let bayes = trained(1);
    checkpoint(&bayes)
        .with_entry("epoch", "7")
        .save(&path, &bayes)
        .expect("a file");

    let mut fresh = trained(2);
    let differs = |a: &BayesNet<f32, Cpu>, ending: &str| {
        let of = |model| {
            parameters(model)
                .into_iter()
                .filter(|t| t.name.ends_with(ending))
                .collect::<Vec<_>>()
        };
        of(a) != of(&bayes)
    };
    for ending in ["prior_mean", "running_mean", "fc.weight"] {
        assert!(differs(&fresh, ending), "{ending} has nothing to load");
    }
    let notes = checkpoint(&fresh)
        .load(&path, &mut fresh)
        .expect("this model's file");
    assert_eq!(parameters(&fresh), parameters(&bayes));
    assert_eq!(notes["epoch"], "7");
    assert_eq!(
        notes["prior.head.weight"],
        format!("Gaussian(mean prior_mean, std {})", 1.0 / 6f64.sqrt())
    );

    let x: Tensor<Rank4<5, 1, 8, 8>, f32, _> = Cpu::seed_from_u64(3).sample_normal();
    assert_eq!(
        fresh.predict(x.clone(), 4, 9).draws().expect("draws"),
        bayes.predict(x.clone(), 4, 9).draws().expect("draws")
    );
    assert_eq!(
        fresh.predict(x.clone(), 4, 9).classify().expect("moments"),
        bayes.predict(x, 4, 9).classify().expect("moments")
    );
    assert_eq!(
        fresh.kl_per_layer().expect("the KL of each"),
        bayes.kl_per_layer().expect("the KL of each")
    );
}

#[test]
fn each_tensor_of_a_twin_has_a_name_of_its_own() {
    let names: Vec<String> = parameters(&trained(1))
        .into_iter()
        .map(|t| t.name)
        .collect();
    let variational = |name: &str| ["mu", "rho", "prior_mean"].map(|end| format!("{name}.{end}"));
    let mut want: Vec<String> = Vec::new();
    want.extend(variational("conv.0.weight"));
    want.extend(variational("conv.1.bias"));
    want.extend(["scale", "bias", "running_mean", "running_var"].map(|end| format!("norm.{end}")));
    want.extend(["fc.weight", "fc.bias"].map(String::from));
    want.extend(variational("head.weight"));
    want.extend(variational("head.bias"));
    assert_eq!(names, want);
}

#[test]
fn a_file_under_another_prior_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("twin.safetensors");
    let dev = Cpu::seed_from_u64(4);
    let bayes = BayesDense::from_pretrained(&dev.build_module::<Dense, f32>()).expect("a twin");
    checkpoint(&bayes).save(&path, &bayes).expect("a file");
    let mut other =
        BayesSharper::from_pretrained(&dev.build_module::<Sharper, f32>()).expect("a twin");
    let before = parameters(&other);
    let error = checkpoint(&other)
        .load(&path, &mut other)
        .expect_err("another prior")
        .to_string();
    for part in ["prior.fc.weight", "std 0.5", "std 1"] {
        assert!(error.contains(part), "`{error}` does not say `{part}`");
    }
    assert_eq!(parameters(&other), before, "nothing is loaded");
}

#[test]
fn a_file_of_another_number_type_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("twin.safetensors");
    let dev = Cpu::seed_from_u64(5);
    let bayes = BayesDense::from_pretrained(&dev.build_module::<Dense, f32>()).expect("a twin");
    checkpoint(&bayes).save(&path, &bayes).expect("a file");
    let mut wide = BayesDense::from_pretrained(&dev.build_module::<Dense, f64>()).expect("a twin");
    let error = checkpoint(&wide)
        .load(&path, &mut wide)
        .expect_err("another dtype")
        .to_string();
    assert!(error.contains("dtype of `fc.weight.mu`"), "{error}");
}
