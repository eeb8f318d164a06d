//! The program `bayes`, sub-command by sub-command, as a user runs it.

mod data;
#[cfg(feature = "deep")]
mod deep;
mod devices;
mod predictions;
mod refusals;
mod resumption;
mod runs;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use tempfile::TempDir;

/// The program, built as this test was: of the whole workspace, so that nothing is compiled again.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| crate::built(&["--bin", "bayes"], "bayes"))
}

fn bayes(args: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(args);
    command
}

fn output(args: &[&str]) -> Output {
    bayes(args).output().unwrap()
}

/// What a run that must have gone well says on stdout.
fn said(args: &[&str]) -> String {
    let output = output(args);
    let problem = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{args:?}: {problem}");
    String::from_utf8(output.stdout).unwrap()
}

/// What a run with this exit code says on stderr.
fn refused(code: i32, args: &[&str]) -> String {
    let output = output(args);
    let problem = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {problem}");
    assert!(output.stdout.is_empty(), "{args:?}");
    problem
}

/// The smallest model of digits, with settings under which an epoch is an instant.
const QUICK: [&str; 8] = [
    "--model",
    "mlp-digits",
    "--epochs",
    "2",
    "--samples",
    "4",
    "--learning-rate",
    "0.01",
];

/// Trains into a folder of its own.
fn trained(more: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let run = run.to_str().unwrap();
    said(&[&["train", "--out", run][..], &QUICK, more].concat());
    folder
}

fn run(folder: &TempDir) -> String {
    folder.path().join("run").to_str().unwrap().to_owned()
}

/// A twin of two epochs, for tests that only read it.
fn twin() -> &'static TempDir {
    static TWIN: OnceLock<TempDir> = OnceLock::new();
    TWIN.get_or_init(|| trained(&[]))
}

fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn metrics(run: &str) -> Vec<Value> {
    lines(&std::fs::read_to_string(Path::new(run).join("metrics.jsonl")).unwrap())
}
