//! Programs as a user runs them: arguments in, output and exit status out.

mod bayes;
mod digits;
#[cfg(feature = "deep")]
#[expect(dead_code, reason = "the golden tests use the rest")]
#[path = "../golden/fixture.rs"]
mod fixture;

use std::path::PathBuf;
use std::process::Command;

/// The features that this test was built with.
const FEATURES: &[&str] = match (cfg!(feature = "deep"), cfg!(feature = "cuda")) {
    (true, true) => &["--features", "tests/deep,tests/cuda"],
    (true, false) => &["--features", "tests/deep"],
    (false, true) => &["--features", "tests/cuda"],
    (false, false) => &[],
};

/// A program, built as this test was: of the whole workspace and beside a test, with the features of what tests depend on, so
/// that nothing is compiled again.
fn built(target: &[&str], place: &str) -> PathBuf {
    // …/target/debug/deps/programs-…
    let test = std::env::current_exe().unwrap();
    let profile = if cfg!(debug_assertions) {
        "dev"
    } else {
        "release"
    };
    let built = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["build", "--quiet", "--workspace", "--test", "programs"])
        .args(FEATURES)
        .args(target)
        .args(["--profile", profile, "--target-dir"])
        .arg(test.ancestors().nth(3).unwrap())
        .output()
        .unwrap();
    let problem = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{problem}");
    let name = format!("{place}{}", std::env::consts::EXE_SUFFIX);
    test.ancestors().nth(2).unwrap().join(name)
}
