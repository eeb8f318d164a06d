//! The same numbers on every device: on the CPU always, on a GPU in a program with the feature `cuda` where a driver
//! answers. Each test's body is written once.

mod losses;
mod models;
mod named;
mod operations;

/// Tests of `$body` on each device: `fn name(device)`.
macro_rules! on_every_device {
    ($($name:ident => $body:path;)*) => {
        mod cpu {
            use super::*;
            $(#[test]
            fn $name() {
                let device = bayes_core::dfdx::prelude::Cpu::seed_from_u64(0);
                $body(&device);
            })*
        }

        #[cfg(feature = "cuda")]
        mod cuda {
            use super::*;
            $(#[test]
            fn $name() {
                if let Some(device) = crate::cuda() {
                    $body(&device);
                }
            })*
        }
    };
}

pub(crate) use on_every_device;

/// The first GPU; where there is none it says so.
#[cfg(feature = "cuda")]
fn cuda() -> Option<bayes_core::dfdx::tensor::Cuda> {
    use std::io::Write;

    match bayes_core::device::DeviceName::Cuda(0).open_cuda(0) {
        Ok(device) => Some(device),
        Err(error) => {
            // Not `eprintln`, which the test harness holds back when the test passes.
            let message = format!("skipped: {error}\n");
            let said = std::io::stderr().write_all(message.as_bytes());
            said.expect("standard error");
            None
        }
    }
}
