//! `bayes predict`: what a model says of examples in files.

use super::super::Failure;
use super::super::inputs::{Format, inputs};
use super::super::prediction::Said;
use super::super::run_folder::spare;
use super::super::training::Task;
use super::calibrate::tempered;
use super::evaluate::units;
use super::trained::{Source, Trained};
use crate::data::Set;
use crate::npy::{Array, Values};
use bayes_core::device::DeviceName;
use bayes_core::metrics::Interval;
use bayes_core::prelude::Draws;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// The arguments of `bayes predict`.
#[derive(Debug, Args)]
pub struct Predict {
    /// The model.
    #[command(flatten)]
    pub source: Source,
    /// The examples: an npy, IDX (also .gz) or CSV file, an image, or a folder of images
    #[arg(value_name = "INPUT", required_unless_present_any = ["input_file", "model"])]
    pub input: Option<PathBuf>,
    /// The same, where `--model` stands instead of a run
    #[arg(
        long = "input",
        value_name = "INPUT",
        id = "input_file",
        conflicts_with = "input"
    )]
    pub input_file: Option<PathBuf>,
    /// What the input is [default: by its name]
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// What is written [default: jsonl]
    #[arg(long = "as", value_enum, default_value = "jsonl")]
    pub written: Written,
    /// File for the answers, instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write the outputs of every draw as they are: samples × rows × outputs
    #[arg(long)]
    pub logits: bool,
    /// Write the outputs of the posterior's mean, nothing drawn, as they are: rows × outputs
    #[arg(long)]
    pub mean: bool,
    /// Leave out what `bayes calibrate` fitted
    #[arg(long)]
    pub raw: bool,
}

/// The form of the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Written {
    /// A JSON object for each example
    Jsonl,
    /// A table with a header
    Csv,
    /// A NumPy array; of `--logits` and `--mean` alone
    Npy,
}

/// One answer of a classifier.
#[derive(Serialize)]
struct ClassAnswer<'a> {
    row: usize,
    class: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    probabilities: &'a [f64],
    predictive_entropy: f64,
    expected_entropy: f64,
    mutual_information: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    set: Option<Vec<usize>>,
}

/// One answer of a regression, in the units of its target.
#[derive(Serialize)]
struct NumberAnswer {
    row: usize,
    mean: f64,
    aleatoric: f64,
    epistemic: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    low: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    high: Option<f64>,
}

/// Outputs as they are.
#[derive(Serialize)]
struct RawAnswer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    sample: Option<usize>,
    row: usize,
    outputs: &'a [f32],
}

/// Predicts, and writes to stdout or a file.
///
/// # Errors
/// Inputs that are damaged or do not fit the model; an output that cannot be written.
pub fn predict(args: &Predict, device: DeviceName) -> Result<String, Failure> {
    let raw = args.logits || args.mean;
    if args.written == Written::Npy && !raw {
        return Err(Failure::usage(
            "expected `--logits` or `--mean` with `--as npy`, found neither; answers with names are JSON lines or CSV",
        ));
    }
    if args.written == Written::Csv && raw {
        return Err(Failure::usage(
            "expected `--as jsonl` or `--as npy` with raw outputs, found `csv`; choose one of them",
        ));
    }
    let mut source = args.source.clone();
    let mut input = args.input.clone().or(args.input_file.clone());
    if source.which.model.is_some() && input.is_none() {
        // Where a run would stand there is the input.
        input = source.which.run.take();
    }
    let input = &input.ok_or_else(|| {
        Failure::usage("expected an input, found none; name a file or folder of examples")
    })?;
    let mut trained = source.open(device)?;
    if args.raw {
        trained.calibration = Default::default();
    }
    let columns = trained.meaning.columns.as_deref();
    let set = inputs(input, args.format, trained.architecture, columns)?;
    let set = trained.fitting(set, &input.display().to_string())?;
    if let Some(out) = &args.out {
        trained.spare(out)?;
        spare(out, input)?;
    }
    let mut out = Out::open(args.out.as_ref())?;
    if args.written == Written::Npy {
        let mut all: Vec<Draws<f32>> = Vec::new();
        each(&trained, &set, args.mean, |_, draws| {
            all.push(draws);
            Ok(())
        })?;
        let (shape, values) = joined(&all, args.mean);
        let array = Array::new(shape, Values::F32(values))
            .map_err(|error| Failure::Failed(error.to_string()))?;
        let written = out.writer.write_all(&array.to_bytes());
        out.checked(written)?;
        return out.close();
    }
    if args.written == Written::Csv {
        let header = header(&trained);
        out.line(&header)?;
    }
    each(&trained, &set, args.mean, |first, draws| {
        if raw {
            return write_raw(&mut out, first, &draws, !args.mean);
        }
        write_said(
            &mut out,
            first,
            &Said::of(&draws, trained.meaning.task)?,
            &trained,
            args.written,
        )
    })?;
    out.close()
}

/// Calls `reduce` with the draws of each chunk, or with the one output that the posterior's mean gives.
fn each(
    trained: &Trained,
    set: &Set,
    mean: bool,
    reduce: impl FnMut(usize, Draws<f32>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    match mean {
        true => trained.committee().for_each_mean(set, reduce),
        false => trained.committee().for_each_chunk(set, reduce),
    }
}

/// Chunks of rows put together for each draw.
fn joined(chunks: &[Draws<f32>], mean: bool) -> (Vec<usize>, Vec<f32>) {
    let (samples, outputs) = chunks
        .first()
        .map_or((0, 0), |chunk| (chunk.samples, chunk.outputs));
    let rows = chunks.iter().map(|chunk| chunk.rows).sum();
    let values = (0..samples)
        .flat_map(|sample| chunks.iter().flat_map(move |chunk| chunk.member(sample)))
        .copied()
        .collect();
    let shape = match mean {
        true => vec![rows, outputs],
        false => vec![samples, rows, outputs],
    };
    (shape, values)
}

fn write_raw(out: &mut Out, first: usize, draws: &Draws<f32>, every: bool) -> Result<(), Failure> {
    for sample in 0..draws.samples {
        for (row, outputs) in draws.member(sample).chunks_exact(draws.outputs).enumerate() {
            out.json(&RawAnswer {
                sample: every.then_some(sample),
                row: first + row,
                outputs,
            })?;
        }
    }
    Ok(())
}

fn write_said(
    out: &mut Out,
    first: usize,
    said: &Said,
    trained: &Trained,
    written: Written,
) -> Result<(), Failure> {
    match said {
        Said::Classes {
            probabilities,
            predictive_entropy,
            expected_entropy,
            mutual_information,
        } => {
            let classes = trained.architecture.outputs();
            let probabilities = tempered(probabilities, classes, trained.calibration.temperature)?;
            let sets = match &trained.calibration.sets {
                Some(fitted) => Some(fitted.sets_from(first, &probabilities)?),
                None => None,
            };
            let names = trained.meaning.classes.as_ref();
            for (i, row) in probabilities.chunks_exact(classes).enumerate() {
                let class =
                    (1..classes).fold(0, |best, c| if row[c] > row[best] { c } else { best });
                let answer = ClassAnswer {
                    row: first + i,
                    class,
                    name: names.and_then(|names| names.get(class)).map(String::as_str),
                    probabilities: row,
                    predictive_entropy: predictive_entropy[i],
                    expected_entropy: expected_entropy[i],
                    mutual_information: mutual_information[i],
                    set: sets.as_ref().map(|sets| sets[i].clone()),
                };
                match written {
                    Written::Csv => out.line(&class_cells(&answer))?,
                    _ => out.json(&answer)?,
                }
            }
        }
        Said::Numbers {
            mean,
            aleatoric,
            epistemic,
        } => {
            let (shift, scale) = units(&trained.meaning);
            let variance = |v: f64| v * scale * scale;
            let intervals = intervals(said, trained)?;
            for (i, mean) in mean.iter().enumerate() {
                let interval = intervals.as_ref().map(|intervals| intervals[i]);
                let answer = NumberAnswer {
                    row: first + i,
                    mean: mean * scale + shift,
                    aleatoric: variance(aleatoric[i]),
                    epistemic: variance(epistemic[i]),
                    low: interval.map(|interval| interval.low),
                    high: interval.map(|interval| interval.high),
                };
                match written {
                    Written::Csv => out.line(&number_cells(&answer))?,
                    _ => out.json(&answer)?,
                }
            }
        }
    }
    Ok(())
}

fn intervals(said: &Said, trained: &Trained) -> Result<Option<Vec<Interval>>, Failure> {
    let Some(fitted) = &trained.calibration.intervals else {
        return Ok(None);
    };
    let (mean, variance) = super::evaluate::in_units(said, &trained.meaning);
    let scale: Vec<f64> = variance.iter().map(|v| v.sqrt()).collect();
    Ok(Some(fitted.intervals(&mean, Some(&scale))?))
}

fn header(trained: &Trained) -> String {
    match trained.meaning.task {
        Task::Classification => {
            let probabilities: Vec<String> = (0..trained.architecture.outputs())
                .map(|class| format!("p{class}"))
                .collect();
            format!(
                "row,class,name,{},predictive_entropy,expected_entropy,mutual_information,set",
                probabilities.join(",")
            )
        }
        Task::Regression => "row,mean,aleatoric,epistemic,low,high".to_owned(),
    }
}

fn class_cells(answer: &ClassAnswer<'_>) -> String {
    let probabilities: Vec<String> = answer.probabilities.iter().map(f64::to_string).collect();
    let set: Vec<String> = answer.set.iter().flatten().map(usize::to_string).collect();
    // A name may hold a comma or a quote.
    let name = answer.name.map_or(String::new(), |name| {
        format!("\"{}\"", name.replace('"', "\"\""))
    });
    format!(
        "{},{},{name},{},{},{},{},{}",
        answer.row,
        answer.class,
        probabilities.join(","),
        answer.predictive_entropy,
        answer.expected_entropy,
        answer.mutual_information,
        set.join(" ")
    )
}

fn number_cells(answer: &NumberAnswer) -> String {
    let optional = |x: Option<f64>| x.map_or(String::new(), |x| x.to_string());
    format!(
        "{},{},{},{},{},{}",
        answer.row,
        answer.mean,
        answer.aleatoric,
        answer.epistemic,
        optional(answer.low),
        optional(answer.high)
    )
}

/// Where answers go.
struct Out {
    writer: Box<dyn Write>,
    place: String,
    /// The reader has had enough, such as `head`.
    closed: bool,
}

impl Out {
    fn open(path: Option<&PathBuf>) -> Result<Self, Failure> {
        Ok(match path {
            Some(path) => Self {
                writer: Box::new(BufWriter::new(
                    File::create(path).map_err(Failure::io("write", path))?,
                )),
                place: format!("`{}`", path.display()),
                closed: false,
            },
            None => Self {
                writer: Box::new(BufWriter::new(std::io::stdout())),
                place: "stdout".to_owned(),
                closed: false,
            },
        })
    }

    fn failed(&self, error: std::io::Error) -> Failure {
        Failure::Failed(format!(
            "expected to write answers to {}, found: {error}; check its rights and the free space",
            self.place
        ))
    }

    fn line(&mut self, line: &str) -> Result<(), Failure> {
        if self.closed {
            return Ok(());
        }
        let written = writeln!(self.writer, "{line}");
        self.checked(written)
    }

    fn checked(&mut self, written: std::io::Result<()>) -> Result<(), Failure> {
        match written {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            Err(error) => Err(self.failed(error)),
            Ok(()) => Ok(()),
        }
    }

    fn json(&mut self, answer: &impl Serialize) -> Result<(), Failure> {
        let line = serde_json::to_string(answer)
            .map_err(|error| Failure::Failed(format!("an answer cannot be written: {error}")))?;
        self.line(&line)
    }

    fn close(mut self) -> Result<String, Failure> {
        if !self.closed {
            let written = self.writer.flush();
            self.checked(written)?;
        }
        Ok(String::new())
    }
}
