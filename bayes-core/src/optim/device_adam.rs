//! Adam whose moments stay on the model's device.

use super::gradient::{flat, id};
use super::rule::Rule;
use super::{AdamConfig, Error, Moments, State};
use dfdx::dtypes::Dtype;
use dfdx::nn::tensor_collection::{
    RecursiveWalker, TensorCollection, TensorOptions, TensorVisitor, ViewTensorMut, ViewTensorName,
};
use dfdx::optim::{AdamConfig as Formula, WeightDecay};
use dfdx::shapes::{HasShape, Shape};
use dfdx::tensor::{Gradients, Storage, Tensor, Trace};
use dfdx::tensor_ops::{Backward, Device, SumTo, TryMul};
use std::collections::BTreeMap;

/// [`Adam`](super::Adam) with its moments on the model's device, for training on a GPU: an update is one kernel for each
/// tensor, and nothing comes to the host but [`state`](Self::state), when asked for.
///
/// It is the formula of [`AdamConfig`], computed by dfdx's kernel. What needs the gradients on the host is left out: a
/// gradient that is not finite is not refused (watch the loss), and a tensor without a gradient counts as one of zeros.
///
/// ```
/// use bayes_core::optim::{AdamConfig, DeviceAdam};
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (4))]
/// struct Net {
///     fc: Linear<4, 3>,
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let dev = Cpu::seed_from_u64(0);
/// let mut bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
/// let mut adam = DeviceAdam::new(AdamConfig::default())?;
/// let mut grads = bayes.alloc_grads();
/// let x: Tensor<Rank2<5, 4>, f32, _> = dev.sample_normal();
/// for step in 0..3 {
///     let y = bayes.train(Key::new(0, step)).forward(x.clone().trace(grads));
///     grads = elbo_loss(y.square().mean(), bayes.kl(), 5, 1.0)?.backward();
///     adam.update(&mut bayes, &mut grads)?;
///     bayes.zero_grads(&mut grads);
/// }
/// assert_eq!(adam.state()?.step, 3);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct DeviceAdam<E: Dtype, D: Device<E>> {
    /// Hyperparameters; may be changed between updates.
    pub config: AdamConfig,
    /// Steps and what is frozen; the moments are on the device.
    about: State<E>,
    moments: BTreeMap<String, OnDevice<E, D>>,
}

/// Numbers on a device.
type Memory<E, D> = <D as Storage<E>>::Vec;

/// Moments of one tensor.
#[derive(Debug)]
struct OnDevice<E: Dtype, D: Device<E>> {
    step: u64,
    first: Memory<E, D>,
    second: Memory<E, D>,
    /// A tensor of their length and device.
    like: Tensor<(usize,), E, D>,
}

impl<E: Dtype, D: Device<E>> DeviceAdam<E, D> {
    /// An optimiser with an empty state.
    ///
    /// # Errors
    /// [`Error::Setting`] if a hyperparameter is out of range.
    pub fn new(config: AdamConfig) -> Result<Self, Error> {
        config.validate()?;
        Ok(Self {
            config,
            about: State::default(),
            moments: BTreeMap::new(),
        })
    }

    /// Goes on from a state of [`Adam`](super::Adam) or of this, such as one that a checkpoint holds.
    ///
    /// # Errors
    /// [`Error::Setting`]; moments of two lengths; a device that fails.
    pub fn from_state(config: AdamConfig, state: State<E>, device: &D) -> Result<Self, Error> {
        let mut adam = Self::new(config)?;
        for (name, moments) in &state.moments {
            let length = moments.first.len();
            if let Some(found) = moments.wrong_length(2, length) {
                return Err(Error::MomentLength {
                    name: name.clone(),
                    expected: length,
                    found,
                });
            }
            let there = OnDevice::of(moments, device).map_err(failed)?;
            adam.moments.insert(name.clone(), there);
        }
        adam.about = State {
            moments: BTreeMap::new(),
            ..state
        };
        Ok(adam)
    }

    /// The state as [`Adam`](super::Adam) has it, to be saved: copied from the device.
    ///
    /// # Errors
    /// A device that fails.
    pub fn state(&self) -> Result<State<E>, Error> {
        let moments = self.moments.iter();
        let moments = moments.map(|(name, moments)| Ok((name.clone(), moments.on_host()?)));
        Ok(State {
            moments: moments.collect::<Result<_, D::Err>>().map_err(failed)?,
            ..self.about.clone()
        })
    }

    /// See [`GradientDescent::freeze`](super::GradientDescent::freeze).
    pub fn freeze(&mut self, path: impl Into<String>) {
        self.about.frozen.insert(path.into());
    }

    /// Updates every trained tensor of `model` that is not frozen. Take `gradients` from `alloc_grads`.
    ///
    /// # Errors
    /// [`Error::Setting`]; [`Error::NotContiguous`] for a parameter that is a view, and [`Error::MomentLength`], after the
    /// tensors before it were updated; a device that fails.
    pub fn update<M: TensorCollection<E, D>>(
        &mut self,
        model: &mut M,
        gradients: &mut Gradients<E, D>,
    ) -> Result<(), Error> {
        self.config.validate()?;
        self.about.step += 1;
        let decay = self.config.weight_decay;
        let mut apply = Apply {
            formula: Formula {
                lr: self.config.lr,
                betas: self.config.betas,
                eps: self.config.eps,
                weight_decay: (decay != 0.0).then_some(WeightDecay::L2(decay)),
            },
            about: &self.about,
            moments: &mut self.moments,
            gradients,
            problem: None,
        };
        M::iter_tensors(&mut RecursiveWalker {
            m: (model, String::new()),
            f: &mut apply,
        })
        .map_err(failed)?;
        apply.problem.map_or(Ok(()), Err)
    }
}

fn failed(error: impl ToString) -> Error {
    Error::Device {
        message: error.to_string(),
    }
}

impl<E: Dtype, D: Device<E>> OnDevice<E, D> {
    fn zeros(device: &D, len: usize) -> Result<Self, D::Err> {
        let zeros = || -> Result<Memory<E, D>, D::Err> { Storage::<E>::try_alloc_len(device, len) };
        Ok(Self {
            step: 0,
            first: zeros()?,
            second: zeros()?,
            like: device.try_zeros_like(&(len,))?,
        })
    }

    fn of(moments: &Moments<E>, device: &D) -> Result<Self, D::Err> {
        let there = Self::zeros(device, moments.first.len())?;
        // Memory of a device is reached through gradients: that of x·c is c.
        let memory = |values: &[E]| -> Result<Memory<E, D>, D::Err> {
            let values = device.try_tensor_from_vec(values.to_vec(), (values.len(),))?;
            let sum = there.like.leaky_trace().try_mul(values)?.try_sum()?;
            let mut gradients = sum.try_backward()?;
            let empty: Memory<E, D> = Storage::<E>::try_alloc_len(device, 1)?;
            Ok(std::mem::replace(
                gradients.get_or_alloc_mut(&there.like)?,
                empty,
            ))
        };
        Ok(Self {
            step: moments.step,
            first: memory(&moments.first)?,
            second: memory(&moments.second)?,
            ..there
        })
    }

    fn on_host(&self) -> Result<Moments<E>, D::Err> {
        let host = |memory: &Memory<E, D>| -> Result<Vec<E>, D::Err> {
            let mut gradients = Gradients::leaky();
            *gradients.get_or_alloc_mut(&self.like)? = memory.clone();
            Ok(gradients.get(&self.like).as_vec())
        };
        Ok(Moments {
            step: self.step,
            first: host(&self.first)?,
            second: host(&self.second)?,
        })
    }
}

struct Apply<'a, E: Dtype, D: Device<E>> {
    formula: Formula,
    about: &'a State<E>,
    moments: &'a mut BTreeMap<String, OnDevice<E, D>>,
    gradients: &'a mut Gradients<E, D>,
    problem: Option<Error>,
}

impl<E: Dtype, D: Device<E>> TensorVisitor<E, D> for Apply<'_, E, D> {
    type Viewer = (ViewTensorMut, ViewTensorName);
    type Err = D::Err;
    type E2 = E;
    type D2 = D;

    fn visit<S: Shape>(
        &mut self,
        options: TensorOptions<S, E, D>,
        (tensor, name): (&mut Tensor<S, E, D>, String),
    ) -> Result<Option<Tensor<S, E, D>>, D::Err> {
        let stopped = self.problem.is_some() || self.about.is_frozen(&name);
        if stopped || !options.do_gradient_update {
            return Ok(None);
        }
        // What `flat` gives shares the memory: it must be gone before the update, which would else copy.
        if flat(tensor)?.is_none() || id(tensor).is_none() {
            self.problem = Some(Error::NotContiguous { name });
            return Ok(None);
        }
        let len = tensor.shape().num_elements();
        if !self.moments.contains_key(&name) {
            let zeros = OnDevice::zeros(&tensor.device().clone(), len)?;
            self.moments.insert(name.clone(), zeros);
        }
        let Some(moments) = self.moments.get_mut(&name) else {
            return Ok(None);
        };
        let found = moments.like.shape().0;
        if found != len {
            self.problem = Some(Error::MomentLength {
                name,
                expected: len,
                found,
            });
            return Ok(None);
        }
        moments.step += 1;
        let step = i32::try_from(moments.step).unwrap_or(i32::MAX);
        let gradient = self.gradients.get_or_alloc_mut(tensor)?;
        let (first, second) = (&mut moments.first, &mut moments.second);
        self.formula
            .try_update(step, tensor, first, second, gradient)?;
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::Adam;
    use dfdx::prelude::{
        Cpu, DeviceBuildExt, Module, Rank2, SampleTensor, ZeroGrads, builders, modules,
    };
    use dfdx::tensor_ops::MeanTo;

    type Net = (
        modules::Linear<4, 5, f64, Cpu>,
        modules::Linear<5, 2, f64, Cpu>,
    );

    fn step(net: &Net, grads: Gradients<f64, Cpu>, i: usize) -> Gradients<f64, Cpu> {
        let dev = Cpu::seed_from_u64(i as u64);
        let x: Tensor<Rank2<3, 4>, f64, _> = dev.sample_normal();
        net.forward(x.trace(grads)).square().mean().backward()
    }

    #[test]
    fn it_is_adam_with_its_state_elsewhere() {
        let dev = Cpu::seed_from_u64(1);
        let mut ours: Net =
            dev.build_module::<(builders::Linear<4, 5>, builders::Linear<5, 2>), f64>();
        let mut there = ours.clone();
        let config = AdamConfig {
            lr: 0.01,
            weight_decay: 0.1,
            ..AdamConfig::default()
        };
        let (mut adam, mut device) = (Adam::new(config).unwrap(), DeviceAdam::new(config).unwrap());
        for i in 0..6 {
            if i == 3 {
                let state = device.state().unwrap();
                device = DeviceAdam::from_state(config, state, &dev).unwrap();
                adam.freeze("1.bias");
                device.freeze("1.bias");
            }
            let grads = step(&ours, ours.alloc_grads(), i);
            adam.update(&mut ours, &grads).unwrap();
            let mut grads = step(&there, there.alloc_grads(), i);
            device.update(&mut there, &mut grads).unwrap();
        }
        let close = |a: &[f64], b: &[f64]| {
            assert_eq!(a.len(), b.len());
            a.iter()
                .zip(b)
                .for_each(|(a, b)| assert!((a - b).abs() < 1e-12, "{a} {b}"));
        };
        close(&ours.0.weight.as_vec(), &there.0.weight.as_vec());
        close(&ours.1.bias.as_vec(), &there.1.bias.as_vec());
        let state = device.state().unwrap();
        assert_eq!(state.step, adam.state.step);
        assert_eq!(state.moments["1.bias"].step, 3);
        for (name, moments) in &adam.state.moments {
            close(&moments.first, &state.moments[name].first);
            close(&moments.second, &state.moments[name].second);
        }
    }
}
