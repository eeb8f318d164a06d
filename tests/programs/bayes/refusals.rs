//! What is refused: with which exit code, and in which words.

use super::*;

#[test]
fn wrong_usage_is_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().to_str().unwrap();
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    let toml = folder.path().join("run.toml");
    std::fs::write(&toml, "epoch = 3\n").unwrap();
    let toml = toml.to_str().unwrap();
    let cases: &[(&[&str], &str)] = &[
        (
            &["train", "--model", "mlp-digit", "--out", out],
            "did you mean `mlp-digits`?",
        ),
        (
            &["train", "--data", "digit", "--out", out],
            "expected a data set such as `digits`, found `digit`; did you mean `digits`?",
        ),
        (
            &["train", "--data", "good.csv", "--out", out],
            "a table is `csv:good.csv`",
        ),
        (
            &["train", "--crop", "8", "--out", out],
            "expected `crop` below the 8 pixels of the images, found 8",
        ),
        (
            &["train", "--seed", "18446744073709551615", "--out", out],
            "below 2^63 for `--seed`",
        ),
        (
            &["train", "--samples", "10000000", "--out", out],
            "expected `samples` to be at most 1000000",
        ),
        (
            &["train", "--moped", "a", "--weights", "b", "--out", out],
            "expected `weights` or `moped`, found both",
        ),
        (&["train", "--method", "magic"], "possible values"),
        (&["train", "--epochs", "x"], "--epochs"),
        (&["train", "--batch-size", "0"], "--batch-size"),
        (
            &["train", "--config", toml, "--out", out],
            "line 1: `epoch`: expected a setting, found none of this name; did you mean `epochs`?",
        ),
        (
            &["train", "--beta=-1", "--out", out],
            "expected `beta` to be finite and at least 0, found -1",
        ),
        (
            &["train", "--validation", "1.5", "--out", out],
            "expected `validation`",
        ),
        (
            &["train", "--delta", "nan", "--out", out],
            "expected `delta` to be finite and above 0, found NaN",
        ),
        (
            &["train", "--rho", "1000", "--out", out],
            "expected `rho` to be between -20 and 20, found 1000",
        ),
        (
            &["train", "--learning-rate", "-1", "--out", out],
            "expected `learning-rate` to be finite and at least 0, found -1",
        ),
        (
            &["train", "--model", "mlp", "--out", out],
            "found 1×8×8 in `digits`",
        ),
        (
            &["train", "--model", "mlp-regression", "--out", out],
            "expected examples of 1 to 16 features",
        ),
        (
            &[
                "train",
                "--model",
                "mlp-digits",
                "--method",
                "mc-dropout",
                "--out",
                out,
            ],
            "all of whose draws are the same",
        ),
        (&["train", "--resume", empty], "found none in"),
        (&["evaluate", empty], "give the `--out` of `bayes train`"),
        (
            &["predict", empty, "x.npy"],
            "give the `--out` of `bayes train`",
        ),
        (&["calibrate", empty], "give the `--out` of `bayes train`"),
        (&["quantize", empty], "give the `--out` of `bayes train`"),
        (&["inspect", empty], "give the `--out` of `bayes train`"),
        (
            &["export", empty, "--out", out],
            "give the `--out` of `bayes train`",
        ),
        (&["flatten"], "unrecognized subcommand"),
        (&[], "Usage:"),
    ];
    for (args, part) in cases {
        let said = refused(2, args);
        assert!(said.contains(part), "{args:?}: no `{part}` in {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    assert!(!Path::new(out).exists(), "a refused run leaves nothing");
}

/// What cannot start leaves nothing that would be in the way of the next try.
#[test]
fn a_run_that_comes_to_nothing_leaves_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (run, none) = (run(&folder), folder.path().join("none.safetensors"));
    let start = [
        "train",
        "--model",
        "mlp-digits",
        "--epochs",
        "1",
        "--out",
        &run,
    ];
    let moped = [&start[..], &["--moped", none.to_str().unwrap()]].concat();
    assert!(refused(1, &moped).contains("none.safetensors"));
    assert!(!Path::new(&run).exists());
    let said_of = refused(1, &[&start[..], &["--learning-rate", "1e30"]].concat());
    assert!(!Path::new(&run).exists(), "{said_of}");
    said(&start);
}

/// A model has an answer to everything that is a number, so what is none must be refused before.
#[test]
fn numbers_that_are_none_are_not_predicted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.npy");
    for (number, found) in [
        (f32::NAN, "found NaN in example 1"),
        (f32::INFINITY, "found inf in example 1"),
    ] {
        let mut pixels = vec![0.5; 2 * 64];
        pixels[100] = number;
        let array =
            bayes_models::npy::Array::new(vec![2, 64], bayes_models::npy::Values::F32(pixels))
                .unwrap();
        std::fs::write(&file, array.to_bytes()).unwrap();
        let said = refused(2, &["predict", &run(twin()), file.to_str().unwrap()]);
        assert!(said.contains(found), "{said}");
    }
}

#[test]
fn integers_do_not_drop() {
    let args = [
        "--model",
        "digits-dropout",
        "--method",
        "mc-dropout",
        "--epochs",
        "1",
    ];
    let folder = tempfile::tempdir().unwrap();
    let run = run(&folder);
    said(&[&["train", "--out", &run][..], &args].concat());
    let said = refused(2, &["quantize", &run]);
    assert!(said.contains("whose 8-bit form would not drop"), "{said}");
}

#[test]
fn a_run_is_not_overwritten() {
    let run = run(twin());
    let said = refused(2, &["train", "--out", &run]);
    assert!(
        said.contains("found one in") && said.contains("--resume"),
        "{said}"
    );
    let said = refused(2, &["train", "--resume", &run, "--epochs", "9"]);
    assert!(said.contains("expected `--resume` alone"), "{said}");
    let said = refused(2, &["evaluate", &run, "--int8"]);
    assert!(said.contains("bayes quantize"), "{said}");
    let said = refused(2, &["calibrate", &run, "--alpha", "1"]);
    assert!(said.contains("`--alpha` above 0 and below 1"), "{said}");
    let said = refused(2, &["export", &run, "--member", "3", "--out", "x"]);
    assert!(said.contains("below 1, found 3"), "{said}");
}

#[test]
fn damaged_files_are_exit_code_1_and_named() {
    let folder = trained(&[]);
    let run = run(&folder);
    let file = |name: &str| Path::new(&run).join(name);
    let whole = std::fs::read(file("model.safetensors")).unwrap();
    std::fs::write(file("model.safetensors"), &whole[..whole.len() / 2]).unwrap();
    let said = refused(1, &["evaluate", &run]);
    assert!(
        said.contains("model.safetensors") && said.contains("cut short"),
        "{said}"
    );
    std::fs::write(file("checkpoint.safetensors"), b"no checkpoint").unwrap();
    let said = refused(1, &["train", "--resume", &run]);
    assert!(
        said.contains("checkpoint.safetensors") && said.contains("safetensors file"),
        "{said}"
    );
    std::fs::write(file("meaning.json"), b"{").unwrap();
    let said = refused(2, &["inspect", &run, "--int8"]);
    assert!(said.contains("model.int8"), "{said}");
    std::fs::write(file("model.safetensors"), &whole).unwrap();
    let said = refused(1, &["evaluate", &run]);
    assert!(
        said.contains("meaning.json") && said.contains("line 1"),
        "{said}"
    );
}

#[test]
fn a_run_that_diverges_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let args = [
        "train",
        "--out",
        run.to_str().unwrap(),
        "--learning-rate",
        "1e30",
        "--optimizer",
        "sgd",
    ];
    let said = refused(1, &[&args[..], &QUICK[..6]].concat());
    assert!(
        said.contains("diverged") || said.contains("not finite") || said.contains("finite"),
        "{said}"
    );
}

/// The files of a run, and the examples that are asked about, are not written over by what is said of them.
#[test]
fn what_is_still_needed_is_not_overwritten() {
    let folder = trained(&[]);
    let run = run(&folder);
    let input = folder.path().join("x.npy");
    let zeros = bayes_models::npy::Values::F32(vec![0.0; 64]);
    let x = bayes_models::npy::Array::new(vec![1, 64], zeros).unwrap();
    std::fs::write(&input, x.to_bytes()).unwrap();
    let input = input.to_str().unwrap();
    let file = |name: &str| Path::new(&run).join(name).to_str().unwrap().to_owned();
    let model = file("model.safetensors");
    let before = std::fs::read(&model).unwrap();
    for args in [
        &["predict", &run, input, "--out", input][..],
        &["predict", &run, input, "--out", &file("config.toml")],
        &["evaluate", &run, "--report", &file("meaning.json")],
        &["export", &run, "--out", &model],
        &["quantize", &run, "--out", &file("checkpoint.safetensors")],
    ] {
        let said = refused(2, args);
        assert!(said.contains("which is still needed"), "{args:?}: {said}");
    }
    assert_eq!(std::fs::read(input).unwrap(), x.to_bytes());
    assert_eq!(std::fs::read(&model).unwrap(), before);
}

/// A flag that changes nothing is no reason to end, but to be told.
#[test]
fn flags_that_change_nothing_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(&folder);
    let flags = [
        "--method",
        "deterministic",
        "--beta",
        "0.5",
        "--members",
        "3",
    ];
    let output = output(&[&["train", "--out", &run][..], &QUICK[..4], &flags].concat());
    assert!(output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    for part in [
        "`--beta` changes nothing here: it goes with `--method bayesian`",
        "`--members` changes nothing here",
    ] {
        assert!(said.contains(part), "no `{part}` in {said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_is_full_is_a_failure() {
    let folder = trained(&["--epochs", "1"]);
    let run = run(&folder);
    let out = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let ended = bayes(&["inspect", &run]).stdout(out).output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.contains("check the free space"), "{said}");
}
