//! Where a model runs: what is there, what is not, and that it changes nothing of a run.

use super::*;

/// No machine has so many.
const NOT_THERE: [&str; 2] = ["--device", "cuda:999"];

#[test]
fn devices_are_listed_and_what_is_missing_is_said() {
    let output = output(&["--list-devices"]);
    assert_eq!(output.status.code(), Some(0));
    let names = String::from_utf8(output.stdout).unwrap();
    let names: Vec<&str> = names.lines().collect();
    assert_eq!(names[0], "cpu");
    for (number, name) in names[1..].iter().enumerate() {
        assert_eq!(*name, format!("cuda:{number}"));
    }
    let problem = String::from_utf8(output.stderr).unwrap();
    assert_eq!(problem.is_empty(), names.len() > 1, "{problem}");
    if !cfg!(feature = "cuda") {
        let sentence = "`cuda:0` is not there: this program was built without the feature `cuda`";
        assert!(problem.starts_with(sentence), "{problem}");
    }
}

#[test]
fn a_device_that_is_not_there_is_wrong_usage() {
    let twin = run(twin());
    let folder = tempfile::tempdir().unwrap();
    let out = run(&folder);
    let cases: [&[&str]; 6] = [
        &["train", "--out", &out],
        &["train", "--resume", &twin],
        &["evaluate", &twin],
        &["predict", &twin, "x.npy"],
        &["calibrate", &twin],
        &["quantize", &twin],
    ];
    let because = match cfg!(feature = "cuda") {
        true => "driver",
        false => "built without the feature `cuda`; see `bayes --list-devices`",
    };
    for args in cases {
        let said = refused(2, &[args, &NOT_THERE].concat());
        assert!(
            said.contains("`cuda:999` is not there: "),
            "{args:?}: {said}"
        );
        assert!(
            said.contains(because) || said.contains("GPU"),
            "{args:?}: {said}"
        );
        assert!(!said.contains("panicked"), "{said}");
        // In front of the command it means the same.
        assert_eq!(refused(2, &[&NOT_THERE, args].concat()), said);
        let said = refused(2, &[args, &["--device", "gpu"]].concat());
        let sentence = "no device is called `gpu`: write `cpu`, `cuda` or `cuda:N`";
        assert!(said.contains(sentence), "{args:?}: {said}");
    }
    assert!(!Path::new(&out).exists(), "a refused run leaves nothing");
}

#[test]
fn what_runs_no_model_has_no_device() {
    for command in ["models", "inspect"] {
        let args = [command, "run", "--device", "cpu"];
        let args = match command {
            "models" => &[args[0], args[2], args[3]][..],
            _ => &args,
        };
        let said = refused(2, args);
        assert!(said.contains("expected `--device` with `train`"), "{said}");
    }
    let said = refused(2, &["--device", "cpu"]);
    assert!(said.contains("requires a subcommand"), "{said}");
    let said = refused(2, &["--list-devices", "models"]);
    assert!(said.contains("`--list-devices` alone"), "{said}");
}

#[test]
fn the_cpu_by_name_is_the_same_run_to_the_bit() {
    let named = trained(&["--device", "cpu"]);
    let named = run(&named);
    let plain = run(twin());
    for file in ["model.safetensors", "checkpoint.safetensors", "config.toml"] {
        let [a, b] = [&named, &plain].map(|run| std::fs::read(Path::new(run).join(file)).unwrap());
        assert!(a == b, "another {file}");
    }
    let evaluate = ["evaluate", &named, "--json"];
    assert_eq!(
        said(&[&evaluate[..], &["--device", "cpu"]].concat()),
        said(&evaluate)
    );
}

#[test]
fn a_file_says_the_device_and_the_flag_wins() {
    let folder = tempfile::tempdir().unwrap();
    let out = run(&folder);
    let file = folder.path().join("run.toml");
    std::fs::write(&file, "device = \"cuda:999\"\n").unwrap();
    let args = ["train", "--config", file.to_str().unwrap(), "--out", &out];
    let args = [&args[..], &QUICK].concat();
    let problem = refused(2, &args);
    assert!(problem.contains("`cuda:999` is not there"), "{problem}");
    said(&[&args[..], &["--device", "cpu"]].concat());
    // The run is of no device: it goes on where it is told to, and on the CPU else.
    let settings = std::fs::read_to_string(Path::new(&out).join("config.toml")).unwrap();
    assert!(!settings.contains("device"), "{settings}");
    said(&["train", "--resume", &out, "--device", "cpu"]);
    said(&["evaluate", &out]);
}
