//! Runs that are killed or asked to end, and go on as if nothing had happened.

use super::*;
use std::time::{Duration, Instant};

const LONG: [&str; 10] = [
    "--model",
    "mlp-digits",
    "--epochs",
    "12",
    "--samples",
    "4",
    "--patience",
    "12",
    "--batch-size",
    "16",
];

/// The model, and the metrics but for the speed.
fn result(run: &str) -> (Vec<u8>, Vec<Value>) {
    let model = std::fs::read(Path::new(run).join("model.safetensors")).unwrap();
    let mut metrics = metrics(run);
    for line in &mut metrics {
        line.as_object_mut().unwrap().remove("examples_per_second");
    }
    (model, metrics)
}

/// Starts a long run, and waits until so many of its epochs are done.
#[expect(clippy::zombie_processes, reason = "the caller waits for it")]
fn begin(run: &str, epochs: usize) -> std::process::Child {
    let mut child = bayes(&[&["train", "--out", run][..], &LONG].concat())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let file = Path::new(run).join("metrics.jsonl");
    let start = Instant::now();
    loop {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        if text.lines().count() >= epochs {
            return child;
        }
        if start.elapsed() > Duration::from_secs(120) {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("no epoch in two minutes");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What an uninterrupted run gives.
fn whole() -> &'static (Vec<u8>, Vec<Value>) {
    static WHOLE: OnceLock<(Vec<u8>, Vec<Value>)> = OnceLock::new();
    WHOLE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        said(&[&["train", "--out", &run(&folder)][..], &LONG].concat());
        result(&run(&folder))
    })
}

#[test]
fn a_killed_run_goes_on_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(&folder);
    // Killed three times, at places that nobody chose.
    let mut child = begin(&run, 1);
    for _ in 0..2 {
        child.kill().unwrap();
        child.wait().unwrap();
        child = bayes(&["train", "--resume", &run])
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(300));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    said(&["train", "--resume", &run]);
    assert!(result(&run) == *whole(), "another model or other metrics");
    // Nothing is left to do, and nothing changes.
    let again = output(&["train", "--resume", &run]);
    assert!(again.status.success());
    let said = String::from_utf8(again.stderr).unwrap();
    assert!(said.contains("nothing is left to do"), "{said}");
    assert!(result(&run) == *whole());
}

#[test]
fn a_run_is_continued_by_one_program_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(&folder);
    let mut child = begin(&run, 1);
    let said = refused(2, &["train", "--resume", &run]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(said.contains("another `bayes` that trains"), "{said}");
}

#[test]
fn a_line_that_was_cut_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(&folder);
    let mut child = begin(&run, 1);
    child.kill().unwrap();
    child.wait().unwrap();
    let file = Path::new(&run).join("metrics.jsonl");
    let mut text = std::fs::read_to_string(&file).unwrap();
    text.push_str("{\"member\":0,\"epo");
    std::fs::write(&file, text).unwrap();
    said(&["train", "--resume", &run]);
    assert!(result(&run) == *whole());
}

#[cfg(unix)]
#[test]
fn a_run_that_is_asked_to_end_saves_within_the_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(&folder);
    let child = begin(&run, 1);
    // What Ctrl-C sends.
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    assert!(metrics(&run).len() < 12, "it went on to the end");
    said(&["train", "--resume", &run]);
    assert!(result(&run) == *whole());
}

/// A limit on the size of a file stands for a full disk: any user may set it, and the writer gets an error in the middle.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_sentence_and_the_run_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(&folder);
    let mut child = begin(&run, 2);
    child.kill().unwrap();
    child.wait().unwrap();
    let files = || {
        let entries = std::fs::read_dir(&run).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name());
        names.collect::<std::collections::BTreeSet<_>>()
    };
    let checkpoint = || std::fs::read(Path::new(&run).join("checkpoint.safetensors")).unwrap();
    let before = checkpoint();
    // A file may have 64 KiB, a tenth of a checkpoint; the signal that would end the program is ignored.
    let script = "trap '' XFSZ; ulimit -f 128; exec \"$0\" train --resume \"$1\"";
    let shell = Command::new("sh")
        .args(["-c", script])
        .arg(program())
        .arg(&run)
        .output();
    let shell = shell.unwrap();
    let problem = String::from_utf8(shell.stderr).unwrap();
    assert_eq!(shell.status.code(), Some(1), "{problem}");
    assert!(
        problem.contains("expected to write") && problem.contains("space"),
        "{problem}"
    );
    assert!(before.len() > 10 * (64 << 10) && checkpoint() == before);
    said(&["train", "--resume", &run]);
    assert!(result(&run) == *whole());
    let left: Vec<_> = files()
        .into_iter()
        .filter(|name| name.to_string_lossy().contains("tmp"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn an_ensemble_goes_on_in_the_member_that_it_was_at() {
    let args = ["--method", "ensemble", "--members", "2", "--epochs", "2"];
    let folder = trained(&args);
    let run = run(&folder);
    let models = || {
        [0, 1]
            .map(|i| std::fs::read(Path::new(&run).join(format!("model-{i}.safetensors"))).unwrap())
    };
    let before = models();
    std::fs::remove_file(Path::new(&run).join("model-1.safetensors")).unwrap();
    let said = refused(2, &["evaluate", &run]);
    assert!(
        said.contains("model-1.safetensors") && said.contains("--resume"),
        "{said}"
    );
    // From the start, as the checkpoint is gone too.
    std::fs::remove_file(Path::new(&run).join("checkpoint.safetensors")).unwrap();
    super::said(&["train", "--resume", &run]);
    assert!(models() == before);
}
