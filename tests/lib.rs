//! Tests that cross crates.

/// The README's example, run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

/// Models under every lint that a crate may deny.
#[path = "macro/lints.rs"]
pub mod lints;
