//! Families of models: what is known of a member by its name, before anything is built.
//!
//! A struct that names its `members` gets an enum of them, its registry, named after it: `NetMember` for `Net`.
//!
//! ```
//! use bayes_core::members::{Registry, Table};
//! use bayes_core::prelude::*;
//!
//! #[bayesian(input = (8), members(Small = <4>, Large = <64>))]
//! struct Net<const H: usize> {
//!     fc1: Linear<8, H>,
//!     act: ReLU,
//!     fc2: Linear<H, 3>,
//! }
//!
//! let member: NetMember = "Small".parse()?;
//! assert_eq!(member, NetMember::Small);
//! assert_eq!(member.parameters(), 8 * 4 + 4 + 4 * 3 + 3);
//! assert_eq!(NetMember::ALL.len(), 2);
//! println!("{}", Table::of(NetMember::ALL));
//! # Ok::<(), bayes_core::members::UnknownMember>(())
//! ```
//!
//! It is saved as its name by `serde`. How a name becomes a model is said at [`bayesian`](crate::bayesian#families).

mod parameters;
mod registry;
mod table;
mod types;
mod unknown;

pub use parameters::parameters;
pub use registry::{Member, Registry, deserialize};
pub use table::Table;
pub use unknown::{UnknownMember, slips};
