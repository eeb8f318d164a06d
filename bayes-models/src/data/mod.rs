//! Data sets, their file format, and the order in which training visits them.
//!
//! - [`Digits`]: 8×8 handwritten digits with out-of-distribution image patches, embedded or read from a folder;
//! - [`Labelled`]: images with their classes, split and gathered into batches;
//! - [`Set`]: examples of any size with classes or numbers, [`Scaling`] and [`Augment`], and a [`Loader`] that makes
//!   their batches beside the training;
//! - [`Batches`]: every example once per epoch, in an order that a seed determines;
//! - [`diabetes`] and [`sunspots`], embedded; [`Table`]: CSV files; [`Cifar`]: its binary files;
//! - `folder`, of the feature `images`: JPEG and PNG files in a folder for each class;
//! - [`idx`]: the file format of MNIST, for images of any size.
//!
//! One epoch over the digits in shuffled batches, with one buffer for all of them:
//!
//! ```
//! use bayes_models::data::{Batches, Digits, Labelled};
//!
//! let digits = Digits::embedded()?;
//! let (train, validation) = digits.train.split_tail(237)?;
//! assert_eq!((train.len(), validation.len()), (1200, 237));
//!
//! let mut batches = Batches::new(train.len(), 64, 0)?;
//! let mut batch = Labelled::default();
//! for indices in batches.epoch(0) {
//!     train.gather(indices, &mut batch)?;
//!     // Up to 64 images of 1×8×8 in `batch.images`, their classes in `batch.labels`.
//!     assert_eq!(batch.images.len(), batch.labels.len() * 64);
//! }
//! # Ok::<(), bayes_models::data::Error>(())
//! ```

mod augment;
mod batches;
mod cifar;
mod digits;
mod error;
#[cfg(feature = "images")]
pub mod folder;
mod gzip;
pub mod idx;
mod labelled;
mod loader;
#[cfg(test)]
mod mutations;
mod scaling;
mod set;
mod table;

pub use augment::Augment;
pub use batches::Batches;
pub use cifar::Cifar;
pub use digits::Digits;
pub use error::Error;
pub use labelled::Labelled;
pub use loader::{Ahead, Loader};
pub use scaling::Scaling;
pub use set::{Set, Targets, Values};
pub use table::{Table, diabetes, diabetes_table, sunspots};
