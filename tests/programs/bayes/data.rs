//! The data sets of `--data`, and what damaged ones say.

use super::*;
use bayes_models::data::{Digits, idx};
use bayes_models::npy;
use std::fs::File;

/// A regression of the table, trained and calibrated.
fn regression(data: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let run = run(&folder);
    let args = [
        "train",
        "--model",
        "mlp-regression",
        "--data",
        data,
        "--out",
        &run,
    ];
    said(
        &[
            &args[..],
            &[
                "--epochs",
                "30",
                "--samples",
                "4",
                "--learning-rate",
                "0.01",
            ],
        ]
        .concat(),
    );
    said(&["calibrate", &run, "--alpha", "0.2"]);
    folder
}

#[test]
fn a_regression_has_intervals_in_the_units_of_its_target() {
    let folder = regression("diabetes");
    let run = run(&folder);
    let found = lines(&said(&["evaluate", &run, "--json"])).remove(0);
    let number = |key: &str| found[key].as_f64().unwrap();
    // The target's deviation is 77, and a mean alone has that error.
    assert!((40.0..75.0).contains(&number("rmse")), "{found}");
    assert!(
        (0.6..=1.0).contains(&number("coverage")) && number("size") > 50.0,
        "{found}"
    );

    let input = folder.path().join("two.csv");
    let header = "age,sex,bmi,bp,s1,s2,s3,s4,s5,s6\n";
    let rows = "59,2,32.1,101,157,93.2,38,4,4.8598,87\n48,1,21.6,87,183,103.2,70,3,3.8918,69\n";
    std::fs::write(&input, [header, rows].concat()).unwrap();
    let answers = lines(&said(&["predict", &run, input.to_str().unwrap()]));
    let of = |i: usize, key: &str| answers[i][key].as_f64().unwrap();
    assert!(
        of(0, "mean") > of(1, "mean") && of(1, "mean") > 20.0,
        "{answers:?}"
    );
    assert!(of(0, "low") < of(0, "mean") && of(0, "mean") < of(0, "high"));
    assert!(of(0, "aleatoric") > of(0, "epistemic"), "{answers:?}");
    let narrow = folder.path().join("narrow.csv");
    std::fs::write(&narrow, "age,sex\n59,2\n").unwrap();
    let problem = refused(2, &["predict", &run, narrow.to_str().unwrap()]);
    assert!(problem.contains("found none for bmi, bp, s1"), "{problem}");
    // Columns are found by their names, in any order and among others.
    let turned = folder.path().join("turned.csv");
    let header = "id,s6,s5,s4,s3,s2,s1,bp,bmi,sex,age\n";
    let rows = "7,87,4.8598,4,38,93.2,157,101,32.1,2,59\n8,69,3.8918,3,70,103.2,183,87,21.6,1,48\n";
    std::fs::write(&turned, [header, rows].concat()).unwrap();
    assert_eq!(
        lines(&said(&["predict", &run, turned.to_str().unwrap()])),
        answers
    );
    // A table that is new as a whole has no part that tests.
    let new = folder.path().join("new.csv");
    let header = "age,sex,bmi,bp,s1,s2,s3,s4,s5,s6,progression\n";
    let rows =
        "59,2,32.1,101,157,93.2,38,4,4.8598,87,151\n48,1,21.6,87,183,103.2,70,3,3.8918,69,75\n";
    std::fs::write(&new, [header, rows].concat()).unwrap();
    let new = format!("csv:{}", new.to_str().unwrap());
    let of_new = ["evaluate", &run, "--json", "--data", &new];
    let problem = refused(2, &of_new);
    assert!(problem.contains("take `--part all`"), "{problem}");
    let all = lines(&said(&[&of_new[..], &["--part", "all"]].concat())).remove(0);
    assert_eq!(all["examples"], 2);
    // Without its run a regression does not know its units.
    let weights = folder.path().join("weights.safetensors");
    let weights = weights.to_str().unwrap();
    said(&["export", &run, "--out", weights]);
    let by_name = ["predict", "--model", "mlp-regression", "--weights", weights];
    let by_name = output(&[&by_name[..], &[input.to_str().unwrap()]].concat());
    let note = String::from_utf8(by_name.stderr).unwrap();
    assert!(
        by_name.status.success() && note.contains("weights say no scale"),
        "{note}"
    );
    let scarce = said(&["calibrate", &run, "--alpha", "0.001"]);
    assert!(
        scarce.contains("too few: for this coverage it takes 999 examples"),
        "{scarce}"
    );
    let table = said(&["predict", &run, input.to_str().unwrap(), "--as", "csv"]);
    assert!(
        table.starts_with("row,mean,aleatoric,epistemic,low,high\n0,"),
        "{table}"
    );
}

#[test]
fn a_series_is_forecast() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(&folder);
    let args = [
        "train", "--model", "lstm", "--data", "sunspots", "--out", &run,
    ];
    said(&[&args[..], &["--epochs", "1", "--samples", "2"]].concat());
    let found = lines(&said(&["evaluate", &run, "--json"])).remove(0);
    assert_eq!(found["examples"], 57);
    assert!(found["rmse"].as_f64().unwrap() < 200.0, "{found}");
    // Series in a row are series of one number.
    let answers = |name: &str, shape: Vec<usize>| {
        let numbers = (0..48).map(|i| i as f32).collect();
        let file = folder.path().join(name);
        let array = npy::Array::new(shape, npy::Values::F32(numbers)).unwrap();
        std::fs::write(&file, array.to_bytes()).unwrap();
        output(&["predict", &run, file.to_str().unwrap()])
    };
    let [flat, column] = [vec![2, 24], vec![2, 24, 1]].map(|shape| answers("a.npy", shape));
    assert!(flat.status.success() && !flat.stdout.is_empty());
    assert_eq!(flat.stdout, column.stdout);
    let other = answers("b.npy", vec![2, 12, 2]);
    let problem = String::from_utf8(other.stderr).unwrap();
    assert!(
        problem.contains("expected examples of 24×1, as the model learnt from, found 12×2"),
        "{problem}"
    );
}

#[test]
fn a_table_of_classes_names_its_target() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("digits.csv");
    let digits = Digits::embedded().unwrap().test;
    let mut text = "class".to_owned();
    (0..64).for_each(|i| text += &format!(",p{i}"));
    for (image, label) in digits.images.chunks_exact(64).zip(&digits.labels) {
        text += &format!("\n{label}");
        image.iter().for_each(|x| text += &format!(",{x}"));
    }
    std::fs::write(&file, text).unwrap();
    let data = format!("csv:{}", file.to_str().unwrap());
    let run = run(&folder);
    said(
        &[
            &["train", "--data", &data, "--target", "class", "--out", &run][..],
            &QUICK,
        ]
        .concat(),
    );
    assert!(said(&["evaluate", &run]).contains("72"), "a fifth of 360");
    let out = folder.path().join("other");
    let args = [
        "train",
        "--model",
        "mlp-digits",
        "--data",
        &data,
        "--target",
        "klass",
    ];
    let said = refused(1, &[&args[..], &["--out", out.to_str().unwrap()]].concat());
    assert!(said.contains("expected a column `klass`"), "{said}");
}

#[test]
fn damaged_sets_name_the_file_and_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    let out = folder.path().join("out");
    let refused = |data: String| {
        let args = ["train", "--data", &data, "--out", out.to_str().unwrap()];
        refused(1, &[&args[..], &["--model", "mlp-digits"]].concat())
    };
    let missing = refused(format!("mnist:{place}"));
    assert!(
        missing.contains("train-images-idx3-ubyte") && missing.contains("check the path"),
        "{missing}"
    );

    let images = idx::Images {
        count: 1,
        height: 8,
        width: 8,
        pixels: vec![0; 64],
    };
    for name in ["train", "t10k"] {
        let file = folder.path().join(format!("{name}-images-idx3-ubyte"));
        idx::write_images(File::create(file).unwrap(), &images).unwrap();
        let file = folder.path().join(format!("{name}-labels-idx1-ubyte"));
        idx::write_labels(File::create(file).unwrap(), &[12]).unwrap();
    }
    let said = refused(format!("mnist:{place}"));
    assert!(
        said.contains("train-labels-idx1-ubyte`: byte 8: "),
        "{said}"
    );
    std::fs::write(folder.path().join("data_batch_1.bin"), [0; 100]).unwrap();
    let said = refused(format!("cifar10:{place}"));
    assert!(said.contains("data_batch_1.bin`: byte 0: "), "{said}");
    let table = folder.path().join("x.csv");
    std::fs::write(&table, "a,b\n1,2\n3,?\n").unwrap();
    let said = refused(format!("csv:{}", table.to_str().unwrap()));
    assert!(
        said.contains("x.csv`: line 3, byte 10: expected a number for `b`, found `?`"),
        "{said}"
    );
}
