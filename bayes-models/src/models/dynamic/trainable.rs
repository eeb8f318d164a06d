//! Training and files of plain models and twins.

use super::flat::Flat;
use super::model::{Learning, Model, Quant};
use super::net::{Net, Taken, taken};
use super::open::{ARCHITECTURE, FORM};
use super::optimizer::with_optimizer;
use super::predictions::check_estimator;
use super::{
    Error, Examples, LossFn, Optimizer, QuantModel, Step, StepLoss, TensorInfo, Trainable,
};
use bayes_core::checkpoint::{Checkpoint, Loaded};
use bayes_core::int8::{Calibration, quantize_whole};
use bayes_core::predict::Batch;
use bayes_core::prelude::{
    AsArray, Backward, Bind, Cpu, Draw, Kernels, Module, RealizeTo, Trace, TryAdd, TryMul,
    ZeroGrads,
};
use std::collections::BTreeMap;
use std::path::Path;

impl<N: Net, F: Learning<N>> Model<N, F> {
    /// What a checkpoint of this model says besides its notes.
    fn described(&self, notes: Checkpoint) -> Checkpoint {
        notes
            .with_metadata(F::priors(&self.model))
            .with_entry(ARCHITECTURE, N::ARCHITECTURE.name())
            .with_entry(FORM, F::FORM.name())
    }
}

impl<N: Net, F: Learning<N>> Trainable for Model<N, F>
where
    Taken<N>: Batch<f32, Cpu, Part = Taken<N>>,
{
    fn tensors(&self) -> Result<Vec<TensorInfo>, Error> {
        Ok(Flat::of(&self.model)?.tensors())
    }

    fn gradients(
        &mut self,
        examples: Examples<'_>,
        step: &Step,
        loss: &mut LossFn<'_>,
    ) -> Result<StepLoss, Error> {
        check_estimator(N::ARCHITECTURE, step.estimator)?;
        let x = taken::<N>(examples)?;
        let gradients = match self.gradients.take() {
            Some(gradients) => gradients,
            None => Flat::of(&self.model)?.try_alloc_grads()?,
        };
        let mut draw = Draw::from(step.key);
        if let Some(estimator) = step.estimator {
            draw = draw.estimated_by(estimator);
        }
        let outputs = self.model.train(&draw).try_forward(x.trace(gradients))?;
        // One type for the losses of all models; every size fits one that is known at run time.
        let outputs = outputs.try_realize::<(usize, usize)>();
        let mut total = loss(outputs.map_err(|_| <Cpu as Kernels<f32>>::misfit())?)?;
        let data = f64::from(total.array());
        let mut found = 0.0;
        if step.kl_weight != 0.0
            && let Some(kl) = F::kl(&self.model, &draw)?
        {
            found = f64::from(kl.array());
            total = total.try_add(kl.try_mul(step.kl_weight as f32)?)?;
        }
        if step.scale != 1.0 {
            total = total.try_mul(step.scale as f32)?;
        }
        let sum = f64::from(total.array());
        self.gradients = Some(total.try_backward()?);
        Ok(StepLoss {
            data,
            kl: found,
            total: sum,
        })
    }

    fn update(&mut self, optimizer: &mut Optimizer) -> Result<(), Error> {
        let gradients = self.gradients.as_mut().ok_or(Error::NoGradients)?;
        let mut flat = Flat::of(&self.model)?;
        let updated = with_optimizer!(optimizer, |one| one.update(&mut flat, gradients));
        flat.try_zero_grads(gradients)?;
        // With a missing gradient, too, the other tensors have moved.
        flat.give(&mut self.model)?;
        Ok(updated?)
    }

    fn load_weights(&mut self, path: &Path) -> Result<Loaded, Error> {
        let mut flat = Flat::of(&self.model)?;
        let loaded = F::load_weights(&mut flat, path, N::from_torch)?;
        flat.give(&mut self.model)?;
        Ok(loaded)
    }

    fn export(&self, path: &Path) -> Result<(), Error> {
        let flat = Flat::of(&self.model)?;
        Ok(F::export(&flat, path, N::to_torch)?)
    }

    fn save(
        &self,
        path: &Path,
        notes: &Checkpoint,
        optimizer: Option<&Optimizer>,
    ) -> Result<(), Error> {
        let checkpoint = self.described(notes.clone());
        let flat = Flat::of(&self.model)?;
        match optimizer {
            None => checkpoint.save(path, &flat)?,
            Some(optimizer) => with_optimizer!(optimizer, |one| checkpoint
                .save_with_optimizer(path, &flat, one))?,
        }
        Ok(())
    }

    fn load(
        &mut self,
        path: &Path,
        optimizer: Option<&mut Optimizer>,
    ) -> Result<BTreeMap<String, String>, Error> {
        let checkpoint = self.described(Checkpoint::new());
        let mut flat = Flat::of(&self.model)?;
        let notes = match optimizer {
            None => checkpoint.load(path, &mut flat)?,
            Some(optimizer) => with_optimizer!(optimizer, |one| checkpoint
                .load_with_optimizer(path, &mut flat, one))?,
        };
        flat.give(&mut self.model)?;
        Ok(notes)
    }

    fn quantize(
        &self,
        calibration: &Calibration,
        batches: &[Examples<'_>],
    ) -> Result<Box<dyn QuantModel>, Error> {
        let batches = batches.iter().map(|&batch| taken::<N>(batch));
        let batches = batches.collect::<Result<Vec<_>, Error>>()?;
        let quant = quantize_whole(&self.model, calibration, batches)?;
        Ok(Box::new(Model::<N, Quant>::new(quant)))
    }
}
