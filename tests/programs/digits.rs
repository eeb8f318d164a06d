//! The example `digits`: its JSON, other sets, what it refuses.

use bayes_models::data::{Digits, idx};
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use tempfile::TempDir;

const FIELDS: [&str; 8] = [
    "model",
    "accuracy",
    "nll",
    "ece",
    "brier",
    "auroc_ood",
    "bytes",
    "images_per_second",
];

fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| crate::built(&["--example", "digits"], "examples/digits"))
}

/// Runs the example, short and with few draws.
fn digits(args: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("of/report.html");
    let output = Command::new(program())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["--epochs", "2", "--samples", "4"])
        .args(["--report", page.to_str().unwrap()])
        .args(args)
        .output()
        .unwrap();
    assert_eq!(page.exists(), output.status.success());
    if page.exists() {
        let page = std::fs::read_to_string(page).unwrap();
        // Three models in four kinds of plots, at least, and nothing from elsewhere.
        assert!(page.matches("<svg").count() > 10);
        assert!(!page.contains("http"));
    }
    output
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The objects on stdout of a run that must have gone well, one per line.
fn rows(output: &Output) -> Vec<Value> {
    let problem = text(&output.stderr);
    assert!(output.status.success(), "{problem}");
    let lines = text(&output.stdout).lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn number(row: &Value, field: &str) -> f64 {
    row[field].as_f64().unwrap()
}

fn store_images(dir: &Path, name: &str, side: usize, pixels: &[f32]) {
    let images = idx::Images {
        count: pixels.len() / (side * side),
        height: side,
        width: side,
        pixels: pixels.iter().map(|x| (x * 255.0) as u8).collect(),
    };
    let name = format!("{name}-images-idx3-ubyte");
    idx::write_images(File::create(dir.join(name)).unwrap(), &images).unwrap();
}

fn store_labels(dir: &Path, name: &str, labels: &[usize]) {
    let labels: Vec<u8> = labels.iter().map(|&label| label as u8).collect();
    let name = format!("{name}-labels-idx1-ubyte");
    idx::write_labels(File::create(dir.join(name)).unwrap(), &labels).unwrap();
}

/// A folder with 70 training images, 11 test images and 5 patches.
fn small_set() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let digits = Digits::embedded().unwrap();
    for (name, set, n) in [
        ("digits-train", &digits.train, 70),
        ("digits-test", &digits.test, 11),
    ] {
        store_images(folder.path(), name, 8, &set.images[..n * 64]);
        store_labels(folder.path(), name, &set.labels[..n]);
    }
    let patches = &digits.out_of_distribution[..5 * 64];
    store_images(folder.path(), "patches-ood", 8, patches);
    folder
}

#[test]
fn json_is_one_line_per_model_with_these_fields() {
    let first = digits(&["--json"]);
    let found = rows(&first);
    let models: Vec<&Value> = found.iter().map(|row| &row["model"]).collect();
    assert_eq!(models, ["plain", "bayesian", "int8"]);
    for row in &found {
        let mut keys: Vec<&String> = row.as_object().unwrap().keys().collect();
        let mut fields = FIELDS;
        keys.sort();
        fields.sort();
        assert_eq!(keys, fields);
        for share in ["accuracy", "ece", "auroc_ood"] {
            assert!((0.0..=1.0).contains(&number(row, share)), "{row}");
        }
        assert!((0.0..3.0).contains(&number(row, "nll")), "{row}");
        assert!((0.0..=2.0).contains(&number(row, "brier")), "{row}");
        assert!(
            row["bytes"].is_u64() && number(row, "images_per_second") > 0.0,
            "{row}"
        );
    }
    // mu, rho and the prior's mean for each of 38 282 weights of 4 bytes.
    let sizes = [0, 1, 2].map(|i| number(&found[i], "bytes") / (4.0 * 38_282.0));
    assert!((1.0..1.1).contains(&sizes[0]), "{sizes:?}");
    assert!((3.0..3.1).contains(&sizes[1]), "{sizes:?}");
    // mu and sigma of one byte each, and what describes them.
    assert!((0.5..0.6).contains(&sizes[2]), "{sizes:?}");
    let agree = |field: &str| (number(&found[1], field) - number(&found[2], field)).abs();
    assert!(
        agree("accuracy") <= 0.01 && agree("nll") < 0.05,
        "{found:?}"
    );

    let again = rows(&digits(&["--json"]));
    for (row, same) in found.iter().zip(&again) {
        for field in &FIELDS[..7] {
            assert_eq!(row[field], same[field], "{field}");
        }
    }
}

#[test]
fn the_table_states_beta_and_the_bound() {
    let output = digits(&["--seeds", "2"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    for part in [
        "plain ",
        "bayesian ",
        "int8 ",
        "AUROC",
        "tempered",
        "KL/n",
        "ELBO at beta 1",
    ] {
        assert!(table.contains(part), "no `{part}` in {table}");
    }
    let progress = text(&output.stderr);
    for run in [
        "plain, seed 0",
        "bayesian, seed 0",
        "plain, seed 1",
        "bayesian, seed 1",
    ] {
        assert!(progress.contains(run), "no `{run}` in {progress}");
    }
}

#[test]
fn another_set_of_any_length_is_taken() {
    let folder = small_set();
    let found = rows(&digits(&[
        "--json",
        "--data",
        folder.path().to_str().unwrap(),
    ]));
    assert_eq!(found.len(), 3);
    let right = number(&found[0], "accuracy") * 11.0;
    assert!(
        (right - right.round()).abs() < 1e-9,
        "11 test images: {right}"
    );
}

#[test]
fn images_of_another_size_are_refused() {
    let folder = small_set();
    store_images(folder.path(), "digits-test", 28, &[0.5; 11 * 28 * 28]);
    let output = digits(&["--json", "--data", folder.path().to_str().unwrap()]);
    assert!(!output.status.success());
    assert_eq!(text(&output.stdout), "");
    let problem = text(&output.stderr);
    assert!(
        problem.contains("expected images of 8×8, found 28×28"),
        "{problem}"
    );
    assert!(
        problem.contains("digits-test-images-idx3-ubyte"),
        "{problem}"
    );
}

#[test]
fn arguments_out_of_range_are_refused() {
    for args in [["--seeds", "0"], ["--epochs", "-1"], ["--samples", "0"]] {
        let output = digits(&args);
        assert!(!output.status.success(), "{args:?}");
        assert_eq!(text(&output.stdout), "", "{args:?}");
    }
}
