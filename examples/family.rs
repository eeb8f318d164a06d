//! Which width and which estimator? One definition is a family of nets; those that are named learn handwritten digits
//! and stand side by side.
//!
//! ```text
//! cargo run --release --example family
//! ```

use anyhow::Result;
use bayes_core::members::Table;
use bayes_core::prelude::*;
use bayes_models::data::Digits;
use bayes_models::evaluate::{Evaluation, Sampling, evaluate};
use bayes_models::train::{Schedule, Training, train_plain, train_twin};
use clap::Parser;
use indicatif::ProgressBar;

/// A convolution with `WIDTH` channels, one over all that is left of the image, and a linear layer.
#[bayesian(
    input = (1, 8, 8),
    prior = Gaussian(0.0, 0.2),
    moped = 1.0,
    members(
        Conv = <[4, 16]>(estimator = [Reparameterization, Flipout]),
        Conv4Heavy = <4>(prior = Laplace(0.0, 0.1)),
        Conv4Sure = <4>(moped = 0.1),
    )
)]
pub struct Family<const WIDTH: usize> {
    conv1: (Conv2D<1, WIDTH, 3, 1, 1>, Bias2D<WIDTH>),
    act1: ReLU,
    pool: MaxPool2D<2, 2>,
    conv2: (Conv2D<WIDTH, 64, 4>, Bias2D<64>),
    act2: ReLU,
    flatten: Flatten,
    fc: Linear<64, 10>,
}

/// Trains members of a family of nets, and their Bayesian twins, on 8×8 digits, and compares them.
///
/// Each plain net is trained by maximum likelihood and its twin around it by the ELBO at beta 0.1, as in the example
/// `digits`, for fewer epochs.
#[derive(Parser)]
#[command(after_help = "\
Columns: trained numbers of the twin; accuracy, NLL in nats and ECE of 15 bins on test digits;
time for one image, all draws included. The same seed gives the same metrics.

Examples:
  family                              three members
  family --list                       all members, with their sizes
  family --members Conv4Sure,Conv16Flipout")]
struct Args {
    /// Members by name, with commas between them
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        default_value = "Conv4Reparameterization,Conv4Flipout,Conv16Flipout"
    )]
    members: Vec<FamilyMember>,
    /// Print what is known of all members before anything is built
    #[arg(long)]
    list: bool,
    /// Decides the initial weights, the order of the images and every draw
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Passes over the training images, for each net
    #[arg(long, value_name = "N", default_value_t = 10)]
    epochs: usize,
    /// Draws of the weights in a prediction
    #[arg(long, value_name = "N", default_value_t = 32)]
    samples: usize,
}

fn main() -> Result<()> {
    let args = Args::parse();
    if args.list {
        println!("{}", Table::of(FamilyMember::ALL));
        return Ok(());
    }
    let digits = Digits::embedded()?;
    let bar = ProgressBar::new((2 * args.epochs * args.members.len()) as u64);
    let mut rows = Vec::new();
    for &member in &args.members {
        rows.push((member, train(member, &digits, &args, &bar)?));
    }
    bar.finish_and_clear();

    println!("member                   parameters  accuracy      NLL      ECE  ms/image");
    for (
        member,
        Evaluation {
            report,
            images_per_second,
            ..
        },
    ) in rows
    {
        println!(
            "{member:<24} {:>10}    {:.4}   {:.4}   {:.4}  {:>8.3}",
            member.bayes_parameters(),
            report.accuracy,
            report.nll,
            report.ece,
            1e3 / images_per_second
        );
    }
    Ok(())
}

/// Trains the member and its twin, which then predicts the test digits. The code in the macro stands for each member.
fn train(
    member: FamilyMember,
    digits: &Digits,
    args: &Args,
    bar: &ProgressBar,
) -> Result<Evaluation> {
    let device = Cpu::seed_from_u64(args.seed);
    let plain = Training {
        epochs: args.epochs,
        seed: args.seed,
        ..Training::default()
    };
    let bayesian = Training {
        learning_rate: 1e-2,
        schedule: Schedule::Cosine,
        ..plain
    };
    let sampling = Sampling {
        samples: args.samples,
        seed: !args.seed,
    };
    with_family!(member, |Net, BayesNet| {
        let mut net = device.build_module::<Net, f32>();
        train_plain(&mut net, &digits.train, &plain, |_| bar.inc(1))?;
        let mut twin = BayesNet::from_pretrained(&net)?;
        train_twin(&mut twin, &digits.train, &bayesian, 0.1, |_| bar.inc(1))?;
        Ok(evaluate(&twin, digits, sampling)?)
    })
}
