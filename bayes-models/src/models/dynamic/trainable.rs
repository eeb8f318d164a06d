//! Training and files of plain models and twins.

use super::flat::Flat;
use super::model::{Learning, Model, Quant};
use super::net::{Net, Number, rows, taken};
use super::open::{ARCHITECTURE, FORM};
use super::predictions::check_estimator;
use super::{
    Error, Examples, LossFn, Optimizer, QuantModel, Step, StepLoss, TensorInfo, Trainable,
};
use crate::tensors::value;
use bayes_core::checkpoint::{Checkpoint, Loaded};
use bayes_core::dfdx::tensor::{PutTape, SplitTape};
use bayes_core::int8::{Calibration, quantize_whole};
use bayes_core::prelude::{
    Backward, Bind, Constant, Cpu, Draw, HasShape, Kernels, Module, RealizeTo, SumTo,
    TensorFromVec, Trace, TryAdd, TryMul, ZeroGrads,
};
use std::collections::BTreeMap;
use std::path::Path;

impl<N: Net, F: Learning<N>> Model<N, F> {
    fn flat(&self) -> Result<Flat<N::D>, Error> {
        Flat::of(&self.model).map_err(Error::device)
    }

    fn take(&mut self, flat: Flat<N::D>) -> Result<(), Error> {
        flat.give(&mut self.model).map_err(Error::device)
    }

    /// What a checkpoint of this model says besides its notes.
    fn described(&self, notes: Checkpoint) -> Checkpoint {
        notes
            .with_metadata(F::priors(&self.model))
            .with_entry(ARCHITECTURE, N::ARCHITECTURE.name())
            .with_entry(FORM, F::FORM.name())
    }
}

impl<N: Net, F: Learning<N>> Trainable for Model<N, F> {
    fn tensors(&self) -> Result<Vec<TensorInfo>, Error> {
        Ok(self.flat()?.tensors())
    }

    fn gradients(
        &mut self,
        examples: Examples<'_>,
        step: &Step,
        loss: &mut LossFn<'_>,
    ) -> Result<StepLoss, Error> {
        check_estimator(N::ARCHITECTURE, step.estimator)?;
        let x = taken::<N, _>(&self.device, examples)?;
        let gradients = match self.gradients.take() {
            Some(gradients) => gradients,
            None => self.flat()?.try_alloc_grads().map_err(Error::device)?,
        };
        let mut draw = Draw::from(step.key);
        if let Some(estimator) = step.estimator {
            draw = draw.estimated_by(estimator);
        }
        let outputs = self
            .model
            .train(&draw)
            .try_forward(x.constant().traced(gradients));
        // One type for the losses of all models; every size fits one that is known at run time.
        let outputs = outputs
            .map_err(Error::device)?
            .try_realize::<(usize, usize)>();
        let outputs = outputs.map_err(|_| Error::device(N::D::misfit()))?;
        let (outputs, tape) = outputs.split_tape();
        let scale = step.scale as f32;
        let (data, slope) = slope(outputs.as_vec(), *outputs.shape(), scale, loss)?;
        // A number whose slope by the outputs is the scaled loss's.
        let turned = || {
            let slope = self.device.try_tensor_from_vec(slope, *outputs.shape())?;
            outputs.put_tape(tape).try_mul(slope)?.try_sum()
        };
        let mut total: Number<N::D> = turned().map_err(Error::device)?;
        let mut kl = 0.0;
        if step.kl_weight != 0.0
            && let Some(found) = F::kl(&self.model, &draw)?
        {
            kl = value(&found);
            let weighed = || {
                let weighed = found.try_mul(step.kl_weight as f32)?.try_mul(scale)?;
                total.try_add(weighed)
            };
            total = weighed().map_err(Error::device)?;
        }
        self.gradients = Some(total.try_backward().map_err(Error::device)?);
        Ok(StepLoss {
            data,
            kl,
            total: step.scale * (data + step.kl_weight * kl),
        })
    }

    fn update(&mut self, optimizer: &mut Optimizer) -> Result<(), Error> {
        let gradients = self.gradients.as_mut().ok_or(Error::NoGradients)?;
        let mut flat = Flat::of(&self.model).map_err(Error::device)?;
        let updated = optimizer.update(&mut flat, gradients, &self.device);
        flat.try_zero_grads(gradients).map_err(Error::device)?;
        // With a missing gradient, too, the other tensors have moved.
        self.take(flat)?;
        Ok(updated?)
    }

    fn load_weights(&mut self, path: &Path) -> Result<Loaded, Error> {
        let mut flat = self.flat()?;
        let loaded = F::load_weights(&mut flat, path, N::from_torch)?;
        self.take(flat)?;
        Ok(loaded)
    }

    fn export(&self, path: &Path) -> Result<(), Error> {
        let flat = self.flat()?;
        Ok(F::export(&flat, path, N::to_torch)?)
    }

    fn save(
        &self,
        path: &Path,
        notes: &Checkpoint,
        optimizer: Option<&Optimizer>,
    ) -> Result<(), Error> {
        let checkpoint = self.described(notes.clone());
        let flat = self.flat()?;
        match optimizer {
            None => Ok(checkpoint.save(path, &flat)?),
            Some(optimizer) => optimizer.save(&checkpoint, path, &flat),
        }
    }

    fn load(
        &mut self,
        path: &Path,
        optimizer: Option<&mut Optimizer>,
    ) -> Result<BTreeMap<String, String>, Error> {
        let checkpoint = self.described(Checkpoint::new());
        let mut flat = self.flat()?;
        let notes = match optimizer {
            None => checkpoint.load(path, &mut flat)?,
            Some(optimizer) => optimizer.load(&checkpoint, path, &mut flat)?,
        };
        self.take(flat)?;
        Ok(notes)
    }

    fn quantize(
        &self,
        calibration: &Calibration,
        batches: &[Examples<'_>],
    ) -> Result<Box<dyn QuantModel>, Error> {
        let batches = batches
            .iter()
            .map(|&batch| rows::<N, _>(&self.device, batch));
        let batches = batches.collect::<Result<Vec<_>, Error>>()?;
        let quant = quantize_whole(&self.model, calibration, batches)?;
        Ok(Box::new(Model::<N, Quant>::new(quant, Cpu::default())))
    }

    fn on_cpu(&self) -> Result<Box<dyn Trainable + Send + Sync>, Error> {
        F::on_cpu(&self.flat()?)
    }
}

/// A loss of outputs, which are on the host whatever the model's device, and its scaled slope by each of them.
fn slope(
    outputs: Vec<f32>,
    shape: (usize, usize),
    scale: f32,
    loss: &mut LossFn<'_>,
) -> Result<(f64, Vec<f32>), Error> {
    let outputs = Cpu::default().try_tensor_from_vec(outputs, shape)?;
    let found = loss(outputs.leaky_trace())?;
    let data = value(&found);
    let mut slopes = found.try_mul(scale)?.try_backward()?;
    // Of a loss that ignores the outputs there is no slope: 0.
    slopes.get_or_alloc_mut(&outputs)?;
    Ok((data, slopes.get(&outputs).as_vec()))
}
