//! The rules: one small function each, with the sentence that the user reads.
//!
//! A sentence says what was expected, what was found and what to write.

pub mod errors;
pub mod forward;
pub mod generics;
pub mod item;
pub mod keys;
pub mod members;
pub mod values;
pub mod words;
