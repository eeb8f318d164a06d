//! Models in 8-bit integers.

use super::model::{Model, Quant};
use super::net::Net;
use super::{Error, QuantModel};
use bayes_core::int8::{Inspection, inspect};
use std::path::Path;

impl<N: Net> QuantModel for Model<N, Quant> {
    fn save(&self, path: &Path) -> Result<(), Error> {
        Ok(self.model.save(path)?)
    }

    fn inspect(&self) -> Inspection {
        inspect(&self.model)
    }
}
