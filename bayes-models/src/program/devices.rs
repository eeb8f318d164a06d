//! `bayes --list-devices`.

use bayes_core::device::DeviceName;

/// The names that `--device` takes on this machine, one a line; on stderr why there is no GPU among them.
pub fn list() -> String {
    let devices = DeviceName::all();
    if devices.len() == 1
        && let Err(sentence) = DeviceName::Cuda(0).check()
    {
        tell!("{sentence}{}", advice());
    }
    devices.iter().map(|name| format!("{name}\n")).collect()
}

/// What to do about it.
fn advice() -> &'static str {
    match cfg!(feature = "cuda") {
        true => "",
        false => "; `bayes_models::guide::gpu` says how to build with it",
    }
}
