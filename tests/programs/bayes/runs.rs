//! Training by each method, and what the commands say of its result.

use super::*;
use bayes_models::npy::{Array, Values};

#[test]
fn a_twin_is_trained_calibrated_quantized_and_exported() {
    let folder = trained(&["--epochs", "6"]);
    let run = run(&folder);
    let metrics = metrics(&run);
    assert_eq!(metrics.len(), 6);
    let loss = |i: usize| metrics[i]["loss"].as_f64().unwrap();
    assert!(loss(5) < loss(0), "{metrics:?}");
    assert!(metrics[0]["kl"].as_f64().unwrap() > 1000.0);
    assert!(metrics[5]["validation"]["accuracy"].as_f64().unwrap() > 0.3);

    let evaluated = |more: &[&str]| {
        let args = [&["evaluate", &run, "--json"][..], more].concat();
        lines(&said(&args)).remove(0)
    };
    let plain = evaluated(&[]);
    assert_eq!(plain["examples"], 360);
    assert!(plain["accuracy"].as_f64().unwrap() > 0.3, "{plain}");
    assert!(plain["auroc_ood"].is_number() && plain.get("coverage").is_none());
    assert_eq!(
        plain,
        evaluated(&[]),
        "the same seed gives the same numbers"
    );

    assert!(said(&["calibrate", &run, "--alpha", "0.2"]).contains("temperature"));
    let calibrated = evaluated(&[]);
    // The validation images are those of other writers than the test's, which costs coverage.
    assert_ne!(calibrated["nll"], plain["nll"]);
    assert!(
        (0.6..0.95).contains(&calibrated["coverage"].as_f64().unwrap()),
        "{calibrated}"
    );
    assert_eq!(evaluated(&["--raw"]), plain);

    assert!(said(&["quantize", &run, "--examples", "64"]).contains("model.int8"));
    let int8 = evaluated(&["--int8"]);
    let apart = |key: &str| (int8[key].as_f64().unwrap() - calibrated[key].as_f64().unwrap()).abs();
    assert!(
        apart("accuracy") < 0.03 && apart("nll") < 0.1,
        "{int8} {calibrated}"
    );
    assert!(said(&["inspect", &run, "--int8"]).contains("i8"));
    let other = Path::new(&run).join("local.int8");
    let by = [
        "--estimator",
        "local-reparameterization",
        "--out",
        other.to_str().unwrap(),
    ];
    let inspected = said(&[&["quantize", &run][..], &by].concat());
    assert!(inspected.contains("LocalReparameterization"), "{inspected}");
    assert_eq!(evaluated(&["--int8"]), int8, "another file, another model");
    // By its name, without the run.
    let input = folder.path().join("x.npy");
    let x = Array::new(vec![3, 64], Values::F32(vec![0.5; 3 * 64])).unwrap();
    std::fs::write(&input, x.to_bytes()).unwrap();
    let input = input.to_str().unwrap();
    let by_name = |weights: &str| {
        let args = [
            "predict",
            "--model",
            "mlp-digits",
            "--weights",
            weights,
            input,
        ];
        said(&[&args[..], &["--samples", "4"]].concat())
    };
    let file = Path::new(&run).join("model.int8");
    let of_run = ["predict", &run, input, "--int8", "--raw", "--samples", "4"];
    assert_eq!(by_name(file.to_str().unwrap()), said(&of_run));
    assert_ne!(by_name(other.to_str().unwrap()), said(&of_run));
    // What is fitted to the integers is theirs alone.
    said(&["calibrate", &run, "--alpha", "0.4", "--int8"]);
    assert_eq!(evaluated(&[]), calibrated);
    assert!(evaluated(&["--int8"])["size"].as_f64() < int8["size"].as_f64());
    said(&["quantize", &run, "--examples", "64"]);
    assert_eq!(
        evaluated(&["--int8"]),
        int8,
        "what was fitted to others is forgotten"
    );

    let inspected = said(&["inspect", &run]);
    for part in [
        "mlp-digits",
        "learning-rate = 0.01",
        "fc1.weight",
        "KL, nats",
    ] {
        assert!(inspected.contains(part), "no `{part}` in {inspected}");
    }
    let text = said(&["evaluate", &run, "--part", "validation"]);
    assert!(text.contains("examples") && text.contains("216"), "{text}");
}

#[test]
fn a_plain_model_is_where_a_twin_starts() {
    let plain = trained(&["--method", "deterministic", "--epochs", "4"]);
    let run_of_plain = run(&plain);
    assert_eq!(metrics(&run_of_plain)[0]["kl"], 0.0);
    let file = plain.path().join("plain.safetensors");
    let file = file.to_str().unwrap();
    said(&["export", &run_of_plain, "--format", "plain", "--out", file]);
    let twin = trained(&["--moped", file, "--delta", "0.05", "--epochs", "1"]);
    let of_twin = Path::new(&run(&twin)).join("model.safetensors");
    let none = plain.path().join("none");
    let start = ["train", "--out", none.to_str().unwrap(), "--moped"];
    for (file, model, part) in [
        (of_twin.to_str().unwrap(), "mlp-digits", "found a twin in"),
        (file, "digits", "take `--model mlp-digits`"),
    ] {
        let said = refused(2, &[&start[..], &[file, "--model", model]].concat());
        assert!(said.contains(part) && said.len() < 400, "{said}");
    }
    let accuracy = |run: &str| {
        let metrics = metrics(run);
        metrics[0]["accuracy"].as_f64().unwrap()
    };
    // It begins where the plain model ended.
    assert!(accuracy(&run(&twin)) > accuracy(&run_of_plain) + 0.2);
    for (format, name) in [
        ("bayesian-torch", "state"),
        ("torch", "mean"),
        ("checkpoint", "whole"),
    ] {
        let out = plain.path().join(name);
        let out = out.to_str().unwrap();
        said(&["export", &run(&twin), "--format", format, "--out", out]);
        let bytes = std::fs::read(out).unwrap();
        safetensors::SafeTensors::deserialize(&bytes).unwrap();
    }
}

#[test]
fn an_evaluation_writes_its_page() {
    let folder = tempfile::tempdir().unwrap();
    let page = |run: &str, sections: &[&str]| {
        let out = folder.path().join("report.html");
        let path = out.to_str().unwrap();
        said(&["evaluate", run, "--samples", "4", "--report", path]);
        let html = std::fs::read_to_string(&out).unwrap();
        for section in sections {
            assert!(html.contains(section), "no {section:?}");
        }
    };
    let classes = trained(&[]);
    let sections = [
        "luck of the test set",
        "Is confidence",
        "What does it take for what",
        "least sure",
        "its weights",
    ];
    page(&run(&classes), &sections);
    let numbers = trained(&["--model", "mlp-regression", "--data", "diabetes"]);
    page(
        &run(&numbers),
        &["how surely?", "Are its intervals", "its weights"],
    );
}

#[test]
fn members_of_an_ensemble_differ_and_predict_together() {
    let ensemble = trained(&["--method", "ensemble", "--members", "2", "--epochs", "3"]);
    let run = run(&ensemble);
    let of_members: Vec<i64> = metrics(&run)
        .iter()
        .map(|line| line["member"].as_i64().unwrap())
        .collect();
    assert_eq!(of_members, [0, 0, 0, 1, 1, 1]);
    let model =
        |i: usize| std::fs::read(Path::new(&run).join(format!("model-{i}.safetensors"))).unwrap();
    assert_ne!(model(0), model(1));
    let found = lines(&said(&["evaluate", &run, "--json"])).remove(0);
    assert!(found["accuracy"].as_f64().unwrap() > 0.3, "{found}");
    let problem = refused(2, &["quantize", &run]);
    assert!(problem.contains("found an ensemble"), "{problem}");
    let page = Path::new(&run).join("report.html");
    said(&["evaluate", &run, "--report", page.to_str().unwrap()]);
    let page = std::fs::read_to_string(page).unwrap();
    for part in [
        "method ensemble, 2 nets, 360 examples",
        "one member",
        "Mutual information",
    ] {
        assert!(page.contains(part), "no {part:?}");
    }
    assert!(
        !page.contains("its weights"),
        "several nets have no one posterior"
    );
}

#[test]
fn dropout_is_drawn_in_prediction_where_the_method_says_so() {
    let of = |method: &str| {
        let folder = trained(&[
            "--model",
            "digits-dropout",
            "--method",
            method,
            "--epochs",
            "1",
        ]);
        let input = folder.path().join("grey.npy");
        let grey = Array::new(vec![1, 8, 8], Values::F32(vec![0.5; 64])).unwrap();
        std::fs::write(&input, grey.to_bytes()).unwrap();
        lines(&said(&["predict", &run(&folder), input.to_str().unwrap()])).remove(0)
    };
    let information = |answer: &Value| answer["mutual_information"].as_f64().unwrap();
    assert!(information(&of("mc-dropout")) > 1e-3);
    assert_eq!(information(&of("deterministic")), 0.0);
}

#[test]
fn settings_of_a_file_hold_unless_a_flag_says_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.toml");
    let settings = "model = \"mlp-digits\"\nepochs = 1\noptimizer = \"sgd\"\nschedule = \"step\"\nwarm-up = 0.5\n\
                    kl-schedule = \"warm-up\"\navuc = 3.0\navuc-epochs = 1\ntrain-samples = 2\nsamples = 2\n";
    std::fs::write(&file, settings).unwrap();
    let run = folder.path().join("run");
    let run = run.to_str().unwrap();
    said(&[
        "train",
        "--config",
        file.to_str().unwrap(),
        "--epochs",
        "3",
        "--out",
        run,
    ]);
    let metrics = metrics(run);
    assert_eq!(metrics.len(), 3);
    assert_eq!(metrics[0]["threshold"], 1.0);
    assert_ne!(metrics[1]["threshold"], 1.0);
    assert!(metrics[0]["beta"].as_f64() < metrics[2]["beta"].as_f64());
    let effective = std::fs::read_to_string(Path::new(run).join("config.toml")).unwrap();
    for line in [
        "epochs = 3",
        "optimizer = \"sgd\"",
        "train-samples = 2",
        "momentum = 0.9",
    ] {
        assert!(effective.contains(line), "no `{line}` in {effective}");
    }
}

#[test]
fn patience_keeps_the_best_epoch() {
    // Without a step nothing becomes better.
    let folder = trained(&["--learning-rate", "0", "--patience", "2", "--epochs", "9"]);
    assert_eq!(metrics(&run(&folder)).len(), 3);
    let said = said(&["evaluate", &run(&folder)]);
    assert!(said.contains("accuracy"), "{said}");
}

#[test]
fn models_are_listed_and_help_has_examples() {
    let table = said(&["models"]);
    for name in [
        "digits",
        "mlp-digits",
        "1×8×8",
        "classification in 10 classes",
    ] {
        assert!(table.contains(name), "no `{name}` in {table}");
    }
    for command in [
        "train",
        "evaluate",
        "predict",
        "calibrate",
        "quantize",
        "export",
        "inspect",
    ] {
        let help = said(&[command, "--help"]);
        assert!(help.contains("Examples:\n  bayes "), "{command}: {help}");
    }
    assert!(said(&["completions", "bash"]).contains("complete -F _bayes"));
    assert!(said(&["--version"]).starts_with("bayes 0."));
}

#[test]
fn event_files_are_written_when_asked_for() {
    let folder = trained(&["--tensorboard"]);
    let entries = std::fs::read_dir(run(&folder)).unwrap();
    let names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let events = names
        .iter()
        .find(|name| name.starts_with("events.out.tfevents."));
    let bytes = std::fs::read(Path::new(&run(&folder)).join(events.unwrap())).unwrap();
    for name in ["train/loss", "validation/nll"] {
        let found = bytes
            .windows(name.len())
            .filter(|part| *part == name.as_bytes())
            .count();
        assert_eq!(found, 2, "{name}");
    }
}

/// Nobody reads what is said on stderr: the training goes on.
#[test]
fn a_closed_pipe_does_not_end_a_training() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(&folder);
    let mut training = bayes(&[&["train", "--out", &run][..], &QUICK].concat());
    let mut training = training
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(training.stderr.take());
    assert!(training.wait().unwrap().success());
    assert!(Path::new(&run).join("model.safetensors").exists());
}
