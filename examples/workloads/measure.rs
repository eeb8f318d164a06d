//! Times one operation, and the memory that it takes.

use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// Calls shorter than this are timed in groups.
const SHORT: Duration = Duration::from_millis(2);

/// What was measured, as a line of JSON.
#[derive(Serialize, Deserialize)]
pub struct Measured {
    pub workload: String,
    pub variant: String,
    pub threads: usize,
    pub op: String,
    /// Examples of a call.
    #[serde(default)]
    pub batch: usize,
    /// Draws of a call.
    #[serde(default)]
    pub samples: usize,
    pub median_s: f64,
    pub min_s: f64,
    pub max_s: f64,
    /// The most memory that the process held while this was measured.
    #[serde(default)]
    pub peak_rss_mib: f64,
    /// What it held before there was a model.
    #[serde(default)]
    pub rss_before_model_mib: f64,
}

/// What is measured, and how it is reported.
pub struct Clock {
    pub workload: String,
    pub variant: String,
    pub threads: usize,
    pub op: Option<String>,
    pub json: bool,
    pub quick: bool,
    pub rss_before_model_mib: f64,
}

impl Clock {
    /// Times `run`, a call on `batch` examples with `samples` draws, and prints the line.
    pub fn time(&self, op: &str, batch: usize, samples: usize, mut run: impl FnMut()) {
        if self.op.as_ref().is_some_and(|only| !op.contains(only)) {
            return;
        }
        forget_peak();
        let start = Instant::now();
        run();
        let first = start.elapsed();
        let (warm_up, budget, least) = match self.quick {
            true => (0.15, 0.9, 3),
            false => (0.4, 2.5, 5),
        };
        while start.elapsed().as_secs_f64() < warm_up {
            run();
        }
        let start = Instant::now();
        run();
        let once = start.elapsed().min(first).max(Duration::from_nanos(100));
        let group = SHORT.div_duration_f64(once).ceil().max(1.0) as usize;
        let (mut seconds, start) = (Vec::new(), Instant::now());
        while seconds.len() < least || start.elapsed().as_secs_f64() < budget {
            let start = Instant::now();
            (0..group).for_each(|_| run());
            seconds.push(start.elapsed().as_secs_f64() / group as f64);
        }
        seconds.sort_by(f64::total_cmp);
        self.print(&Measured {
            workload: self.workload.clone(),
            variant: self.variant.clone(),
            threads: self.threads,
            op: op.to_owned(),
            batch,
            samples,
            median_s: seconds[seconds.len() / 2],
            min_s: seconds[0],
            max_s: seconds[seconds.len() - 1],
            peak_rss_mib: status("VmHWM"),
            rss_before_model_mib: self.rss_before_model_mib,
        });
    }

    fn print(&self, seen: &Measured) {
        if self.json {
            println!("{}", serde_json::json!(seen));
            return;
        }
        println!(
            "{} {:8} {} {:20} {:10.3} ms  ({:.3} to {:.3})  {:6.1} MiB",
            seen.workload,
            seen.variant,
            seen.threads,
            seen.op,
            seen.median_s * 1e3,
            seen.min_s * 1e3,
            seen.max_s * 1e3,
            seen.peak_rss_mib - seen.rss_before_model_mib,
        );
    }
}

/// A line of Linux's table of this process in MiB; 0 where there is none.
pub fn status(name: &str) -> f64 {
    let table = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = table
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}

/// The peak of the memory begins anew, where the system can do that.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
