//! An optimiser that is chosen at run time.

use super::Error;
use super::flat::Flat;
use crate::train::TrainingDevice;
use bayes_core::checkpoint::Checkpoint;
use bayes_core::optim::{
    self, Adam, AdamConfig, AdamW, AdamWConfig, DeviceAdam, Moments, Sgd, SgdConfig, State,
};
use bayes_core::prelude::{Gradients, Kernels};
use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::path::Path;

/// One of the optimisers: stochastic gradient descent, Adam, or Adam with decoupled weight decay.
///
/// It trains on every device, and on another than before. On a GPU Adam's moments are the GPU's memory, and gradients that
/// are not finite are not refused; the others bring the gradients to the host.
///
/// ```
/// use bayes_core::optim::AdamConfig;
/// use bayes_models::models::Optimizer;
///
/// let mut adam = Optimizer::adam(AdamConfig::default())?;
/// adam.set_learning_rate(1e-4);
/// assert_eq!((adam.name(), adam.learning_rate()), ("adam", 1e-4));
/// # Ok::<(), bayes_models::models::Error>(())
/// ```
#[derive(Debug)]
pub struct Optimizer {
    rule: Rule,
    /// Adam's moments while they are on a device; its state has none then.
    away: Option<Box<dyn Away>>,
}

#[derive(Debug)]
enum Rule {
    /// Stochastic gradient descent.
    Sgd(Sgd<f32>),
    /// Adam (Kingma and Ba 2015).
    Adam(Adam<f32>),
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
    AdamW(AdamW<f32>),
}

/// Runs code with the optimiser, whichever it is.
macro_rules! with_rule {
    ($rule:expr, |$one:ident| $body:expr) => {
        match $rule {
            Rule::Sgd($one) => $body,
            Rule::Adam($one) => $body,
            Rule::AdamW($one) => $body,
        }
    };
}

impl From<Rule> for Optimizer {
    fn from(rule: Rule) -> Self {
        Self { rule, away: None }
    }
}

impl Optimizer {
    /// Stochastic gradient descent.
    ///
    /// # Errors
    /// A setting that is out of range.
    pub fn sgd(config: SgdConfig) -> Result<Self, Error> {
        Ok(Rule::Sgd(Sgd::new(config)?).into())
    }

    /// Adam (Kingma and Ba 2015).
    ///
    /// # Errors
    /// A setting that is out of range.
    pub fn adam(config: AdamConfig) -> Result<Self, Error> {
        Ok(Rule::Adam(Adam::new(config)?).into())
    }

    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
    ///
    /// # Errors
    /// A setting that is out of range.
    pub fn adamw(config: AdamWConfig) -> Result<Self, Error> {
        Ok(Rule::AdamW(AdamW::new(config)?).into())
    }

    /// Its name: `sgd`, `adam` or `adamw`.
    pub fn name(&self) -> &'static str {
        match self.rule {
            Rule::Sgd(_) => "sgd",
            Rule::Adam(_) => "adam",
            Rule::AdamW(_) => "adamw",
        }
    }

    /// The learning rate of the next update.
    pub fn learning_rate(&self) -> f64 {
        with_rule!(&self.rule, |one| one.config.lr)
    }

    /// Sets the learning rate of the next update; the update fails where it is negative or not finite.
    pub fn set_learning_rate(&mut self, rate: f64) {
        with_rule!(&mut self.rule, |one| one.config.lr = rate);
    }

    /// The number of updates so far.
    pub fn steps(&self) -> u64 {
        with_rule!(&self.rule, |one| one.state.step)
    }

    /// Leaves the tensors at `path` and below as they are.
    pub fn freeze(&mut self, path: &str) {
        with_rule!(&mut self.rule, |one| one.freeze(path));
    }

    /// Trains the tensors at `path` and below, and those of earlier calls, alone.
    pub fn only(&mut self, path: &str) {
        with_rule!(&mut self.rule, |one| one.only(path));
    }

    /// One step along `gradients`.
    pub(super) fn update<D: TrainingDevice>(
        &mut self,
        flat: &mut Flat<D>,
        gradients: &mut Gradients<f32, D>,
        device: &D,
    ) -> Result<(), optim::Error> {
        if D::KEEPS_MOMENTS
            && let Rule::Adam(adam) = &mut self.rule
        {
            return update_there(adam, &mut self.away, flat, gradients, device);
        }
        if let Rule::Adam(adam) = &mut self.rule {
            adam.state = whole(adam, self.away.as_deref())?;
            self.away = None;
        }
        with_rule!(&mut self.rule, |one| one.update(flat, gradients))
    }

    /// Writes a checkpoint with its state.
    pub(super) fn save<D: Kernels<f32>>(
        &self,
        checkpoint: &Checkpoint,
        path: &Path,
        flat: &Flat<D>,
    ) -> Result<(), Error> {
        match (&self.rule, self.away.as_deref()) {
            (Rule::Adam(adam), Some(away)) => {
                let mut home = Adam::new(adam.config)?;
                home.state = whole(adam, Some(away))?;
                checkpoint.save_with_optimizer(path, flat, &home)?;
            }
            (rule, _) => {
                with_rule!(rule, |one| checkpoint.save_with_optimizer(path, flat, one))?;
            }
        }
        Ok(())
    }

    /// Loads a checkpoint with its state; gives the notes.
    pub(super) fn load<D: Kernels<f32>>(
        &mut self,
        checkpoint: &Checkpoint,
        path: &Path,
        flat: &mut Flat<D>,
    ) -> Result<BTreeMap<String, String>, Error> {
        let notes = with_rule!(&mut self.rule, |one| checkpoint
            .load_with_optimizer(path, flat, one))?;
        self.away = None;
        Ok(notes)
    }
}

/// Adam's moments on a device of some type.
trait Away: Debug {
    /// Copies on the host.
    fn moments(&self) -> Result<BTreeMap<String, Moments<f32>>, optim::Error>;

    fn as_any(&mut self) -> &mut dyn Any;
}

#[derive(Debug)]
struct OnDevice<D: Kernels<f32>> {
    adam: DeviceAdam<f32, D>,
    ordinal: usize,
    /// What it leaves as it is: of the state, the two lists of paths.
    paths: [BTreeSet<String>; 2],
}

impl<D: Kernels<f32>> Away for OnDevice<D> {
    fn moments(&self) -> Result<BTreeMap<String, Moments<f32>>, optim::Error> {
        Ok(self.adam.state()?.moments)
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

/// Adam's state with its moments, wherever they are.
fn whole(adam: &Adam<f32>, away: Option<&dyn Away>) -> Result<State<f32>, optim::Error> {
    let mut state = adam.state.clone();
    if let Some(away) = away {
        state.moments = away.moments()?;
    }
    Ok(state)
}

/// One step of Adam with its moments on the model's device, where they go if they are not there yet.
fn update_there<D: Kernels<f32>>(
    adam: &mut Adam<f32>,
    away: &mut Option<Box<dyn Away>>,
    flat: &mut Flat<D>,
    gradients: &mut Gradients<f32, D>,
    device: &D,
) -> Result<(), optim::Error> {
    let ordinal = device.ordinal();
    let paths = [&adam.state.frozen, &adam.state.only];
    let there = away
        .as_mut()
        .and_then(|away| away.as_any().downcast_mut::<OnDevice<D>>())
        .filter(|there| there.ordinal == ordinal && there.paths.each_ref() == paths);
    let there = match there {
        Some(there) => there,
        None => {
            let paths = paths.map(BTreeSet::clone);
            let state = whole(adam, away.as_deref())?;
            let moved = OnDevice {
                adam: DeviceAdam::from_state(adam.config, state, device)?,
                ordinal,
                paths,
            };
            adam.state.moments.clear();
            away.insert(Box::new(moved))
                .as_any()
                .downcast_mut::<OnDevice<D>>()
                .unwrap_or_else(|| unreachable!("it was put there"))
        }
    };
    there.adam.config = adam.config;
    there.adam.update(flat, gradients)?;
    adam.state.step += 1;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Optimizer, Rule, update_there, whole};
    use crate::models::dynamic::flat::Flat;
    use bayes_core::checkpoint::Checkpoint;
    use bayes_core::optim::AdamConfig;
    use bayes_core::prelude::{
        Backward, BuildOnDevice, Cpu, DeviceBuildExt, Gradients, Linear, MeanTo, Module, Rank2,
        SampleTensor, Tensor, Trace, ZeroGrads,
    };

    type Net = Linear<4, 3>;

    /// Gradients of a net on the CPU, and its tensors.
    fn gradients(
        net: &Built<Net>,
        x: &Tensor<Rank2<6, 4>, f32, Cpu>,
    ) -> (Flat<Cpu>, Gradients<f32, Cpu>) {
        let flat = Flat::of(net).unwrap();
        let loss = net.forward(x.trace(flat.alloc_grads())).square().mean();
        (flat, loss.backward())
    }

    type Built<S> = <S as BuildOnDevice<Cpu, f32>>::Built;

    /// Moments go to a device, come back into a file and go there again, and paths may change meanwhile.
    #[test]
    fn adam_with_its_moments_away_is_adam() {
        let device = Cpu::seed_from_u64(1);
        let x: Tensor<Rank2<6, 4>, f32, _> = device.sample_normal();
        let home: Built<Net> = device.build_module::<Net, f32>();
        let mut nets = [home.clone(), home];
        let mut adams = [(); 2].map(|()| Optimizer::adam(AdamConfig::default()).unwrap());
        let file = tempfile::NamedTempFile::new().unwrap();
        for step in 0..6 {
            if step == 3 {
                adams.iter_mut().for_each(|adam| adam.freeze("bias"));
            }
            let [home, there] = &mut nets;
            let [adam, away] = &mut adams;
            let (mut flat, mut found) = gradients(home, &x);
            adam.update(&mut flat, &mut found, &device).unwrap();
            flat.give(home).unwrap();

            let (mut flat, mut found) = gradients(there, &x);
            let Rule::Adam(rule) = &mut away.rule else {
                unreachable!("it is Adam")
            };
            update_there(rule, &mut away.away, &mut flat, &mut found, &device).unwrap();
            assert!(rule.state.moments.is_empty());
            if step == 4 {
                let notes = Checkpoint::new();
                away.save(&notes, file.path(), &flat).unwrap();
                away.load(&notes, file.path(), &mut flat).unwrap();
                assert!(away.away.is_none());
            }
            flat.give(there).unwrap();
        }
        assert_eq!([adams[0].steps(), adams[1].steps()], [6, 6]);
        let weights = nets.map(|net| [net.weight.as_vec(), net.bias.as_vec()].concat());
        for (a, b) in weights[0].iter().zip(&weights[1]) {
            assert!((a - b).abs() < 1e-6, "{a} {b}");
        }
        let [adam, away] = adams;
        let (Rule::Adam(adam), Rule::Adam(rule)) = (&adam.rule, &away.rule) else {
            unreachable!("both are Adam")
        };
        let state = whole(rule, away.away.as_deref()).unwrap();
        assert_eq!(state.frozen, adam.state.frozen);
        for (name, moments) in &adam.state.moments {
            assert_eq!(state.moments[name].step, moments.step, "{name}");
            for (a, b) in state.moments[name].second.iter().zip(&moments.second) {
                assert!((a - b).abs() < 1e-6, "{name}: {a} {b}");
            }
        }
    }
}
