//! Models in 8-bit integers.

use super::model::{Model, Quant};
use super::net::{Net, Taken};
use super::{Error, QuantModel};
use bayes_core::int8::{Inspection, inspect};
use bayes_core::predict::Batch;
use bayes_core::prelude::Cpu;
use std::path::Path;

impl<N: Net> QuantModel for Model<N, Quant>
where
    Taken<N>: Batch<f32, Cpu, Part = Taken<N>>,
{
    fn save(&self, path: &Path) -> Result<(), Error> {
        Ok(self.model.save(path)?)
    }

    fn inspect(&self) -> Inspection {
        inspect(&self.model)
    }
}
