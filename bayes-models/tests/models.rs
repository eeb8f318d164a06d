//! Models by name: what is known of them, what they predict, how they learn and what their files hold.

use bayes_core::checkpoint::Checkpoint;
use bayes_core::estimator::EstimatorKind;
use bayes_core::int8::Calibration;
use bayes_core::losses::{PredictedVariance, cross_entropy_loss, gaussian_nll_loss};
use bayes_core::optim::{AdamConfig, SgdConfig};
use bayes_core::prelude::{Cpu, DeviceBuildExt, Key, Tensor, TensorFromVec};
use bayes_core::prune::Prune;
use bayes_models::data::Digits;
use bayes_models::models::resnet::{ResNet18, ResNet50, basic, deep};
use bayes_models::models::{
    Architecture, BayesModel, Drawing, Error, Examples, Form, Input, LossFn, Optimizer, Predictor,
    Saved, Start, Step, Task, Trainable,
};
use bayes_models::tensors::{Outputs, gaussian};
use std::collections::BTreeSet;
use std::path::Path;

/// Those whose predictions take no time.
const SMALL: [Architecture; 8] = [
    Architecture::Mlp,
    Architecture::MlpDigits,
    Architecture::MlpRegression,
    Architecture::Digits,
    Architecture::DigitsDropout,
    Architecture::LeNet5,
    Architecture::Lstm,
    Architecture::Transformer,
];

/// Some numbers for `rows` examples, of twelve steps where there may be any number.
fn numbers(architecture: Architecture, rows: usize) -> Vec<f32> {
    let width = match architecture.input() {
        Input::Series { features } => 12 * features,
        input => input.shape().iter().product(),
    };
    (0..rows * width)
        .map(|i| ((i * 37 + i * i * 11) % 101) as f32 / 101.0)
        .collect()
}

/// Trained numbers: torchvision's counts of ResNet-18 to -152, bayesian-torch's of twins.
#[test]
fn parameters_are_counted_without_building() {
    let counts = [
        ("mlp", 118_282, 236_564),
        ("mlp-digits", 26_122, 52_244),
        ("mlp-regression", 5_378, 10_756),
        ("digits", 38_282, 76_564),
        ("digits-dropout", 38_282, 76_564),
        ("lenet5", 61_706, 123_412),
        ("scnn", 1_199_882, 2_399_764),
        ("resnet20", 269_722, 538_068),
        ("resnet32", 464_154, 926_036),
        ("resnet44", 658_586, 1_314_004),
        ("resnet56", 853_018, 1_701_972),
        ("resnet110", 1_727_962, 3_447_828),
        ("resnet18", 11_689_512, 23_369_424),
        ("resnet34", 21_797_672, 43_578_320),
        ("resnet50", 25_557_032, 51_060_944),
        ("resnet101", 44_549_160, 88_992_976),
        ("resnet152", 60_192_808, 120_234_192),
        ("lstm", 4_546, 9_092),
        ("transformer", 17_706, 35_156),
    ];
    let found: Vec<_> = Architecture::ALL
        .iter()
        .map(|one| (one.name(), one.parameters(), one.bayes_parameters()))
        .collect();
    assert_eq!(found, counts);
}

/// The names of torchvision's tensors; `convolutions` in each block, and in which stages block 0 has a shortcut.
fn torchvision(blocks: [usize; 4], convolutions: usize, shortcuts: [bool; 4]) -> BTreeSet<String> {
    let mut names = Vec::new();
    let norm = |name: String| {
        ["weight", "bias", "running_mean", "running_var"].map(|tensor| format!("{name}.{tensor}"))
    };
    names.push("conv1.weight".to_owned());
    names.extend(norm("bn1".to_owned()));
    for stage in 0..4 {
        for block in 0..blocks[stage] {
            let at = format!("layer{}.{block}", stage + 1);
            for i in 1..=convolutions {
                names.push(format!("{at}.conv{i}.weight"));
                names.extend(norm(format!("{at}.bn{i}")));
            }
            if block == 0 && shortcuts[stage] {
                names.push(format!("{at}.downsample.0.weight"));
                names.extend(norm(format!("{at}.downsample.1")));
            }
        }
    }
    names.extend(["fc.weight", "fc.bias"].map(str::to_owned));
    names.into_iter().collect()
}

/// The names in a file of a state dict.
fn names(path: &Path) -> BTreeSet<String> {
    let bytes = std::fs::read(path).expect("a file");
    let length = u64::from_le_bytes(*bytes.first_chunk().expect("a length")) as usize;
    let header: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&bytes[8..8 + length]).expect("a header");
    let names = header.into_iter().map(|(name, _)| name);
    names.filter(|name| name != "__metadata__").collect()
}

/// As types: the names are torchvision's, and come back.
macro_rules! assert_torchvision {
    ($Net:ty, $names:ident, $want:expr) => {{
        let file = tempfile::NamedTempFile::new().expect("a file");
        let net = Cpu::seed_from_u64(0).build_module::<$Net, f32>();
        Checkpoint::save_torch(file.path(), &net, $names::to_torch).expect("a state dict");
        assert_eq!(names(file.path()), $want);
        let mut other = Cpu::seed_from_u64(1).build_module::<$Net, f32>();
        assert_ne!(net.fc.weight.as_vec(), other.fc.weight.as_vec());
        Checkpoint::load_torch(file.path(), &mut other, $names::from_torch).expect("its weights");
        assert_eq!(net.fc.weight.as_vec(), other.fc.weight.as_vec());
    }};
}

#[test]
fn residual_nets_have_torchvisions_names() {
    let shallow = torchvision([2, 2, 2, 2], 2, [false, true, true, true]);
    assert_torchvision!(ResNet18, basic, shallow);
    let bottlenecks = torchvision([3, 4, 6, 3], 3, [true; 4]);
    assert_torchvision!(ResNet50, deep, bottlenecks);
}

#[cfg(not(feature = "deep"))]
#[test]
fn deep_nets_are_of_a_feature() {
    let text = Architecture::ResNet50
        .plain(0)
        .expect_err("no such net here")
        .to_string();
    assert!(text.contains("--features bayes-models/deep"), "{text}");
}

#[cfg(feature = "deep")]
#[test]
fn deep_nets_predict() {
    for architecture in [
        Architecture::ResNet110,
        Architecture::ResNet18,
        Architecture::ResNet50,
    ] {
        let net = architecture.plain(0).expect("a net");
        let twin = net.bayes(&Start::default()).expect("a twin");
        let x = numbers(architecture, 1);
        let x = Examples::new(1, &x).expect("an image");
        let y = net.outputs(x, Key::MEAN).expect("logits");
        assert!(y.len() == architecture.outputs() && y.iter().all(|y| y.is_finite()));
        assert_eq!(
            twin.outputs(x, Key::MEAN).expect("logits"),
            y,
            "{architecture}"
        );
    }
}

#[test]
fn every_model_predicts_in_every_form() {
    for architecture in SMALL {
        let net = architecture.plain(1).expect("a net");
        let twin = net.bayes(&Start::default()).expect("a twin");
        let x = numbers(architecture, 6);
        let x = Examples::new(6, &x).expect("examples");
        let quant = twin
            .quantize(&Calibration::default(), &[x])
            .expect("integers");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("model.int8");
        quant.save(&path).expect("a file");
        let read = architecture.load_int8(&path).expect("the same");

        let want = net.outputs(x, Key::MEAN).expect("outputs");
        assert_eq!(want.len(), 6 * architecture.outputs());
        assert_eq!(
            twin.outputs(x, Key::MEAN).expect("outputs"),
            want,
            "{architecture}"
        );
        let forms: [&dyn Predictor; 4] = [&*net, &*twin, &*quant, &*read];
        let named = [Form::Plain, Form::Bayesian, Form::Int8, Form::Int8];
        assert_eq!(forms.map(|form| form.form()), named);
        let how = Drawing {
            samples: 3,
            seed: 7,
            ..Drawing::default()
        };
        let draws = forms.map(|form| form.draws(x, &how).expect("draws"));
        assert_eq!(draws[2], draws[3], "{architecture}: a file has the numbers");
        assert_eq!(draws[0].member(0), draws[0].member(1));
        for drawn in &draws[1..] {
            assert_ne!(drawn.member(0), drawn.member(1), "{architecture}");
        }
        for form in forms {
            let sure = match architecture.task() {
                Task::Classification { classes } => {
                    assert!(form.regress(x, &how).is_err() && form.mixture(x, &how).is_err());
                    let seen = form.classify(x, &how).expect("classes");
                    assert_eq!(seen.classes, classes);
                    seen.mutual_information
                }
                _ => {
                    assert!(form.classify(x, &how).is_err());
                    let mixture = form.mixture(x, &how).expect("a mixture");
                    assert_eq!(mixture.intervals(0.9).expect("intervals").len(), 6);
                    let seen = form.regress(x, &how).expect("numbers");
                    assert!(seen.aleatoric.iter().all(|&variance| variance > 0.0));
                    seen.epistemic
                }
            };
            let none = form.form() == Form::Plain;
            assert!(
                sure.iter().all(|&nats| none || nats > 0.0),
                "{architecture}"
            );
        }
        // Attention and normalisation by an example's own statistics run in f32 between integers.
        let dequantizes = quant.inspect().dequantized() > 0;
        assert_eq!(
            dequantizes,
            architecture == Architecture::Transformer,
            "{architecture}"
        );
    }
}

#[test]
fn files_hold_the_model() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    for architecture in SMALL {
        let net = architecture.plain(1).expect("a net");
        let moped = Start {
            moped: Some(0.3),
            rho: None,
        };
        let twin = net.bayes(&moped).expect("a twin");
        let x = numbers(architecture, 2);
        let x = Examples::new(2, &x).expect("examples");

        // State dicts: names of PyTorch, and of bayesian-torch.
        let mut other = architecture.plain(2).expect("a net");
        let mut other_twin = architecture.bayes(2, &Start::default()).expect("a twin");
        net.export(&at("plain")).expect("a file");
        twin.export(&at("twin")).expect("a file");
        other.load_weights(&at("plain")).expect("its weights");
        other_twin.load_weights(&at("twin")).expect("its weights");
        assert_eq!(
            other.outputs(x, Key::MEAN).expect("y"),
            net.outputs(x, Key::MEAN).expect("y")
        );
        let key = Key::new(3, 0);
        assert_eq!(
            other_twin.outputs(x, key).expect("y"),
            twin.outputs(x, key).expect("y")
        );
        assert!(
            other_twin.load_weights(&at("plain")).is_err(),
            "a plain net is no twin"
        );

        // Checkpoints, which say what they are.
        let notes = Checkpoint::new().with_entry("epoch", "3");
        net.save(&at("plain"), &notes, None).expect("a checkpoint");
        twin.save(&at("twin"), &notes, None).expect("a checkpoint");
        let (Saved::Plain(again), found) = Saved::open(&at("plain")).expect("a model") else {
            panic!("it is plain")
        };
        assert_eq!(
            (found["epoch"].as_str(), again.architecture()),
            ("3", architecture)
        );
        assert_eq!(
            again.outputs(x, key).expect("y"),
            net.outputs(x, key).expect("y")
        );
        let (Saved::Bayesian(again), _) = Saved::open(&at("twin")).expect("a model") else {
            panic!("it is a twin")
        };
        assert_eq!(
            again.outputs(x, key).expect("y"),
            twin.outputs(x, key).expect("y")
        );
        assert_eq!(
            again.kl_per_layer().expect("kl"),
            twin.kl_per_layer().expect("kl"),
            "priors too"
        );
    }
    net_of_another_kind(&at("plain"));
}

fn net_of_another_kind(path: &Path) {
    Architecture::LeNet5
        .plain(0)
        .expect("a net")
        .export(path)
        .expect("a file");
    assert!(matches!(Saved::open(path), Err(Error::Unnamed { .. })));
    let mut twin = Architecture::LeNet5
        .bayes(0, &Start::default())
        .expect("a twin");
    let text = twin
        .load_weights(path)
        .expect_err("a plain net")
        .to_string();
    // 10 tensors are too many, 20 are missing.
    assert_eq!(text.matches("presence of").count(), 30, "{text}");
}

#[test]
fn a_twin_starts_where_it_is_told() {
    let net = Architecture::MlpDigits.plain(4).expect("a net");
    let posteriors = |start: Start| {
        net.bayes(&start)
            .expect("a twin")
            .posteriors()
            .expect("posteriors")
    };
    let moped = Start {
        moped: Some(0.25),
        rho: None,
    };
    for posterior in posteriors(moped) {
        for (mu, sigma) in posterior.mu.iter().zip(&posterior.sigma) {
            assert!((sigma - 0.25 * mu.abs()).abs() <= 1e-5 * mu.abs() + 1e-12);
        }
    }
    let fixed = Start {
        moped: None,
        rho: Some(-3.0),
    };
    let sigma = (-3f32).exp().ln_1p();
    for posterior in posteriors(fixed) {
        assert!(
            posterior
                .sigma
                .iter()
                .all(|found| (found - sigma).abs() < 1e-6)
        );
    }
    // The prior's mean is 0, unless it is MOPED's: then the KL does not see mu.
    let kl = |start: &Start, weight: &dyn Fn(f64, f64) -> f64| {
        let twin = net.bayes(start).expect("a twin");
        for (tensor, posterior) in twin
            .kl_per_layer()
            .expect("kl")
            .iter()
            .zip(twin.posteriors().expect("posteriors"))
        {
            let pairs = posterior.mu.iter().zip(&posterior.sigma);
            let want: f64 = pairs
                .map(|(&mu, &sigma)| weight(mu.into(), sigma.into()))
                .sum();
            assert!(
                (tensor.kl - want).abs() <= 1e-3 * want,
                "{} {}",
                tensor.kl,
                want
            );
        }
    };
    kl(&Start::default(), &|mu, sigma| {
        (sigma * sigma + mu * mu - 1.0) / 2.0 - sigma.ln()
    });
    kl(&moped, &|_, sigma| (sigma * sigma - 1.0) / 2.0 - sigma.ln());

    for (start, found) in [
        (
            Start {
                moped: Some(0.0),
                rho: None,
            },
            "MOPED's delta must be positive and finite, found 0",
        ),
        (
            Start {
                moped: Some(0.1),
                rho: Some(-3.0),
            },
            "rho must be left to MOPED",
        ),
        (
            Start {
                moped: None,
                rho: Some(f64::NAN),
            },
            "rho must be within",
        ),
    ] {
        let text = net.bayes(&start).expect_err("no start").to_string();
        assert!(text.starts_with(found), "{text}");
    }
}

/// Trains on some digits; the losses of the data, first and last.
fn train(
    model: &mut dyn Trainable,
    optimizer: &mut Optimizer,
    step: impl Fn(u64) -> Step,
) -> [f64; 2] {
    let digits = Digits::embedded().expect("digits").train;
    let (x, labels) = (&digits.images[..64 * 64], &digits.labels[..64]);
    let x = Examples::new(64, x).expect("images");
    let mut losses = Vec::new();
    for i in 0..60 {
        let mut loss = |logits: Outputs<_>| Ok(cross_entropy_loss(logits, labels)?);
        let found = model.gradients(x, &step(i), &mut loss).expect("gradients");
        losses.push(found.data);
        model.update(optimizer).expect("an update");
    }
    [losses[0], losses[59]]
}

#[test]
fn plain_models_and_twins_learn() {
    let adam = || {
        let config = AdamConfig {
            lr: 1e-2,
            ..AdamConfig::default()
        };
        Optimizer::adam(config).expect("adam")
    };
    let mut net = Architecture::MlpDigits.plain(0).expect("a net");
    let [first, last] = train(&mut *net, &mut adam(), |i| Step::new(0, i, 0.0));
    assert!(first > 2.0 && last < 0.1, "{first} {last}");
    for &estimator in Architecture::MlpDigits.estimators() {
        let mut twin = Architecture::MlpDigits
            .bayes(0, &Start::default())
            .expect("a twin");
        let step = |i| Step {
            estimator: Some(estimator),
            ..Step::new(0, i, 1e-6)
        };
        let [first, last] = train(&mut *twin, &mut adam(), step);
        assert!(first > 2.0 && last < 0.5, "{estimator}: {first} {last}");
    }
    let sgd = SgdConfig {
        lr: 0.05,
        ..SgdConfig::default()
    };
    let mut cnn = Architecture::Digits.plain(0).expect("a net");
    let [first, last] = train(&mut *cnn, &mut Optimizer::sgd(sgd).expect("sgd"), |i| {
        Step::new(0, i, 0.0)
    });
    assert!(last < first, "{first} {last}");
}

/// The gradients of two draws, halved, are one step; what is reported adds up.
#[test]
fn gradients_add_up_until_the_update() {
    let digits = Digits::embedded().expect("digits").train;
    let x = Examples::new(8, &digits.images[..8 * 64]).expect("images");
    let labels = &digits.labels[..8];
    let mut loss = |logits: Outputs<_>| Ok(cross_entropy_loss(logits, labels)?);
    let mut twin = Architecture::MlpDigits
        .bayes(0, &Start::default())
        .expect("a twin");
    let mut sgd = Optimizer::sgd(SgdConfig {
        lr: 0.1,
        ..SgdConfig::default()
    })
    .expect("sgd");
    assert!(matches!(twin.update(&mut sgd), Err(Error::NoGradients)));
    let once = |twin: &mut dyn BayesModel, step: Step, loss: &mut LossFn<'_>| {
        twin.gradients(x, &step, loss).expect("gradients")
    };
    let whole = once(&mut *twin, Step::new(1, 0, 1e-4), &mut loss);
    assert!((whole.total - whole.data - 1e-4 * whole.kl).abs() < 1e-3 && whole.kl > 100.0);
    twin.update(&mut sgd).expect("an update");
    let after_one = twin.posteriors().expect("posteriors");

    let mut again = Architecture::MlpDigits
        .bayes(0, &Start::default())
        .expect("a twin");
    for _ in 0..2 {
        once(
            &mut *again,
            Step {
                scale: 0.5,
                ..Step::new(1, 0, 1e-4)
            },
            &mut loss,
        );
    }
    again.update(&mut sgd).expect("an update");
    for (one, two) in after_one
        .iter()
        .zip(again.posteriors().expect("posteriors"))
    {
        for (a, b) in one.mu.iter().zip(&two.mu) {
            assert!((a - b).abs() < 1e-6, "{a} {b}");
        }
    }
}

#[test]
fn a_forecaster_learns_a_wave_and_how_sure_it_is() {
    let wave: Vec<f32> = (0..200).map(|t| (t as f32 * 0.3).sin()).collect();
    let rows = 150;
    let windows: Vec<f32> = (0..rows).flat_map(|t| wave[t..t + 20].to_vec()).collect();
    let next: Vec<f32> = (0..rows).map(|t| wave[t + 20]).collect();
    let x = Examples::new(rows, &windows).expect("windows");
    let mut twin = Architecture::Lstm
        .bayes(
            0,
            &Start {
                moped: None,
                rho: Some(-6.0),
            },
        )
        .expect("a twin");
    let mut adam = Optimizer::adam(AdamConfig {
        lr: 1e-2,
        ..AdamConfig::default()
    })
    .expect("adam");
    let target: Tensor<(usize, usize), f32, Cpu> =
        Cpu::default().tensor_from_vec(next.clone(), (rows, 1));
    for i in 0..120 {
        let mut loss = |outputs: Outputs<_>| {
            let (mean, log_variance) = gaussian(outputs).expect("a mean and a variance");
            let variance = PredictedVariance::Log(log_variance);
            Ok(gaussian_nll_loss(mean, variance, target.clone())?)
        };
        twin.gradients(x, &Step::new(0, i, 1e-6), &mut loss)
            .expect("gradients");
        twin.update(&mut adam).expect("an update");
    }
    let seen = twin.regress(x, &Drawing::default()).expect("forecasts");
    let error: f64 = seen
        .mean
        .iter()
        .zip(&next)
        .map(|(mean, &next)| (mean - f64::from(next)).powi(2))
        .sum();
    assert!(error / (rows as f64) < 0.05, "{}", error / rows as f64);
}

#[test]
fn what_does_not_fit_is_said() {
    let net = Architecture::LeNet5.plain(0).expect("a net");
    let x = numbers(Architecture::LeNet5, 1);
    let text = |error: Error| error.to_string();
    let few = Examples::new(1, &x[..700]).expect("an example");
    let said = text(net.outputs(few, Key::MEAN).expect_err("too few"));
    assert_eq!(
        said,
        "`lenet5` takes 1×28×28, but an example is 700 numbers"
    );
    let x = Examples::new(1, &x).expect("an example");
    let said = text(
        net.regress(x, &Drawing::default())
            .expect_err("a classifier"),
    );
    assert_eq!(
        said,
        "expected a model for regression or forecast, found `lenet5`, which is for classification in 10 classes"
    );
    let local = Drawing {
        estimator: Some(EstimatorKind::LocalReparameterization),
        ..Drawing::default()
    };
    let said = text(net.classify(x, &local).expect_err("convolutions"));
    assert!(
        said.contains("take Flipout or Reparameterization"),
        "{said}"
    );
    let none = Drawing {
        samples: 0,
        ..Drawing::default()
    };
    assert!(net.classify(x, &none).is_err());
    assert!(Examples::new(0, &[]).is_err() && Examples::new(2, &[0.0; 3]).is_err());
}

/// Features that a table lacks are zeros.
#[test]
fn a_table_may_have_fewer_features() {
    let net = Architecture::MlpRegression.plain(0).expect("a net");
    let mut padded = [0.0; 32];
    padded[..2].copy_from_slice(&[1.0, 2.0]);
    padded[16..18].copy_from_slice(&[3.0, 4.0]);
    let few = Examples::new(2, &[1.0, 2.0, 3.0, 4.0]).expect("rows");
    let all = Examples::new(2, &padded).expect("rows");
    let outputs = |x| net.outputs(x, Key::MEAN).expect("outputs");
    assert_eq!(outputs(few), outputs(all));
}

#[test]
fn a_twin_is_pruned_and_sampled() {
    let mut twin = Architecture::Digits
        .bayes(0, &Start::default())
        .expect("a twin");
    let x = numbers(Architecture::Digits, 2);
    let x = Examples::new(2, &x).expect("images");
    let how = Drawing {
        samples: 1,
        seed: 5,
        estimator: Some(EstimatorKind::Reparameterization),
        ..Drawing::default()
    };
    let drawn = twin.draws(x, &how).expect("a draw");
    let sampled = twin
        .sample(5)
        .expect("a sample")
        .outputs(x, Key::MEAN)
        .expect("logits");
    for (a, b) in drawn.member(0).iter().zip(&sampled) {
        assert!((a - b).abs() < 1e-4, "{a} {b}");
    }
    let pruned = twin.prune(Prune::Fraction(0.5)).expect("pruned");
    assert_eq!(pruned.weights(), 38_282);
    let zeros: usize = twin
        .posteriors()
        .expect("posteriors")
        .iter()
        .map(|one| one.mu.iter().filter(|mu| **mu == 0.0).count())
        .sum();
    assert!(zeros >= 19_141);
}
