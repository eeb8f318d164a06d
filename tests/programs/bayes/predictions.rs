//! `bayes predict`: inputs of each kind, answers of each kind.

use super::*;
use bayes_models::data::{Digits, idx};
use bayes_models::npy::{Array, Values};

fn npy(shape: &[usize], values: &[f32]) -> Vec<u8> {
    let array = Array::new(shape.to_vec(), Values::F32(values.to_vec()));
    array.unwrap().to_bytes()
}

/// Five test digits as npy.
fn five(folder: &TempDir) -> String {
    let digits = Digits::embedded().unwrap();
    let file = folder.path().join("five.npy");
    std::fs::write(&file, npy(&[5, 8, 8], &digits.test.images[..5 * 64])).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn answers_have_probabilities_and_the_parts_of_uncertainty() {
    let folder = tempfile::tempdir().unwrap();
    let input = five(&folder);
    let run = run(twin());
    let found = lines(&said(&["predict", &run, &input]));
    assert_eq!(found.len(), 5);
    for (row, answer) in found.iter().enumerate() {
        assert_eq!(answer["row"], row);
        let probabilities: Vec<f64> =
            serde_json::from_value(answer["probabilities"].clone()).unwrap();
        assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let largest = probabilities.iter().copied().fold(0.0, f64::max);
        assert_eq!(
            probabilities[answer["class"].as_u64().unwrap() as usize],
            largest
        );
        let nats = |key: &str| answer[key].as_f64().unwrap();
        let parts = nats("expected_entropy") + nats("mutual_information");
        assert!(
            (nats("predictive_entropy") - parts).abs() < 1e-9 && nats("mutual_information") > 0.0
        );
        assert!(answer.get("set").is_none(), "nothing is calibrated");
    }
    let table = said(&["predict", &run, &input, "--as", "csv"]);
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split(',').collect())
        .collect();
    assert_eq!((rows.len(), rows[0][0], rows[0][3]), (6, "row", "p0"));
    assert!(rows.iter().all(|row| row.len() == rows[0].len()));
    assert_eq!(rows[1][1], found[0]["class"].to_string());
}

#[test]
fn raw_outputs_are_those_of_each_draw_or_of_the_posteriors_mean() {
    let folder = tempfile::tempdir().unwrap();
    let input = five(&folder);
    let run = run(twin());
    let array = |more: &[&str]| {
        let out = folder.path().join("out.npy");
        let out = out.to_str().unwrap();
        let args = [
            "predict",
            &run,
            &input,
            "--as",
            "npy",
            "--samples",
            "3",
            "--out",
            out,
        ];
        said(&[&args[..], more].concat());
        let (shape, values) = Array::read(out).unwrap().into_parts();
        (shape, values.into_f32())
    };
    let (draws, mean) = (array(&["--logits"]), array(&["--mean"]));
    assert_eq!((draws.0, mean.0), (vec![3, 5, 10], vec![5, 10]));
    assert_ne!(draws.1[..50], draws.1[50..100]);
    // The plain model of the means, as a state dict of PyTorch: by its name, without a run.
    let weights = folder.path().join("mean.safetensors");
    let weights = weights.to_str().unwrap();
    said(&["export", &run, "--format", "torch", "--out", weights]);
    let model = ["--model", "mlp-digits", "--weights", weights];
    let out = folder.path().join("plain.npy");
    let out = out.to_str().unwrap();
    let more = ["--input", &input, "--logits", "--as", "npy", "--out", out];
    said(&[&["predict"][..], &model, &more].concat());
    let (shape, plain) = Array::read(out).unwrap().into_parts();
    assert_eq!(shape, [1, 5, 10]);
    for (plain, mean) in plain.into_f32().iter().zip(&mean.1) {
        assert!(
            (plain - mean).abs() <= 1e-5 * mean.abs().max(1.0),
            "{plain}, not {mean}"
        );
    }
    // And that state dict again, to the bit; a twin's for bayesian-torch likewise.
    for format in ["torch", "bayesian-torch"] {
        let files = ["once", "twice"].map(|name| {
            let path = folder.path().join(format!("{format}-{name}"));
            path.to_str().unwrap().to_owned()
        });
        said(&["export", &run, "--format", format, "--out", &files[0]]);
        let again = ["export", "--model", "mlp-digits", "--weights", &files[0]];
        said(&[&again[..], &["--format", format, "--out", &files[1]]].concat());
        assert_eq!(
            std::fs::read(&files[0]).unwrap(),
            std::fs::read(&files[1]).unwrap()
        );
    }
    let as_lines = lines(&said(&[
        "predict",
        &run,
        &input,
        "--logits",
        "--samples",
        "3",
    ]));
    assert_eq!(
        (as_lines.len(), &as_lines[14]["sample"]),
        (15, &Value::from(2))
    );
    let first = as_lines[0]["outputs"][0].as_f64().unwrap();
    assert_eq!(first as f32, draws.1[0]);
}

#[test]
fn an_idx_file_and_an_npy_file_of_the_same_images_have_the_same_answers() {
    let folder = tempfile::tempdir().unwrap();
    let digits = Digits::embedded().unwrap();
    let pixels = digits.test.images[..5 * 64]
        .iter()
        .map(|x| (x * 255.0).round() as u8);
    let images = idx::Images {
        count: 5,
        height: 8,
        width: 8,
        pixels: pixels.collect(),
    };
    let file = folder.path().join("five-images-idx3-ubyte");
    idx::write_images(std::fs::File::create(&file).unwrap(), &images).unwrap();
    let run = run(twin());
    let of = |input: &str| said(&["predict", &run, input, "--samples", "2"]);
    assert_eq!(of(file.to_str().unwrap()), of(&five(&folder)));
}

#[test]
fn a_calibrated_classifier_gives_sets() {
    let folder = trained(&[]);
    let input = five(&folder);
    let run = run(&folder);
    said(&["calibrate", &run, "--adaptive"]);
    for answer in lines(&said(&["predict", &run, &input])) {
        assert!(answer["set"].as_array().unwrap().len() <= 10, "{answer}");
    }
    let raw = lines(&said(&["predict", &run, &input, "--raw"]));
    assert!(raw[0].get("set").is_none());
}

#[test]
fn inputs_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let run = run(twin());
    let (wide, none) = (npy(&[1, 9, 9], &[0.0; 81]), npy(&[0, 8, 8], &[]));
    for (code, file, parts) in [
        (
            2,
            write("wide.npy", &wide),
            ["expected examples of 1×8×8", "found 9×9"],
        ),
        (
            2,
            write("none.npy", &none),
            ["at least 1 example", "none.npy"],
        ),
        (1, write("cut.npy", &wide[..100]), ["cut.npy", "byte "]),
        (1, write("x.idx", b"GIF89a"), ["byte 0", "IDX magic"]),
        (2, write("x.what", b""), ["x.what", "`--format`"]),
        (
            1,
            folder.path().join("no.npy").to_str().unwrap().to_owned(),
            ["no.npy", "check the path"],
        ),
    ] {
        let said = refused(code, &["predict", &run, &file]);
        for part in parts {
            assert!(said.contains(part), "no `{part}` in {said}");
        }
    }
    let said = refused(2, &["predict", &run, &write("a.npy", &wide), "--as", "npy"]);
    assert!(said.contains("`--logits` or `--mean`"), "{said}");
}
