//! The program `bayes`; [`run`] is all of it.

/// Says something on stderr; that nobody listens is no reason to end.
macro_rules! tell {
    ($($sentence:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($sentence)*);
    }};
}

mod commands;
mod committee;
mod devices;
mod event_file;
mod failure;
mod inputs;
mod network;
mod prediction;
mod run_folder;
mod sets;
mod settings;
mod stop;
mod telling;
mod training;

use failure::Failure;

use crate::models::{Architecture, UnknownArchitecture};
use bayes_core::device::DeviceName;
use clap::builder::Styles;
use clap::builder::styling::{AnsiColor, Color, Style};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use std::io::Write;
use std::process::ExitCode;

const STYLES: Styles = Styles::styled()
    .header(
        Style::new()
            .bold()
            .fg_color(Some(Color::Ansi(AnsiColor::Green))),
    )
    .usage(
        Style::new()
            .bold()
            .fg_color(Some(Color::Ansi(AnsiColor::Green))),
    )
    .literal(
        Style::new()
            .bold()
            .fg_color(Some(Color::Ansi(AnsiColor::Cyan))),
    )
    .placeholder(Style::new().fg_color(Some(Color::Ansi(AnsiColor::Cyan))));

/// Trains models that know what they do not know, and asks them.
///
/// A run is a folder: `bayes train` makes it, and the other commands take it.
#[derive(Parser)]
#[command(name = "bayes", version, styles = STYLES, arg_required_else_help = true)]
#[command(after_help = "\
Examples:
  bayes train --model digits --data digits --out runs/digits
  bayes train --method ensemble --members 5 --epochs 20 --out runs/five
  bayes train --resume runs/digits
  bayes calibrate runs/digits --alpha 0.1
  bayes evaluate runs/digits
  bayes quantize runs/digits && bayes evaluate runs/digits --int8
  bayes predict runs/digits images.npy > answers.jsonl
  bayes train --device cuda --out runs/gpu

Exit codes: 0 fine, 1 failure, 2 wrong usage, 130 a training that was asked to end, and is saved.")]
struct Program {
    /// Where the model of `train`, `evaluate`, `predict`, `calibrate` or `quantize` runs: `cpu`, `cuda` or `cuda:N`
    /// [default: cpu]
    #[arg(long, value_name = "DEVICE", global = true)]
    device: Option<DeviceName>,
    /// List the devices that are there, and say what keeps others away
    #[arg(long, exclusive = true)]
    list_devices: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Train a model, or continue to
    #[command(args_override_self = true)]
    #[command(
        allow_negative_numbers = true,
        after_help = "\
Examples:
  bayes train --out runs/digits                           the digits, by variational inference
  bayes train --config run.toml --epochs 50 --out runs/b  settings of a file; flags win
  bayes train --method deterministic --out runs/plain
  bayes export runs/plain --format plain --out plain.safetensors
  bayes train --moped plain.safetensors --out runs/moped  around trained weights
  bayes train --resume runs/digits                        where it was left, to the bit

What tests: files of their own of digits, mnist, cifar and of images with train/CLASS/ and test/CLASS/; the last fifth of a
table. Of the rest the last `--validation` tells when to stop, and is what `bayes calibrate` fits to.

Ctrl-C saves and ends; a killed process loses at most the running epoch. In the folder are
config.toml (the settings in effect), metrics.jsonl, checkpoint.safetensors and the model."
    )]
    Train(Box<commands::Train>),
    /// Metrics of a trained model on a part of the data
    #[command(
        allow_negative_numbers = true,
        after_help = "\
Examples:
  bayes evaluate runs/digits
  bayes evaluate runs/digits --part validation --json
  bayes evaluate runs/digits --report report.html          a page with plots
  bayes evaluate runs/digits --int8 --samples 64
  bayes evaluate runs/table --data csv:more.csv --part all  a table that is new as a whole

AUROC OOD, where the set has examples out of distribution: how often such a one has a larger predictive entropy than a test
example; 1 is best, 0.5 chance. Coverage and size are of the sets or intervals that `bayes calibrate` fitted."
    )]
    Evaluate(commands::Evaluate),
    /// Predictions with their uncertainty, as JSON lines, CSV or npy
    #[command(
        allow_negative_numbers = true,
        after_help = "\
Examples:
  bayes predict runs/digits images.npy > answers.jsonl
  bayes predict runs/digits t10k-images-idx3-ubyte.gz --as csv --out answers.csv
  bayes predict runs/digits images.npy --logits --as npy --out logits.npy   samples × rows × outputs
  bayes predict runs/digits images.npy --mean --as npy --out mean.npy       nothing drawn, rows × outputs
  bayes predict --model lenet5 --weights lenet5.safetensors --input x.npy --logits --mean
  bayes predict --model digits --weights digits.int8 --input images.npy

An npy file holds float32 numbers, one example after the other, images as channels × height × width of 0 to 1. A run that was
trained with a scale applies it, and answers in the units of its target."
    )]
    Predict(commands::Predict),
    /// Fit a temperature, and conformal sets or intervals
    #[command(
        allow_negative_numbers = true,
        after_help = "\
Examples:
  bayes calibrate runs/digits
  bayes calibrate runs/digits --alpha 0.05 --adaptive"
    )]
    Calibrate(commands::Calibrate),
    /// Make the model of 8-bit integers
    #[command(
        allow_negative_numbers = true,
        after_help = "\
Examples:
  bayes quantize runs/digits
  bayes quantize runs/digits --estimator reparameterization   one product in place of Flipout's two
  bayes quantize runs/digits --examples 512 --out digits.int8   a file for `bayes predict --model digits --weights`"
    )]
    Quantize(commands::Quantize),
    /// Write the model for other programs
    #[command(
        allow_negative_numbers = true,
        after_help = "\
Examples:
  bayes export runs/digits --out model.safetensors
  bayes export runs/digits --format torch --out state_dict.safetensors        a twin's means
  bayes export runs/digits --format bayesian-torch --out twin.safetensors     its posterior
  bayes export --model lenet5 --weights lenet5.safetensors --format torch --out again.safetensors"
    )]
    Export(commands::Export),
    /// Look into a model: its settings, posteriors and KL
    #[command(
        allow_negative_numbers = true,
        after_help = "\
Examples:
  bayes inspect runs/digits
  bayes inspect runs/digits --int8"
    )]
    Inspect(commands::Inspect),
    /// List the models
    Models,
    /// Print completions for a shell
    #[command(
        allow_negative_numbers = true,
        after_help = "\
Examples:
  bayes completions bash > ~/.local/share/bash-completion/completions/bayes"
    )]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
}

/// Reads the command line, does what it says, and gives the exit code.
pub fn run() -> ExitCode {
    let program = match Program::try_parse() {
        Ok(program) => program,
        Err(error) => error.exit(),
    };
    let said = program.run().and_then(|text| print(&text));
    match said {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let (sentence, code) = match failure {
                Failure::Usage(sentence) => (sentence, 2),
                Failure::Failed(sentence) => (sentence, 1),
                Failure::Interrupted(sentence) => {
                    tell!("{sentence}");
                    return ExitCode::from(130);
                }
            };
            let error = clap::Error::raw(ErrorKind::Io, sentence + "\n");
            // A stderr that is gone hears nothing.
            let _ = error.print();
            ExitCode::from(code)
        }
    }
}

impl Program {
    /// Does what is asked, and gives what is to be printed.
    fn run(&self) -> Result<String, Failure> {
        let Some(command) = &self.command else {
            if self.list_devices {
                return Ok(devices::list());
            }
            // A device alone: clap's own words for what is missing.
            Self::command().subcommand_required(true).get_matches();
            return Ok(String::new());
        };
        if self.list_devices {
            return Err(Failure::usage(
                "expected `--list-devices` alone, found a command; leave one of them out",
            ));
        }
        let on = || {
            let device = self.device.unwrap_or_default();
            Failure::absent(device).map(|()| device)
        };
        if self.device.is_some() && !command.runs_a_model() {
            return Err(Failure::usage(
                "expected `--device` with `train`, `evaluate`, `predict`, `calibrate` or `quantize`, found another command; \
                 leave it out",
            ));
        }
        match command {
            Command::Train(args) => commands::train(args, self.device).map(|()| String::new()),
            Command::Evaluate(args) => commands::evaluate(args, on()?),
            Command::Predict(args) => commands::predict(args, on()?),
            Command::Calibrate(args) => commands::calibrate(args, on()?),
            Command::Quantize(args) => commands::quantize(args, on()?),
            Command::Export(args) => commands::export(args),
            Command::Inspect(args) => commands::inspect(args),
            Command::Models => Ok(commands::models()),
            Command::Completions { shell } => Ok(completions(*shell)),
        }
    }
}

impl Command {
    /// Whether it matters to this where the model is.
    fn runs_a_model(&self) -> bool {
        match self {
            Self::Train(_)
            | Self::Evaluate(_)
            | Self::Predict(_)
            | Self::Calibrate(_)
            | Self::Quantize(_) => true,
            Self::Export(_) | Self::Inspect(_) | Self::Models | Self::Completions { .. } => false,
        }
    }
}

/// The model of this name.
fn find(name: &str) -> Result<Architecture, Failure> {
    name.parse()
        .map_err(|error: UnknownArchitecture| Failure::usage(error.to_string()))
}

fn completions(shell: Shell) -> String {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Program::command(), "bayes", &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// Prints what a command says. A reader that has had enough, such as `head`, is no failure.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::Failed(
            format!("expected to write the output, found: {error}; check the free space"),
        )),
        _ => Ok(()),
    }
}
