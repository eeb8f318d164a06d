//! What a person and the metrics file are told while a run goes on.

use super::Failure;
use super::event_file::EventFile;
use super::run_folder::RunFolder;
use super::settings::Settings;
use super::training::{Ended, EpochReport, Progress, Watch};
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// The bar on a terminal, a line for each epoch, and the metrics file.
pub struct Console {
    bar: Option<ProgressBar>,
    epochs: usize,
    members: usize,
    metrics: File,
    file: PathBuf,
    events: Option<(EventFile, PathBuf)>,
    stop: &'static AtomicBool,
    epoch_start: (Instant, usize),
}

impl Console {
    /// For a run that is at `progress`; `stop` becomes true where it should save and end.
    ///
    /// # Errors
    /// A metrics file that cannot be opened.
    pub fn new(
        folder: &RunFolder,
        settings: &Settings,
        progress: &Progress,
        stop: &'static AtomicBool,
    ) -> Result<Self, Failure> {
        let file = folder.metrics_file();
        let events = match settings.tensorboard {
            false => None,
            true => {
                let folder = folder.path().to_owned();
                let events =
                    EventFile::create(&folder).map_err(Failure::io("write to", &folder))?;
                Some((events, folder))
            }
        };
        let metrics = OpenOptions::new().append(true).create(true).open(&file);
        Ok(Self {
            bar: None,
            epochs: settings.epochs,
            members: settings.trained_members(),
            metrics: metrics.map_err(Failure::io("write", &file))?,
            file,
            events,
            stop,
            epoch_start: (Instant::now(), progress.sums.examples),
        })
    }

    fn bar(&mut self, progress: &Progress, per_epoch: usize) -> &ProgressBar {
        let epochs = self.epochs;
        self.bar.get_or_insert_with(|| {
            let style = "{prefix}  {wide_bar} {msg}  {eta} left";
            let bar = ProgressBar::new((epochs * per_epoch) as u64);
            // Where the run continues, the time left is that of what is left.
            bar.set_position((progress.epoch * per_epoch + progress.step) as u64);
            bar.reset_eta();
            match ProgressStyle::with_template(style) {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        })
    }

    /// Which member of an ensemble trains; nothing of one model.
    fn member(&self, member: usize) -> String {
        match self.members {
            1 => String::new(),
            all => format!("member {}/{all}, ", member + 1),
        }
    }

    /// Takes the bar away and says how the run ended.
    pub fn ended(&mut self, ended: Ended, progress: &Progress) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        match (ended, progress.best) {
            (Ended::Early, Some((nll, epoch))) => tell!(
                "ended after epoch {}: the smallest validation NLL is {nll:.4}, of epoch {epoch}",
                progress.epoch
            ),
            (Ended::Interrupted, _) => tell!(
                "asked to end in epoch {}, after {} of its steps",
                progress.epoch + 1,
                progress.step
            ),
            _ => {}
        }
    }
}

impl Watch for Console {
    fn step(&mut self, progress: &Progress, steps: usize) -> bool {
        let (start, before) = self.epoch_start;
        let sums = &progress.sums;
        let n = sums.examples.max(1) as f64;
        let counted = sums.right + sums.wrong;
        let accuracy = match counted {
            0 => String::new(),
            _ => format!("  acc {:.3}", sums.right as f64 / counted as f64),
        };
        let kl = match sums.kl {
            0.0 => String::new(),
            kl => format!("  KL {:.3e}", kl / n),
        };
        let speed = sums.examples.saturating_sub(before) as f64 / start.elapsed().as_secs_f64();
        let message = format!(
            "loss {:.4}  NLL {:.4}{kl}{accuracy}  {speed:.0} examples/s",
            sums.loss / n,
            sums.nll / n
        );
        let member = self.member(progress.member);
        let epoch = format!("{member}epoch {}/{}", progress.epoch + 1, self.epochs);
        let place = (progress.epoch * steps + progress.step) as u64;
        let bar = self.bar(progress, steps);
        bar.set_prefix(epoch);
        bar.set_message(message);
        bar.set_position(place);
        self.stop.load(Ordering::Relaxed)
    }

    fn epoch(&mut self, report: &EpochReport) -> Result<(), Failure> {
        self.epoch_start = (Instant::now(), 0);
        let line = serde_json::to_string(report)
            .map_err(|error| Failure::Failed(format!("the metrics cannot be written: {error}")))?;
        writeln!(self.metrics, "{line}").map_err(Failure::io("write", &self.file))?;
        if let Some((events, folder)) = &mut self.events {
            let written = events.scalars(report.epoch as u64, &report.scalars());
            written.map_err(Failure::io("write to", folder))?;
        }
        let mut sentence = format!(
            "{}epoch {}: loss {:.4}, NLL {:.4}",
            self.member(report.member),
            report.epoch,
            report.loss,
            report.nll
        );
        if report.kl > 0.0 {
            sentence += &format!(", KL {:.4e}", report.kl);
        }
        if let Some(accuracy) = report.accuracy {
            sentence += &format!(", accuracy {accuracy:.4}");
        }
        if let Some(scores) = &report.validation {
            sentence += &format!("; validation NLL {:.4}", scores.nll);
            if let Some(accuracy) = scores.accuracy {
                sentence += &format!(", accuracy {accuracy:.4}");
            }
        }
        sentence += &format!("; {:.0} examples/s", report.examples_per_second);
        match &self.bar {
            Some(bar) => bar.suspend(|| tell!("{sentence}")),
            None => tell!("{sentence}"),
        }
        Ok(())
    }
}
