//! Round trips, refusals and damaged files, on dfdx's own layers.

use super::*;
use crate::optim::{Adam, AdamConfig, AdamW, AdamWConfig, Sgd, SgdConfig};
use dfdx::nn::modules;
use dfdx::prelude::*;
use rand::distributions::Standard;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::path::PathBuf;

type Net = (Linear<3, 4>, ReLU, BatchNorm1D<4>, Linear<4, 2>);
type Built<E> = (
    modules::Linear<3, 4, E, Cpu>,
    ReLU,
    modules::BatchNorm1D<4, E, Cpu>,
    modules::Linear<4, 2, E, Cpu>,
);

fn net(seed: u64) -> Built<f32> {
    let mut net = Cpu::seed_from_u64(seed).build_module::<Net, f32>();
    net.2.epsilon = 1e-5 * (seed + 1) as f64;
    net.2.running_mean.fill_with_distr(Standard);
    net
}

/// Every bit of the model.
fn bits(model: &Built<f32>) -> Vec<u8> {
    let entries = model::entries(model).unwrap();
    entries.into_iter().flat_map(|entry| entry.data).collect()
}

/// A model with `steps` steps of training behind it, and its optimiser.
fn trained(seed: u64, steps: u64) -> (Built<f32>, Adam<f32>) {
    let mut model = net(seed);
    let mut adam = Adam::new(AdamConfig {
        lr: 0.01,
        ..AdamConfig::default()
    })
    .unwrap();
    adam.freeze("0.bias");
    for path in ["0", "2", "3"] {
        adam.only(path);
    }
    train(&mut model, &mut adam, 0..steps);
    (model, adam)
}

fn train(model: &mut Built<f32>, adam: &mut Adam<f32>, steps: std::ops::Range<u64>) {
    for step in steps {
        let x: Tensor<Rank2<6, 3>, f32, _> = Cpu::seed_from_u64(step).sample_normal();
        let y = model.forward_mut(x.traced(model.alloc_grads()));
        adam.update(model, &(y - 1.0).square().mean().backward())
            .unwrap();
    }
}

fn mismatches(result: Result<BTreeMap<String, String>, Error>) -> Vec<Mismatch> {
    match result {
        Err(Error::Mismatches { mismatches }) => mismatches,
        other => panic!("{other:?}"),
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }
    fn file(&self) -> PathBuf {
        self.0.path().join("model.safetensors")
    }
}

#[test]
fn a_model_comes_back_bit_for_bit_with_its_notes() {
    let folder = Folder::new();
    let (mut saved, mut loaded) = (net(1), net(2));
    let mut weight = saved.0.weight.as_vec();
    weight[..4].copy_from_slice(&[-0.0, f32::NAN, f32::INFINITY, 1e-45]);
    saved.0.weight.copy_from(&weight);
    let checkpoint = Checkpoint::new()
        .with_entry("epoch", "7")
        .with_metadata(BTreeMap::from([(
            "prior.0.weight".to_string(),
            "N(0, 1)".to_string(),
        )]));
    checkpoint.save(folder.file(), &saved).unwrap();
    assert_ne!(bits(&saved), bits(&loaded));
    let found = checkpoint.load(folder.file(), &mut loaded).unwrap();
    assert_eq!(bits(&saved), bits(&loaded));
    assert_eq!(loaded.2.epsilon, saved.2.epsilon);
    assert_eq!(found, checkpoint.metadata);

    let first = std::fs::read(folder.file()).unwrap();
    checkpoint.save(folder.file(), &loaded).unwrap();
    assert_eq!(
        std::fs::read(folder.file()).unwrap(),
        first,
        "equal models give equal files"
    );
}

#[test]
fn dfdx_loads_the_model_with_and_without_an_optimiser_in_the_file() {
    let folder = Folder::new();
    let (saved, adam) = trained(1, 3);
    Checkpoint::new().save(folder.file(), &saved).unwrap();
    let mut loaded = net(2);
    loaded.load_safetensors(folder.file()).unwrap();
    assert_eq!(bits(&saved), bits(&loaded));
    Checkpoint::new()
        .save_with_optimizer(folder.file(), &saved, &adam)
        .unwrap();
    let mut loaded = net(2);
    loaded.load_safetensors(folder.file()).unwrap();
    assert_eq!(bits(&saved), bits(&loaded));
    let mut loaded = net(2);
    Checkpoint::new().load(folder.file(), &mut loaded).unwrap();
    assert_eq!(bits(&saved), bits(&loaded));
}

#[test]
fn training_goes_on_from_a_checkpoint_as_if_it_had_not_stopped() {
    let folder = Folder::new();
    let (mut model, mut adam) = trained(1, 5);
    Checkpoint::new()
        .save_with_optimizer(folder.file(), &model, &adam)
        .unwrap();
    train(&mut model, &mut adam, 5..10);

    let mut resumed = net(9);
    let mut resumed_adam = Adam::new(adam.config).unwrap();
    Checkpoint::new()
        .load_with_optimizer(folder.file(), &mut resumed, &mut resumed_adam)
        .unwrap();
    assert!(resumed_adam.state.frozen.contains("0.bias"));
    assert!(resumed_adam.state.only.contains("2"));
    assert_eq!(resumed_adam.state.step, 5);
    train(&mut resumed, &mut resumed_adam, 5..10);
    assert_eq!(bits(&resumed), bits(&model));
    assert_eq!(resumed_adam.state, adam.state);
}

#[test]
fn sgd_with_and_without_momentum_comes_back() {
    let folder = Folder::new();
    for momentum in [0.0, 0.9] {
        let mut model = Cpu::seed_from_u64(1).build_module::<Linear<3, 2>, f64>();
        let mut sgd = Sgd::new(SgdConfig {
            momentum,
            ..SgdConfig::default()
        })
        .unwrap();
        let gradients =
            (model.weight.leaky_trace().sum() + model.bias.leaky_trace().sum()).backward();
        sgd.update(&mut model, &gradients).unwrap();
        Checkpoint::new()
            .save_with_optimizer(folder.file(), &model, &sgd)
            .unwrap();
        let mut loaded = Sgd::new(sgd.config).unwrap();
        Checkpoint::new()
            .load_with_optimizer(folder.file(), &mut model, &mut loaded)
            .unwrap();
        assert_eq!(loaded.state, sgd.state);
        assert_eq!(loaded.state.moments.is_empty(), momentum == 0.0);
    }
}

#[test]
fn every_mismatch_is_reported_at_once_and_nothing_is_changed() {
    type Other = (
        Linear<3, 5>,
        ReLU,
        BatchNorm1D<4>,
        (Linear<4, 2>, Linear<2, 2>),
    );
    let folder = Folder::new();
    let saved = Cpu::seed_from_u64(5).build_module::<Other, f32>();
    let prior =
        |name: &str, text: &str| Checkpoint::new().with_entry(format!("prior.{name}"), text);
    prior("0.weight", "N(0, 1)")
        .with_entry("epoch", "1")
        .save(folder.file(), &saved)
        .unwrap();
    let mut model = net(1);
    let before = bits(&model);
    let expecting = prior("0.weight", "N(0, 2)").with_entry("prior.0.bias", "N(0, 3)");
    let error = expecting.load(folder.file(), &mut model).unwrap_err();
    let text = error.to_string();
    let found = mismatches(Err(error));
    let kinds: Vec<(MismatchKind, &str)> = found
        .iter()
        .map(|mismatch| (mismatch.kind, mismatch.name.as_str()))
        .collect();
    use MismatchKind::{Metadata, Presence, Shape};
    let wanted = [
        (Shape, "0.weight"),
        (Shape, "0.bias"),
        (Presence, "3.weight"),
        (Presence, "3.bias"),
        (Presence, "3.0.bias"),
        (Presence, "3.0.weight"),
        (Presence, "3.1.bias"),
        (Presence, "3.1.weight"),
        (Metadata, "prior.0.bias"),
        (Metadata, "prior.0.weight"),
    ];
    assert_eq!(kinds, wanted);
    assert_eq!(text.lines().count(), 1 + wanted.len());
    assert!(
        text.contains("shape of `0.weight`: expected [4, 3], found [5, 3]"),
        "{text}"
    );
    assert!(
        text.contains("expected `N(0, 2)`, found `N(0, 1)`"),
        "{text}"
    );
    assert_eq!(bits(&model), before);
}

#[test]
fn another_dtype_is_a_mismatch_both_ways() {
    let folder = Folder::new();
    let device = Cpu::default();
    let mut narrow = device.build_module::<Linear<3, 2>, f32>();
    let mut wide = device.build_module::<Linear<3, 2>, f64>();
    let weights = (narrow.weight.array(), wide.weight.array());
    Checkpoint::new().save(folder.file(), &narrow).unwrap();
    let found = mismatches(Checkpoint::new().load(folder.file(), &mut wide));
    assert!(
        found
            .iter()
            .all(|mismatch| mismatch.kind == MismatchKind::Dtype)
    );
    assert_eq!(
        (
            found.len(),
            found[0].expected.as_str(),
            found[0].found.as_str()
        ),
        (2, "F64", "F32")
    );
    Checkpoint::new().save(folder.file(), &wide).unwrap();
    let found = mismatches(Checkpoint::new().load(folder.file(), &mut narrow));
    assert_eq!(found.len(), 2);
    assert_eq!((narrow.weight.array(), wide.weight.array()), weights);
}

#[test]
fn a_file_of_dfdx_lacks_the_version() {
    let folder = Folder::new();
    let mut model = net(1);
    model.save_safetensors(folder.file()).unwrap();
    let found = mismatches(Checkpoint::new().load(folder.file(), &mut model));
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].name.as_str(), found[0].found.as_str()),
        (VERSION_KEY, "none")
    );
}

#[test]
fn another_optimiser_or_none_is_a_mismatch() {
    let folder = Folder::new();
    let (mut model, mut adam) = trained(1, 2);
    let (before, state) = (bits(&model), adam.state.clone());
    Checkpoint::new().save(folder.file(), &net(2)).unwrap();
    let found =
        mismatches(Checkpoint::new().load_with_optimizer(folder.file(), &mut model, &mut adam));
    assert_eq!(found.len(), 3);
    assert_eq!((bits(&model), &adam.state), (before.clone(), &state));

    Checkpoint::new()
        .save_with_optimizer(folder.file(), &model, &adam)
        .unwrap();
    let mut adamw = AdamW::new(AdamWConfig::default()).unwrap();
    let found =
        mismatches(Checkpoint::new().load_with_optimizer(folder.file(), &mut model, &mut adamw));
    assert_eq!((found.len(), found[0].found.as_str()), (1, "`adam`"));
    assert_eq!(adamw.state, State::default());

    adam.state.moments.get_mut("3.bias").unwrap().second.clear();
    Checkpoint::new()
        .save_with_optimizer(folder.file(), &model, &adam)
        .unwrap();
    adam.state = state.clone();
    let found =
        mismatches(Checkpoint::new().load_with_optimizer(folder.file(), &mut model, &mut adam));
    assert_eq!(found[0].name, "optimizer.3.bias.second");
    assert_eq!((found.len(), bits(&model), adam.state), (1, before, state));
}

#[test]
fn what_cannot_be_saved_is_refused_before_the_file_is_touched() {
    let folder = Folder::new();
    let (model, mut adam) = trained(1, 1);
    Checkpoint::new().save(folder.file(), &model).unwrap();
    let before = std::fs::read(folder.file()).unwrap();
    let reserved = Checkpoint::new().with_entry("bayes.format", "2");
    assert!(matches!(
        reserved.save(folder.file(), &model),
        Err(Error::Reserved { .. })
    ));
    let view: Tensor<Rank2<3, 4>, f32, _> = model.0.weight.clone().permute();
    let result = Checkpoint::new().save(folder.file(), &view);
    assert!(matches!(result, Err(Error::NotContiguous { .. })));
    adam.state
        .moments
        .get_mut("3.bias")
        .unwrap()
        .first
        .push(0.0);
    let result = Checkpoint::new().save_with_optimizer(folder.file(), &model, &adam);
    assert!(matches!(result, Err(Error::Moments { .. })));
    let moments = adam.state.moments.remove("3.bias").unwrap();
    adam.state.moments.insert("4.bias".to_string(), moments);
    let result = Checkpoint::new().save_with_optimizer(folder.file(), &model, &adam);
    assert!(matches!(result, Err(Error::Moments { .. })));
    assert_eq!(std::fs::read(folder.file()).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.0.path()).unwrap().count(), 1);
}

#[test]
fn a_missing_file_and_a_folder_are_errors() {
    let folder = Folder::new();
    let mut model = net(1);
    for path in [folder.file(), folder.0.path().to_path_buf()] {
        let result = Checkpoint::new().load(path, &mut model);
        assert!(
            matches!(result, Err(Error::Io { action: "read", .. })),
            "{result:?}"
        );
    }
}

#[test]
fn bytes_counts_tensors_and_scalars() {
    // 4·3 + 4 and 2·4 + 2 weights, 4·4 of the norm, and two scalars of 8 bytes.
    assert_eq!(Checkpoint::bytes(&net(1)).unwrap(), 4 * (16 + 10 + 16) + 16);
}

/// One random change: a flipped bit, a cut, a doubled part, another digit or another byte.
fn mutate(bytes: &mut Vec<u8>, rng: &mut StdRng) {
    let at = rng.gen_range(0..bytes.len());
    let header = 8 + 2048.min(bytes.len() - 8);
    let in_header = rng.gen_range(0..header);
    match rng.gen_range(0..6) {
        0 => bytes[at] ^= 1 << rng.gen_range(0..8),
        1 => bytes.truncate(at),
        2 => {
            let end = (at + rng.gen_range(1..64)).min(bytes.len());
            let part = bytes[at..end].to_vec();
            bytes.splice(at..at, part);
        }
        3 => {
            let digits: Vec<usize> = (8..header).filter(|&i| bytes[i].is_ascii_digit()).collect();
            if !digits.is_empty() {
                let digit = digits[rng.gen_range(0..digits.len())];
                bytes[digit] = rng.gen_range(b'0'..=b'9');
            }
        }
        4 => bytes[in_header] = rng.r#gen(),
        _ => bytes[rng.gen_range(0..8)] = rng.r#gen(),
    }
}

#[test]
fn damaged_files_never_panic_and_never_change_the_model_unless_they_load() {
    let folder = Folder::new();
    let (saved, adam) = trained(1, 2);
    Checkpoint::new()
        .save_with_optimizer(folder.file(), &saved, &adam)
        .unwrap();
    let whole = std::fs::read(folder.file()).unwrap();
    let mut rng = StdRng::seed_from_u64(17);
    let mut model = net(2);
    let before = bits(&model);
    let signatures = signatures(&model).unwrap();
    let (mut refused, mut states) = (0, 0);
    for _ in 0..4000 {
        let mut bytes = whole.clone();
        for _ in 0..rng.gen_range(1..4) {
            if bytes.len() > 8 {
                mutate(&mut bytes, &mut rng);
            }
        }
        if let Ok(contents) = format::read(&bytes) {
            let state = optimizer::load::<f32>("adam", 2, &signatures, &contents);
            states += usize::from(state.is_ok());
        }
        match Checkpoint::new().load_bytes(&bytes, &mut model) {
            Ok(_) => model = net(2),
            Err(_) => {
                refused += 1;
                assert_eq!(bits(&model), before);
            }
        }
    }
    assert!(refused > 2500, "only {refused} of 4000 were refused");
    assert!(
        (1..1500).contains(&states),
        "{states} of 4000 optimisers were loaded"
    );
    for length in 0..whole.len() {
        assert!(
            Checkpoint::new()
                .load_bytes(&whole[..length], &mut model)
                .is_err()
        );
    }
    for _ in 0..1000 {
        let length = rng.gen_range(0..300);
        let bytes: Vec<u8> = (0..length).map(|_| rng.r#gen()).collect();
        assert!(Checkpoint::new().load_bytes(&bytes, &mut model).is_err());
    }
    assert_eq!(bits(&model), before);
}
