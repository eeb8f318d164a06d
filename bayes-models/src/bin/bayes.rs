//! The program `bayes`: see `bayes --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    bayes_models::program::run()
}
