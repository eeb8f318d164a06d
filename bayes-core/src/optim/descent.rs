//! The walk over a model that every optimiser shares.

use super::gradient::{self, Found, Reader};
use super::state::is_under;
use super::{Error, Moments, Rule, State};
use crate::device::{
    self,
    slices::{of_memory, on_host_mut},
};
use dfdx::dtypes::Dtype;
use dfdx::nn::tensor_collection::{
    RecursiveWalker, TensorCollection, TensorOptions, TensorVisitor, ViewTensorMut, ViewTensorName,
    ViewTensorRef,
};
use dfdx::optim::{Optimizer, OptimizerUpdateError, UnusedTensors};
use dfdx::shapes::{HasShape, Shape};
use dfdx::tensor::{Gradients, Tensor, UniqueId};
use dfdx::tensor_ops::Device;
use std::collections::BTreeSet;

/// An optimiser: a [`Rule`] with its [`State`].
///
/// Used under the names [`Sgd`](super::Sgd), [`Adam`](super::Adam) and [`AdamW`](super::AdamW).
/// `E` is the element type of the model. It also implements dfdx's `Optimizer` for every model.
///
/// The arithmetic is done in host memory, so that the state can be read and saved; on a GPU
/// parameters and gradients are copied there and back at every update, for which there is
/// [`DeviceAdam`](super::DeviceAdam). The gradients are copied once as a whole, so take them from
/// `alloc_grads`: leaky ones hold every intermediate result.
///
/// ```
/// use bayes_core::optim::{GradientDescent, SgdConfig};
///
/// let mut sgd: GradientDescent<SgdConfig, f32> = GradientDescent::new(SgdConfig::default())?;
/// sgd.freeze("fc1");
/// assert!(sgd.unfreeze("fc1"));
/// # Ok::<(), bayes_core::optim::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct GradientDescent<R, E> {
    /// Hyperparameters; may be changed between updates.
    pub config: R,
    /// What is remembered between updates.
    pub state: State<E>,
}

impl<R: Rule, E: Dtype> GradientDescent<R, E> {
    /// An optimiser with an empty state.
    ///
    /// # Errors
    /// [`Error::Setting`] if a hyperparameter is out of range.
    pub fn new(config: R) -> Result<Self, Error> {
        config.validate()?;
        Ok(GradientDescent {
            config,
            state: State::default(),
        })
    }

    /// Stops updating the tensor at this dotted path, or every tensor below it.
    ///
    /// A path that names nothing in the model is an error of the next update. A batch normalisation's running statistics
    /// are not the optimiser's to move or to stop: they follow the batches of each forward pass in training, frozen or
    /// not. A forward pass of `eval(key)`, on a tape like any other, leaves them as they are.
    pub fn freeze(&mut self, path: impl Into<String>) {
        self.state.frozen.insert(path.into());
    }

    /// Takes back a [`freeze`](Self::freeze) of the same path; `false` if there was none.
    ///
    /// The moments kept from before are used again.
    pub fn unfreeze(&mut self, path: &str) -> bool {
        self.state.frozen.remove(path)
    }

    /// Updates the tensor at this dotted path, or every tensor below it, and nothing else; called again it adds a path.
    ///
    /// What is also [frozen](Self::freeze) stays frozen. A path that names nothing in the model is an error of the next
    /// update.
    ///
    /// The last layer alone, on features that are those of the pretrained net:
    ///
    /// ```
    /// use bayes_core::optim::{Adam, AdamConfig};
    /// use bayes_core::prelude::*;
    ///
    /// #[bayesian(input = (4), moped = 0.1)]
    /// struct Net {
    ///     #[bayes(skip)]
    ///     fc1: Linear<4, 8>,
    ///     act: ReLU,
    ///     fc2: Linear<8, 3>, // the only layer with a posterior
    /// }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let dev = Cpu::seed_from_u64(0);
    /// let net = dev.build_module::<Net, f32>(); // train it first
    /// let mut bayes = BayesNet::from_pretrained(&net)?;
    /// let mut adam = Adam::new(AdamConfig { lr: 1e-2, ..AdamConfig::default() })?;
    /// adam.only("fc2");
    ///
    /// let x: Tensor<Rank2<5, 4>, f32, _> = dev.sample_normal();
    /// for step in 0..3 {
    ///     let grads = bayes.alloc_grads();
    ///     let nll = bayes.train(Key::new(0, step)).forward(x.trace(grads)).square().mean();
    ///     let loss = elbo_loss(nll, bayes.kl(), 5, 1.0)?;
    ///     adam.update(&mut bayes, &loss.backward())?;
    /// }
    /// assert_eq!(bayes.fc1.weight.array(), net.fc1.weight.array());
    /// assert_ne!(bayes.fc2.weight.mu.array(), net.fc2.weight.array());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Without `skip`, and with `only`, the other layers have posteriors too, which stay as MOPED made them.
    pub fn only(&mut self, path: impl Into<String>) {
        self.state.only.insert(path.into());
    }

    /// Takes back every [`only`](Self::only): all that is not frozen is updated again.
    pub fn train_all(&mut self) {
        self.state.only.clear();
    }

    /// Updates every trained tensor of `model` that is not frozen.
    ///
    /// # Errors
    /// [`Error::NoGradient`] lists tensors without a gradient, after all others were updated.
    /// With every other error but [`Error::Device`] neither model nor state was changed.
    pub fn update<M, D>(&mut self, model: &mut M, gradients: &Gradients<E, D>) -> Result<(), Error>
    where
        D: Device<E>,
        M: TensorCollection<E, D>,
    {
        self.try_update(model, gradients)
            .map_err(|failure| match failure {
                Failure::Device(error) => Error::Device {
                    message: error.to_string(),
                },
                Failure::Tensors { error, .. } => error,
            })
    }

    fn try_update<M, D>(
        &mut self,
        model: &mut M,
        gradients: &Gradients<E, D>,
    ) -> Result<(), Failure<D::Err>>
    where
        D: Device<E>,
        M: TensorCollection<E, D>,
    {
        self.config.validate()?;
        let mut plan = Plan {
            reader: Reader::new(gradients),
            frozen: Paths::of(&self.state.frozen),
            only: Paths::of(&self.state.only),
            tensors: Vec::new(),
        };
        M::iter_tensors(&mut RecursiveWalker {
            m: (&*model, String::new()),
            f: &mut plan,
        })
        .map_err(Failure::Device)?;
        plan.check(&self.config, &self.state)?;

        let missing = plan.missing();
        let Plan {
            reader, tensors, ..
        } = plan;
        self.state.step += 1;
        let mut apply = Apply {
            rule: &self.config,
            state: &mut self.state,
            gradients: reader.gradients(),
            planned: tensors.iter(),
        };
        M::iter_tensors(&mut RecursiveWalker {
            m: (model, String::new()),
            f: &mut apply,
        })
        .map_err(Failure::Device)?;
        missing
    }
}

impl<R: Rule, E: Dtype, D: Device<E>, M: TensorCollection<E, D>> Optimizer<M, D, E>
    for GradientDescent<R, E>
{
    /// As [`GradientDescent::update`], with dfdx's error, which knows only devices and unused
    /// tensors: every other refusal is reported as the tensors that it is about.
    fn update(
        &mut self,
        module: &mut M,
        gradients: &Gradients<E, D>,
    ) -> Result<(), OptimizerUpdateError<D::Err>> {
        self.try_update(module, gradients)
            .map_err(|failure| match failure {
                Failure::Device(error) => OptimizerUpdateError::DeviceError(error),
                Failure::Tensors { ids, .. } => {
                    OptimizerUpdateError::UnusedParams(UnusedTensors { ids })
                }
            })
    }
}

/// An error before it is told in our words or in dfdx's.
enum Failure<DeviceError> {
    Device(DeviceError),
    Tensors { error: Error, ids: Vec<UniqueId> },
}

impl<DeviceError> From<Error> for Failure<DeviceError> {
    fn from(error: Error) -> Self {
        Failure::Tensors {
            error,
            ids: Vec::new(),
        }
    }
}

/// One tensor that is to be updated.
struct Planned {
    name: String,
    id: Option<UniqueId>,
    len: usize,
    found: Found,
    /// Whether all numbers of the gradient are finite.
    finite: bool,
}

/// Dotted paths, and whether a tensor was met under each.
struct Paths<'a>(Vec<(&'a str, bool)>);

impl<'a> Paths<'a> {
    fn of(paths: &'a BTreeSet<String>) -> Self {
        Paths(paths.iter().map(|path| (path.as_str(), false)).collect())
    }

    /// Whether `name` is under one of them.
    fn meet(&mut self, name: &str) -> bool {
        let mut found = false;
        for (path, met) in &mut self.0 {
            if is_under(name, path) {
                (*met, found) = (true, true);
            }
        }
        found
    }

    /// Those that name nothing in the model, if there are any.
    fn unmet(&self) -> Option<Vec<String>> {
        let unmet = self.0.iter().filter(|(_, met)| !met);
        let paths: Vec<String> = unmet.map(|(path, _)| path.to_string()).collect();
        (!paths.is_empty()).then_some(paths)
    }
}

/// First walk: reads all gradients and changes nothing.
struct Plan<'a, 'g, E: Dtype, D: Device<E>> {
    reader: Reader<'g, E, D>,
    frozen: Paths<'a>,
    only: Paths<'a>,
    tensors: Vec<Planned>,
}

impl<E: Dtype, D: Device<E>> TensorVisitor<E, D> for Plan<'_, '_, E, D> {
    type Viewer = (ViewTensorRef, ViewTensorName);
    type Err = D::Err;
    type E2 = E;
    type D2 = D;

    fn visit<S: Shape>(
        &mut self,
        options: TensorOptions<S, E, D>,
        (tensor, name): (&Tensor<S, E, D>, String),
    ) -> Result<Option<Tensor<S, E, D>>, D::Err> {
        // Each path is to be met, whatever the other says.
        let (frozen, among) = (self.frozen.meet(&name), self.only.meet(&name));
        let left_out = frozen || !(among || self.only.0.is_empty());
        if options.do_gradient_update && !left_out {
            let (found, finite) = self.reader.read(tensor, gradient::all_finite)?;
            let len = tensor.shape().num_elements();
            self.tensors.push(Planned {
                name,
                id: gradient::id(tensor),
                len,
                found,
                finite: finite.unwrap_or(true),
            });
        }
        Ok(None)
    }
}

impl<E: Dtype, D: Device<E>> Plan<'_, '_, E, D> {
    /// Everything that must hold before anything may be changed.
    fn check<R: Rule>(&self, rule: &R, state: &State<E>) -> Result<(), Failure<D::Err>> {
        if let Some(paths) = self.frozen.unmet() {
            return Err(Error::UnknownFrozen { paths }.into());
        }
        if let Some(paths) = self.only.unmet() {
            return Err(Error::UnknownOnly { paths }.into());
        }
        for tensor in &self.tensors {
            let Planned { name, len, .. } = tensor;
            let ids = || tensor.id.into_iter().collect();
            if tensor.found == Found::View {
                let error = Error::NotContiguous { name: name.clone() };
                return Err(Failure::Tensors { error, ids: ids() });
            }
            let moments = state.moments.get(name);
            if let Some(found) = moments.and_then(|m| m.wrong_length(rule.moments(), *len)) {
                let error = Error::MomentLength {
                    name: name.clone(),
                    expected: *len,
                    found,
                };
                return Err(Failure::Tensors { error, ids: ids() });
            }
        }
        self.refuse(
            self.tensors.iter().filter(|tensor| !tensor.finite),
            |names| Error::NonFiniteGradient { names },
        )
    }

    /// The error to return once all other tensors are updated.
    fn missing(&self) -> Result<(), Failure<D::Err>> {
        let missing = self
            .tensors
            .iter()
            .filter(|tensor| tensor.found == Found::Nothing);
        self.refuse(missing, |names| Error::NoGradient { names })
    }

    fn refuse<'t>(
        &self,
        tensors: impl Iterator<Item = &'t Planned>,
        error: impl Fn(Vec<String>) -> Error,
    ) -> Result<(), Failure<D::Err>> {
        let (names, ids): (Vec<_>, Vec<_>) = tensors
            .map(|tensor| (tensor.name.clone(), tensor.id))
            .unzip();
        match names.is_empty() {
            true => Ok(()),
            false => {
                let ids = ids.into_iter().flatten().collect();
                Err(Failure::Tensors {
                    error: error(names),
                    ids,
                })
            }
        }
    }
}

/// Second walk: updates the planned tensors, which it meets in the order of the first.
struct Apply<'a, R, E: Dtype, D: Device<E>, I> {
    rule: &'a R,
    state: &'a mut State<E>,
    gradients: Gradients<E, D>,
    planned: I,
}

impl<'a, R, E, D, I> TensorVisitor<E, D> for Apply<'a, R, E, D, I>
where
    R: Rule,
    E: Dtype,
    D: Device<E>,
    I: Iterator<Item = &'a Planned>,
{
    type Viewer = (ViewTensorMut, ViewTensorName);
    type Err = D::Err;
    type E2 = E;
    type D2 = D;

    fn visit<S: Shape>(
        &mut self,
        options: TensorOptions<S, E, D>,
        (tensor, name): (&mut Tensor<S, E, D>, String),
    ) -> Result<Option<Tensor<S, E, D>>, D::Err> {
        if !options.do_gradient_update || self.state.is_frozen(&name) {
            return Ok(None);
        }
        let Some(planned) = self.planned.next() else {
            return Ok(None);
        };
        if planned.found != Found::Gradient {
            return Ok(None);
        }
        let mut none = Moments::zeros(0, 0);
        let moments = match self.rule.moments() {
            0 => &mut none,
            count => {
                let entry = self.state.moments.entry(name);
                let moments = entry.or_insert_with(|| Moments::zeros(count, planned.len));
                moments.step += 1;
                moments
            }
        };
        // A clone of the tensor would share its memory, which then could not be written in place.
        let ghost = tensor.ghost();
        let memory = self.gradients.get_or_alloc_mut(&ghost)?;
        if let (Some(gradient), Some(param)) = (of_memory::<E, D>(memory), on_host_mut(tensor)) {
            self.rule.update(param, gradient, moments);
            return Ok(None);
        }
        let gradient = device::read(&self.gradients.get(&ghost))?;
        let mut param = vec![E::default(); planned.len];
        tensor.copy_into(&mut param);
        self.rule.update(&mut param, &gradient, moments);
        tensor.copy_from(&param);
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Adam, AdamConfig, AdamW, AdamWConfig, Sgd, SgdConfig};
    use dfdx::nn::modules;
    use dfdx::optim as theirs;
    use dfdx::optim::{Momentum, WeightDecay};
    use dfdx::prelude::*;

    type Layers<E> = (
        modules::Linear<4, 6, E, Cpu>,
        ReLU,
        modules::Linear<6, 2, E, Cpu>,
    );

    /// The same weights at every call.
    fn layers<E: Dtype>() -> Layers<E>
    where
        Cpu: Device<E>,
        (Linear<4, 6>, ReLU, Linear<6, 2>): BuildOnDevice<Cpu, E, Built = Layers<E>>,
    {
        Cpu::seed_from_u64(3).build_module::<(Linear<4, 6>, ReLU, Linear<6, 2>), E>()
    }

    /// The gradients of a quadratic loss on the `step`-th batch.
    macro_rules! gradients {
        ($model:expr, $dtype:ty, $step:expr) => {{
            let x: Tensor<Rank2<5, 4>, $dtype, _> = Cpu::seed_from_u64($step).sample_normal();
            let y = $model.forward(x.traced($model.alloc_grads()));
            (y - 0.5).square().mean().backward()
        }};
    }

    /// All parameters in order.
    macro_rules! values {
        ($model:expr) => {{
            let (first, _, last) = &$model;
            let tensors = [
                &first.bias.as_vec(),
                &first.weight.as_vec(),
                &last.bias.as_vec(),
            ];
            let mut values: Vec<f64> = tensors.into_iter().flatten().map(|&x| x.into()).collect();
            values.extend(last.weight.as_vec().into_iter().map(f64::from));
            values
        }};
    }

    /// Trains two copies for 20 steps and compares every parameter.
    macro_rules! same_as_dfdx {
        ($dtype:ty, $ours:expr, $theirs:ident, $config:expr) => {{
            let (mut a, mut b) = (layers::<$dtype>(), layers::<$dtype>());
            let start = values!(a);
            let mut ours = $ours.unwrap();
            let mut theirs = theirs::$theirs::new(&b, $config);
            for step in 0..20 {
                let gradients = gradients!(a, $dtype, step);
                ours.update(&mut a, &gradients).unwrap();
                let gradients = gradients!(b, $dtype, step);
                theirs.update(&mut b, &gradients).unwrap();
            }
            let (a, b) = (values!(a), values!(b));
            let moved = start
                .iter()
                .zip(&a)
                .filter(|(x, y)| (*x - *y).abs() > 1e-4)
                .count();
            assert!(moved > 30, "only {moved} of {} parameters moved", a.len());
            for (x, y) in a.iter().zip(&b) {
                assert!((x - y).abs() <= 1e-6, "{x} {y}");
            }
        }};
    }

    #[test]
    fn adam_and_adamw_equal_those_of_dfdx() {
        let lr = 1e-3;
        for weight_decay in [0.0, 0.1] {
            let adam = AdamConfig {
                lr,
                weight_decay,
                ..AdamConfig::default()
            };
            let adamw = AdamWConfig {
                lr,
                weight_decay,
                ..AdamWConfig::default()
            };
            let config = |weight_decay| theirs::AdamConfig {
                lr,
                weight_decay: Some(weight_decay),
                ..theirs::AdamConfig::default()
            };
            same_as_dfdx!(
                f32,
                Adam::new(adam),
                Adam,
                config(WeightDecay::L2(weight_decay))
            );
            same_as_dfdx!(
                f64,
                Adam::new(adam),
                Adam,
                config(WeightDecay::L2(weight_decay))
            );
            let decoupled = WeightDecay::Decoupled(weight_decay);
            same_as_dfdx!(f32, AdamW::new(adamw), Adam, config(decoupled));
            same_as_dfdx!(f64, AdamW::new(adamw), Adam, config(decoupled));
        }
    }

    #[test]
    fn sgd_equals_that_of_dfdx() {
        let lr = 0.05;
        let momenta = [
            (0.0, false, None),
            (0.9, false, Some(Momentum::Classic(0.9))),
            (0.9, true, Some(Momentum::Nesterov(0.9))),
        ];
        for (momentum, nesterov, theirs_momentum) in momenta {
            for decoupled_weight_decay in [false, true] {
                let weight_decay = 0.1;
                let ours = SgdConfig {
                    lr,
                    momentum,
                    nesterov,
                    weight_decay,
                    decoupled_weight_decay,
                };
                let theirs_config = theirs::SgdConfig {
                    lr,
                    momentum: theirs_momentum,
                    weight_decay: Some(match decoupled_weight_decay {
                        true => WeightDecay::Decoupled(weight_decay),
                        false => WeightDecay::L2(weight_decay),
                    }),
                };
                same_as_dfdx!(f32, Sgd::new(ours), Sgd, theirs_config);
                same_as_dfdx!(f64, Sgd::new(ours), Sgd, theirs_config);
            }
        }
    }

    #[test]
    fn frozen_tensors_keep_every_bit_and_thaw_with_their_moments() {
        let mut model = layers::<f32>();
        let config = SgdConfig {
            lr: 0.1,
            momentum: 0.9,
            weight_decay: 0.1,
            ..Default::default()
        };
        let mut sgd = Sgd::new(config).unwrap();
        let gradients = gradients!(model, f32, 0);
        sgd.update(&mut model, &gradients).unwrap();
        let before = model.clone();
        sgd.freeze("0");
        sgd.freeze("2.bias");
        for step in 1..5 {
            let gradients = gradients!(model, f32, step);
            sgd.update(&mut model, &gradients).unwrap();
        }
        assert_eq!(model.0.weight.as_vec(), before.0.weight.as_vec());
        assert_eq!(model.0.bias.as_vec(), before.0.bias.as_vec());
        assert_eq!(model.2.bias.as_vec(), before.2.bias.as_vec());
        assert_ne!(model.2.weight.as_vec(), before.2.weight.as_vec());
        assert_eq!(sgd.state.moments["0.weight"].step, 1);
        assert_eq!(sgd.state.moments["2.weight"].step, 5);
        assert!(sgd.unfreeze("0"));
        assert!(!sgd.unfreeze("0"));
        let gradients = gradients!(model, f32, 5);
        sgd.update(&mut model, &gradients).unwrap();
        assert_ne!(model.0.weight.as_vec(), before.0.weight.as_vec());
        assert_eq!(sgd.state.step, 6);
    }

    #[test]
    fn only_what_is_named_is_trained() {
        let mut model = layers::<f32>();
        let before = model.clone();
        let mut adam = Adam::new(AdamConfig::default()).unwrap();
        adam.only("2");
        adam.only("0.bias");
        adam.freeze("2.bias");
        let gradients = gradients!(model, f32, 0);
        adam.update(&mut model, &gradients).unwrap();
        assert_eq!(model.0.weight.as_vec(), before.0.weight.as_vec());
        assert_eq!(model.2.bias.as_vec(), before.2.bias.as_vec());
        assert_ne!(model.0.bias.as_vec(), before.0.bias.as_vec());
        assert_ne!(model.2.weight.as_vec(), before.2.weight.as_vec());
        let names: Vec<&String> = adam.state.moments.keys().collect();
        assert_eq!(names, ["0.bias", "2.weight"]);

        adam.train_all();
        adam.update(&mut model, &gradients).unwrap();
        assert_ne!(model.0.weight.as_vec(), before.0.weight.as_vec());
        assert_eq!(model.2.bias.as_vec(), before.2.bias.as_vec());

        adam.only("0.weights");
        let (values, state) = (values!(model), adam.state.clone());
        let error = adam.update(&mut model, &gradients).unwrap_err();
        let paths = vec!["0.weights".to_string()];
        assert_eq!(error, Error::UnknownOnly { paths });
        assert_eq!((values!(model), adam.state), (values, state));
    }

    #[test]
    fn tensors_that_are_not_trained_keep_every_bit() {
        let device = Cpu::seed_from_u64(4);
        let mut model = device.build_module::<BatchNorm2D<3>, f64>();
        model.running_mean.copy_from(&[0.3, -0.0, 7.0]);
        let x: Tensor<Rank4<4, 3, 2, 2>, f64, _> = device.sample_normal();
        let y = model.forward_mut(x.traced(model.alloc_grads()));
        let gradients = (y - 1.0).square().mean().backward();
        let before = model.clone();
        let config = AdamWConfig {
            weight_decay: 0.5,
            ..AdamWConfig::default()
        };
        AdamW::new(config)
            .unwrap()
            .update(&mut model, &gradients)
            .unwrap();
        assert_eq!(model.running_mean.as_vec(), before.running_mean.as_vec());
        assert_eq!(model.running_var.as_vec(), before.running_var.as_vec());
        assert_ne!(model.scale.as_vec(), before.scale.as_vec());
        assert_ne!(model.bias.as_vec(), before.bias.as_vec());
    }

    #[test]
    fn a_missing_gradient_is_named_after_the_others_were_updated() {
        let mut model = layers::<f32>();
        let before = model.clone();
        // The loss depends on the first layer only, and nothing allocates the other gradients.
        let gradients = model.0.weight.leaky_trace().square().sum().backward();
        let mut adam = Adam::new(AdamConfig::default()).unwrap();
        let error = adam.update(&mut model, &gradients).unwrap_err();
        let mut names = match error {
            Error::NoGradient { names } => names,
            other => panic!("{other}"),
        };
        names.sort();
        assert_eq!(names, ["0.bias", "2.bias", "2.weight"]);
        assert_ne!(model.0.weight.as_vec(), before.0.weight.as_vec());
        assert_eq!(model.0.bias.as_vec(), before.0.bias.as_vec());
        assert_eq!(model.2.weight.as_vec(), before.2.weight.as_vec());

        match Optimizer::update(&mut adam, &mut model, &gradients) {
            Err(OptimizerUpdateError::UnusedParams(unused)) => assert_eq!(unused.ids.len(), 3),
            other => panic!("{other:?}"),
        }
        for path in names {
            adam.freeze(path);
        }
        adam.update(&mut model, &gradients).unwrap();
    }

    #[test]
    fn a_gradient_that_is_not_finite_changes_nothing() {
        let mut model = layers::<f32>();
        let mut adam = Adam::new(AdamConfig::default()).unwrap();
        let gradients = gradients!(model, f32, 0);
        adam.update(&mut model, &gradients).unwrap();
        let (before, state) = (model.clone(), adam.state.clone());
        for factor in [f32::NAN, f32::INFINITY] {
            let mut gradients = gradients!(model, f32, 1);
            gradients.get_or_alloc_mut(&model.2.bias).unwrap()[1] = factor;
            let error = adam.update(&mut model, &gradients).unwrap_err();
            assert_eq!(
                error,
                Error::NonFiniteGradient {
                    names: vec!["2.bias".to_string()]
                }
            );
            assert_eq!(values!(model), values!(before));
            assert_eq!(adam.state, state);
        }
    }

    #[test]
    fn wrong_names_wrong_moments_views_and_settings_change_nothing() {
        let mut model = layers::<f32>();
        let before = values!(model);
        let gradients = gradients!(model, f32, 0);
        let mut adam = Adam::new(AdamConfig::default()).unwrap();
        adam.freeze("fc1");
        let error = adam.update(&mut model, &gradients).unwrap_err();
        assert_eq!(
            error,
            Error::UnknownFrozen {
                paths: vec!["fc1".to_string()]
            }
        );
        adam.unfreeze("fc1");

        adam.state
            .moments
            .insert("2.bias".to_string(), Moments::zeros(2, 3));
        let error = adam.update(&mut model, &gradients).unwrap_err();
        let name = "2.bias".to_string();
        assert_eq!(
            error,
            Error::MomentLength {
                name,
                expected: 2,
                found: 3
            }
        );
        adam.state = State::default();

        adam.config.lr = f64::NAN;
        let error = adam.update(&mut model, &gradients).unwrap_err();
        assert!(
            matches!(error, Error::Setting { name: "lr", .. }),
            "{error}"
        );
        assert_eq!(values!(model), before);
        assert_eq!(adam.state, State::default());
        adam.config.lr = 0.1;

        let square: Tensor<Rank2<3, 3>, f32, _> = Cpu::default().sample_normal();
        let mut view: Tensor<Rank2<3, 3>, f32, _> = square.permute();
        let gradients = view.leaky_trace().sum().backward();
        let error = adam.update(&mut view, &gradients).unwrap_err();
        assert_eq!(
            error,
            Error::NotContiguous {
                name: String::new()
            }
        );
    }
}
