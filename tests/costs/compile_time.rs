//! How long the compiler takes for a model of 10, 50 and 100 layers: as dfdx's tuples, and as an annotated struct.
//!
//! `cargo bench -p tests --bench compile_time`. Writes a package to `target/compile_time`, builds what it depends on, then
//! compiles the package itself by turns, so that a busy machine slows all alike; prints medians.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Compilations of each.
const ROUNDS: usize = 7;
const LAYERS: [usize; 3] = [10, 50, 100];

/// How a model is written, and what is done with it.
#[derive(Clone, Copy)]
enum Form {
    /// Nested tuples of six, in a training step of dfdx's.
    Tuples,
    /// An annotated struct in the same training step: its twins are there, and not used.
    Annotated,
    /// And its twins trained, predicted with and quantized.
    Used,
}

const FORMS: [(Form, &str); 3] = [
    (Form::Tuples, "tuples"),
    (Form::Annotated, "annotated"),
    (Form::Used, "twins used"),
];

/// A training step and a prediction as dfdx does them.
const PLAIN: &str = "
pub fn train(dev: &Cpu, x: Tensor<Rank2<8, 16>, f32, Cpu>) -> f32 {
    let mut net = dev.build_module::<Net, f32>();
    let grads = net.alloc_grads();
    let y: Tensor<Rank2<8, 16>, f32, Cpu, _> = net.forward_mut(x.clone().trace(grads));
    let grads = y.square().mean::<Rank0, _>().backward();
    let mut sgd = Sgd::new(&net, SgdConfig::default());
    sgd.update(&mut net, &grads).unwrap();
    let y: Tensor<Rank2<8, 16>, f32, Cpu> = net.forward(x);
    y.square().mean::<Rank0, _>().array()
}
";

const TWINS: &str = "
pub fn twins(dev: &Cpu, x: Tensor<Rank2<8, 16>, f32, Cpu>) -> Result<f32, Error> {
    let net = dev.build_module::<Net, f32>();
    let mut bayes = BayesNet::from_pretrained(&net)?;
    let grads = bayes.alloc_grads();
    let nll = bayes.train(Key::new(0, 0)).forward(x.clone().trace(grads)).square().mean();
    let grads = elbo_loss(nll, bayes.kl(), 8, 1.0)?.backward();
    let mut sgd = Sgd::new(&bayes, SgdConfig::default());
    sgd.update(&mut bayes, &grads).unwrap();
    let seen = bayes.predict(x.clone(), 4, 7).classify()?;
    let quant: QuantNet = bayes.quantize([x.clone()])?;
    Ok(seen.probabilities[0] as f32 + quant.predict(x, 4, 7).classify()?.probabilities[0] as f32)
}
";

/// Every second layer is an activation.
fn layer(i: usize) -> &'static str {
    if i.is_multiple_of(2) {
        "Linear<16, 16>"
    } else {
        "ReLU"
    }
}

fn source(form: Form, layers: usize) -> String {
    let mut text = "use bayes_core::dfdx::optim::{Optimizer, Sgd, SgdConfig};\n\
                    use bayes_core::prelude::*;\n\n"
        .to_owned();
    // Writing to a string cannot fail.
    match form {
        Form::Tuples => {
            let mut parts: Vec<String> = (0..layers).map(|i| layer(i).to_owned()).collect();
            while parts.len() > 1 {
                parts = parts
                    .chunks(6)
                    .map(|six| format!("({},)", six.join(", ")))
                    .collect();
            }
            let _ = writeln!(text, "pub type Net = {};", parts.concat());
        }
        Form::Annotated | Form::Used => {
            text.push_str("#[bayesian(input = (16))]\npub struct Net {\n");
            for i in 0..layers {
                let _ = writeln!(text, "    pub layer{i}: {},", layer(i));
            }
            text.push_str("}\n");
        }
    }
    text.push_str(PLAIN);
    if matches!(form, Form::Used) {
        text.push_str(TWINS);
    }
    text
}

fn package() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let package = root.join("target/compile_time");
    std::fs::create_dir_all(package.join("src")).expect("a folder");
    let core = root.join("bayes-core").canonicalize().expect("bayes-core");
    let manifest = format!(
        "[package]\nname = \"model\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nbayes-core = {{ path = {core:?} }}\n"
    );
    std::fs::write(package.join("Cargo.toml"), manifest).expect("a manifest");
    std::fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")).expect("a lock file");
    package
}

/// Seconds that a command of cargo takes after the source has changed.
fn seconds(package: &Path, command: &str, source: &str) -> f64 {
    std::fs::write(package.join("src/lib.rs"), source).expect("a source");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let start = Instant::now();
    let output = Command::new(cargo)
        .args([command, "--quiet", "--offline"])
        .current_dir(package)
        .env("CARGO_TARGET_DIR", package.join("target"))
        .env("CARGO_INCREMENTAL", "0")
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    start.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let package = package();
    println!(
        "{:<8} {:>6} {:>12} {:>12} {:>12}",
        "", "layers", FORMS[0].1, FORMS[1].1, FORMS[2].1
    );
    for command in ["check", "build"] {
        // What the package depends on.
        seconds(&package, command, "// Nothing yet.");
        for layers in LAYERS {
            let mut taken = vec![Vec::new(); FORMS.len()];
            for round in 0..ROUNDS {
                for (taken, (form, _)) in taken.iter_mut().zip(FORMS) {
                    // A comment that changes makes it another source.
                    let source = format!("// {round}\n{}", source(form, layers));
                    taken.push(seconds(&package, command, &source));
                }
            }
            let medians: Vec<f64> = taken.into_iter().map(median).collect();
            println!(
                "{command:<8} {layers:>6} {:>10.2} s {:>10.2} s {:>10.2} s",
                medians[0], medians[1], medians[2]
            );
        }
    }
}
