//! How fast are training and prediction here, and next to another program? A perceptron (w1), LeNet-5 (w2), ResNet-20 (w3),
//! ResNet-20 in 8-bit integers (w5) and an LSTM (w6), as plain nets and as Bayesian twins.
//!
//! ```text
//! cargo run --release --example workloads --features workloads -- --workload w1 --estimator flipout --threads 1
//! cargo run --release --example workloads --features workloads -- --workload w1 --against './peer --workload w1 --json'
//! ```

mod against;
mod measure;
mod nets;

use anyhow::{Context, Result};
use bayes_core::device::DeviceName;
use bayes_core::estimator::EstimatorKind;
use clap::{Parser, ValueEnum};
use measure::Clock;

/// Times training steps and predictions of five nets, or compares the times with those of another program.
///
/// A line says workload, variant, threads, what was done, and seconds: the median, the least and the largest. A training
/// step is the forward pass on 128 examples, cross entropy with KL / 128, the backward pass and a step of Adam. `mc32_b128`
/// are 32 draws on 128 examples, and the mean of their probabilities.
#[derive(Parser)]
#[command(after_help = "Examples:
  workloads --workload w3 --estimator flipout --threads 2
  workloads --workload w1 --op train --json
  workloads --workload w1 --rounds 5 --against './peer/run.sh w1 --quick --json --threads 1'
  workloads --workload w1 --device cuda --against 'python3 examples/workloads/peer.py w1'")]
struct Args {
    /// The net: w1 perceptron 784-400-400-10, w2 LeNet-5, w3 ResNet-20, w5 ResNet-20 in int8, w6 LSTM 64 → 128
    #[arg(long, value_enum)]
    workload: Workload,
    /// One variant instead of all: the plain net, or how the twin's weights are drawn
    #[arg(long, value_enum)]
    estimator: Option<Variant>,
    /// Threads that share the work
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// `cpu`, `cuda` or `cuda:N`
    #[arg(long, default_value = "cpu")]
    device: DeviceName,
    /// Only operations whose name contains this
    #[arg(long)]
    op: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// Fewer repetitions
    #[arg(long)]
    quick: bool,
    /// Another command that prints such JSON lines: it and this program run by turns, and the ratios of their times are
    /// printed
    #[arg(long, value_name = "COMMAND")]
    against: Option<String>,
    /// Turns with the other command
    #[arg(long, default_value_t = 3, requires = "against")]
    rounds: usize,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Workload {
    W1,
    W2,
    W3,
    W5,
    W6,
}

/// The plain net, or its twin with an estimator.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Variant {
    Det,
    Reparam,
    Flipout,
    Local,
}

impl Workload {
    fn name(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }

    fn variants(self) -> &'static [Variant] {
        use Variant::{Det, Flipout, Local, Reparam};
        match self {
            Workload::W1 => &[Det, Reparam, Flipout, Local],
            Workload::W2 | Workload::W3 | Workload::W6 => &[Det, Reparam, Flipout],
            Workload::W5 => &[Reparam, Flipout],
        }
    }
}

impl Variant {
    fn name(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The estimator of the twin; none for the plain net.
    fn estimator(self) -> Option<EstimatorKind> {
        match self {
            Variant::Det => None,
            Variant::Reparam => Some(EstimatorKind::Reparameterization),
            Variant::Flipout => Some(EstimatorKind::Flipout),
            Variant::Local => Some(EstimatorKind::LocalReparameterization),
        }
    }
}

fn main() -> Result<()> {
    let args = Args::parse();
    if let Some(command) = &args.against {
        return against::compare(command, args.rounds);
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(args.threads)
        .build_global()
        .context("threads")?;
    let rss_before_model_mib = measure::status("VmRSS");
    for &variant in args.workload.variants() {
        if args.estimator.is_some_and(|only| only != variant) {
            continue;
        }
        let clock = Clock {
            workload: args.workload.name(),
            variant: variant.name(),
            threads: args.threads,
            op: args.op.clone(),
            json: args.json,
            quick: args.quick,
            rss_before_model_mib,
        };
        nets::run(args.workload, variant.estimator(), args.device, &clock)?;
    }
    Ok(())
}
