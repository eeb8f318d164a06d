//! `bayes train`: from settings to a trained model in a folder.

use super::super::network::Network;
use super::super::run_folder::{Meaning, RunFolder};
use super::super::sets::Parts;
use super::super::settings::{self, Flags, Settings};
use super::super::telling::Console;
use super::super::training::{Ended, Progress, Run, Task, restore};
use super::super::{Failure, find, prediction, stop};
use crate::data::{Scaling, Set, Targets, Values};
use crate::models::{Architecture, Drawing, Examples, Optimizer};
use bayes_core::device::DeviceName;
use clap::Args;
use std::path::PathBuf;

/// The arguments of `bayes train`.
#[derive(Debug, Args)]
pub struct Train {
    /// TOML file with settings, named as the flags are; flags win
    #[arg(long, short, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder for the run
    #[arg(
        long,
        short,
        value_name = "DIR",
        default_value = "runs/model",
        conflicts_with = "resume"
    )]
    pub out: PathBuf,
    /// Continue the run in this folder, with the settings that it has
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    pub resume: Option<PathBuf>,
    /// The settings.
    #[command(flatten)]
    pub flags: Flags,
}

/// Trains, or continues to.
///
/// # Errors
/// Settings, data or a model that do not fit; a run that diverges; files that cannot be written; a user who asked for an end.
pub fn train(args: &Train, device: Option<DeviceName>) -> Result<(), Failure> {
    let (folder, settings) = match &args.resume {
        Some(_) if args.flags != Flags::default() => {
            return Err(Failure::usage(
                "expected `--resume` alone, found other settings; a run continues with those it was started with",
            ));
        }
        Some(path) => {
            let folder = RunFolder::new(path);
            let settings = folder.settings()?;
            (folder, settings)
        }
        None => (
            RunFolder::new(&args.out),
            Settings::gather(args.config.as_deref(), &args.flags)?,
        ),
    };
    let device = match (device, &args.config) {
        (Some(device), _) => device,
        (None, Some(file)) => settings::device(file)?.unwrap_or_default(),
        (None, None) => DeviceName::Cpu,
    };
    Failure::absent(device)?;
    let architecture = find(&settings.model)?;
    settings.optimizer()?;
    let mut parts = Parts::open(&settings, architecture)?;
    let meaning = match args.resume {
        Some(_) => folder.meaning()?,
        None => begin(&folder, args, &settings, architecture, &parts)?,
    };
    let _lock = folder.lock()?;
    if let Some(target) = &meaning.target {
        parts.train = on_scale(parts.train, target)?;
        parts.validation = parts
            .validation
            .map(|set| on_scale(set, target))
            .transpose()?;
    }
    let model = (architecture, device);
    let trained = all_members(&folder, &settings, model, &parts, &meaning);
    let nothing = !folder.files(&settings, 0).checkpoint.exists();
    if trained.is_err() && args.resume.is_none() && nothing {
        folder.forget();
    }
    trained
}

/// Starts the folder of a run, with what its numbers mean; says what of the command line changes nothing.
fn begin(
    folder: &RunFolder,
    args: &Train,
    settings: &Settings,
    architecture: Architecture,
    parts: &Parts,
) -> Result<Meaning, Failure> {
    let meaning = meaning(parts, settings)?;
    let image = match meaning.example[..] {
        [_, height, width] => Some(height.min(width)),
        _ => None,
    };
    if let Some(side) = image
        && settings.crop >= side
    {
        return Err(Failure::usage(format!(
            "expected `crop` below the {side} pixels of the images, found {}; 4 is usual for 32 pixels",
            settings.crop
        )));
    }
    if settings.drops() {
        must_drop(architecture, parts, settings)?;
    }
    folder.create(settings, &meaning)?;
    for note in args.flags.unheard(settings, image.is_some()) {
        tell!("{note}");
    }
    Ok(meaning)
}

/// What the numbers of the set mean to its model.
fn meaning(parts: &Parts, settings: &Settings) -> Result<Meaning, Failure> {
    let task = parts.task()?;
    let is_table = parts.train.shape().len() < 3;
    let inputs = match settings.normalize.unwrap_or(is_table) {
        true => Some(Scaling::of(&parts.train)?),
        false => None,
    };
    let target = match parts.train.targets() {
        Targets::Numbers(numbers) => {
            let column = Set::new(vec![1], Values::Floats(numbers.clone()), Targets::None)?;
            Some(Scaling::of(&column)?)
        }
        _ => None,
    };
    Ok(Meaning {
        task,
        example: parts.train.shape().to_vec(),
        columns: parts.columns.clone(),
        inputs,
        target,
        classes: parts.classes.clone(),
    })
}

/// The set with its targets on the scale of training.
fn on_scale(set: Set, scale: &Scaling) -> Result<Set, Failure> {
    let Targets::Numbers(numbers) = set.targets() else {
        return Ok(set);
    };
    let mut numbers = numbers.clone();
    scale.apply(&mut numbers, &[1]);
    Ok(set.with_targets(Targets::Numbers(numbers))?)
}

/// Refuses a model whose draws are all the same.
fn must_drop(
    architecture: Architecture,
    parts: &Parts,
    settings: &Settings,
) -> Result<(), Failure> {
    let how = Drawing {
        samples: 8,
        seed: 0,
        mc_dropout: true,
        ..Drawing::default()
    };
    let some = parts.train.len().min(4);
    let values = prediction::scaled(&parts.train, None, 0, some)?;
    let model = architecture.plain(settings.seed)?;
    let draws = model.draws(Examples::new(some, &values)?, &how)?;
    if (1..draws.samples).any(|sample| draws.member(sample) != draws.member(0)) {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "expected a model with dropout for `--method mc-dropout`, found `{architecture}`, all of whose draws are the same; \
         choose another model, such as `digits-dropout` or `scnn`, or another method"
    )))
}

/// Trains what is left of each member.
fn all_members(
    folder: &RunFolder,
    settings: &Settings,
    model: (Architecture, DeviceName),
    parts: &Parts,
    meaning: &Meaning,
) -> Result<(), Failure> {
    let run = Run {
        settings,
        task: meaning.task,
        train: &parts.train,
        validation: parts.validation.as_ref(),
        scaling: meaning.inputs.as_ref(),
    };
    let members = settings.trained_members();
    let (mut network, mut optimizer, mut progress) = start(folder, &run, model)?;
    if progress.done && progress.member + 1 == members {
        tell!(
            "the run has ended, after epoch {}: nothing is left to do; to train for longer, start another run",
            progress.epoch
        );
        return told(folder, meaning.task);
    }
    if settings.epochs == 0 {
        tell!("note: no epochs: the model is its start");
    }
    folder.cut_metrics(|line| {
        let at = |key: &str| line[key].as_u64().unwrap_or(u64::MAX);
        let reached = (progress.member as u64, progress.epoch as u64);
        (at("member"), at("epoch")) <= reached
    })?;
    let mut console = Console::new(folder, settings, &progress, stop::asked()?)?;
    loop {
        let files = folder.files(settings, progress.member);
        let ended = run.train(
            &mut network,
            &mut optimizer,
            &mut progress,
            &files,
            &mut console,
        )?;
        console.ended(ended, &progress);
        if ended == Ended::Interrupted {
            return Err(Failure::Interrupted(format!(
                "saved; continue with `bayes train --resume {}`",
                folder.path().display()
            )));
        }
        if progress.member + 1 == members {
            return told(folder, meaning.task);
        }
        progress = Progress::start(progress.member + 1);
        let (architecture, device) = model;
        network = Network::start(settings, architecture, device, run.seed(progress.member))?;
        optimizer = settings.optimizer()?;
    }
}

/// The network, optimiser and place from which the run goes on: those of the checkpoint, if there is one.
fn start(
    folder: &RunFolder,
    run: &Run<'_>,
    (architecture, device): (Architecture, DeviceName),
) -> Result<(Network, Optimizer, Progress), Failure> {
    let settings = run.settings;
    let mut optimizer = settings.optimizer()?;
    let checkpoint = folder.files(settings, 0).checkpoint;
    if !checkpoint.exists() {
        let network = Network::start(settings, architecture, device, settings.seed)?;
        return Ok((network, optimizer, Progress::start(0)));
    }
    let mut network = Network::empty(settings.method, architecture, device)?;
    let progress = restore(&mut network, &mut optimizer, &checkpoint)?;
    Ok((network, optimizer, progress))
}

/// Says where the model is and what to do with it.
fn told(folder: &RunFolder, task: Task) -> Result<(), Failure> {
    let run = folder.path().display();
    let what = match task {
        Task::Classification => "sets",
        Task::Regression => "intervals",
    };
    tell!(
        "the model is in {run}; next: `bayes evaluate {run}`, `bayes calibrate {run}` for {what}"
    );
    Ok(())
}
