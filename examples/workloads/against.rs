//! Runs this program and another by turns and prints the ratios of their times.
//!
//! glibc is told, for both, to keep the memory that they give back: a fresh page costs more than what is computed in it, and
//! whether there is one would depend on what a program did before.

use crate::measure::Measured;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};

/// What both programs measure: variant, threads and operation.
type Row = (String, usize, String);

/// The other program's names of ways to do the same: its quickest counts.
const WAYS: [&str; 3] = ["_fused_adam", "_dnn2bnn", "_kl"];

/// More than either program holds.
const KEPT_BYTES: &str = "4294967296";

/// The times of both programs for what one of them did in all rounds.
#[derive(Default)]
struct Times {
    ours: Vec<f64>,
    theirs: Vec<f64>,
    /// MiB above what the process held before there was a model.
    memory: [f64; 2],
    /// MiB before there was a model.
    start: [f64; 2],
}

/// Prints, for each operation that both measure, the median of both times and of the rounds' ratios.
pub fn compare(command: &str, rounds: usize) -> Result<()> {
    ensure!(rounds > 0, "--rounds is the number of turns, at least 1");
    let ours = ours()?;
    let mut times: BTreeMap<Row, Times> = BTreeMap::new();
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        for (which, command) in [ours.as_str(), command].into_iter().enumerate() {
            for (row, (seconds, peak, start)) in measure(command)? {
                let entry = times.entry(row).or_default();
                let list = match which {
                    0 => &mut entry.ours,
                    _ => &mut entry.theirs,
                };
                list.push(seconds);
                entry.memory[which] = entry.memory[which].max(peak - start);
                entry.start[which] = start;
            }
        }
    }
    println!(
        "{:8} {:7} {:20} {:>10} {:>10} {:>8} {:>15} {:>22}",
        "variant",
        "threads",
        "op",
        "ours ms",
        "theirs ms",
        "theirs/",
        "ratios",
        "MiB above the start"
    );
    for ((variant, threads, op), times) in &times {
        let rounds = times.ours.iter().zip(&times.theirs);
        let ratios: Vec<f64> = rounds.map(|(ours, theirs)| theirs / ours).collect();
        if ratios.is_empty() {
            continue;
        }
        println!(
            "{variant:8} {threads:7} {op:20} {:10.3} {:10.3} {:8.2} {:>15} {:>22}",
            median(&times.ours) * 1e3,
            median(&times.theirs) * 1e3,
            median(&ratios),
            format!("{:.2} to {:.2}", least(&ratios), most(&ratios)),
            format!(
                "{:.0} : {:.0} ({:.0} : {:.0})",
                times.memory[0], times.memory[1], times.start[0], times.start[1]
            ),
        );
    }
    Ok(())
}

/// This program's own command, without the words about the other.
fn ours() -> Result<String> {
    let program = std::env::current_exe().context("this program's path")?;
    let mut words = vec![quoted(&program.display().to_string())];
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.split_once('=').map_or(arg.as_str(), |(name, _)| name) {
            "--against" | "--rounds" if arg.contains('=') => {}
            "--against" | "--rounds" => drop(args.next()),
            _ => words.push(quoted(&arg)),
        }
    }
    words.push("--json".to_owned());
    Ok(words.join(" "))
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What the command's lines say: for each row the quickest way's seconds, its peak, and the memory at the start, in MiB.
fn measure(command: &str) -> Result<BTreeMap<Row, (f64, f64, f64)>> {
    let output = Command::new("sh")
        .args(["-c", command])
        .env("MALLOC_TRIM_THRESHOLD_", KEPT_BYTES)
        .env("MALLOC_MMAP_THRESHOLD_", KEPT_BYTES)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("`{command}` does not run"))?;
    ensure!(
        output.status.success(),
        "`{command}` fails: {}",
        output.status
    );
    let text = String::from_utf8_lossy(&output.stdout);
    let mut rows = BTreeMap::new();
    for seen in text
        .lines()
        .filter_map(|line| serde_json::from_str::<Measured>(line).ok())
    {
        let way = WAYS.iter().find_map(|way| seen.op.strip_suffix(way));
        let op = way.unwrap_or(&seen.op).to_owned();
        let new = (seen.median_s, seen.peak_rss_mib, seen.rss_before_model_mib);
        let best = rows.entry((seen.variant, seen.threads, op)).or_insert(new);
        if new.0 < best.0 {
            *best = new;
        }
    }
    ensure!(
        !rows.is_empty(),
        "`{command}` prints no measurement as JSON"
    );
    Ok(rows)
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match sorted.len() % 2 {
        0 => (sorted[half - 1] + sorted[half]) / 2.0,
        _ => sorted[half],
    }
}

fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn most(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}
