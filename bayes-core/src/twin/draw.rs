//! What a view of a model carries: the key of its draw, and where the noise comes from.

use crate::draw::{Key, Noise as Kind};
use crate::error::Error;
use crate::estimator::EstimatorKind;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// Noise by path and kind.
type Given = HashMap<(u64, Kind), Vec<f32>>;

/// One draw of a model's weights and noise, as a layer sees it.
///
/// Made from a [`Key`]; cheap to clone, and different for each field of a model by the key's path.
#[derive(Clone, Debug)]
pub struct Draw {
    key: Key,
    joint: bool,
    drops: bool,
    estimator: Option<EstimatorKind>,
    given: Option<Arc<Given>>,
    problem: Option<Arc<OnceLock<Error>>>,
}

impl From<Key> for Draw {
    fn from(key: Key) -> Self {
        Self {
            key,
            joint: false,
            drops: false,
            estimator: None,
            given: None,
            problem: None,
        }
    }
}

impl From<&Draw> for Draw {
    fn from(draw: &Draw) -> Self {
        draw.clone()
    }
}

impl Draw {
    /// The key, with the path of the layer that holds this.
    pub fn key(&self) -> Key {
        self.key
    }

    /// The draw as the field `name` sees it.
    #[must_use]
    pub fn field(&self, name: &str) -> Self {
        Self {
            key: self.key.field(name),
            ..self.clone()
        }
    }

    /// The draw as part `i` sees it.
    #[must_use]
    pub fn index(&self, i: usize) -> Self {
        Self {
            key: self.key.index(i),
            ..self.clone()
        }
    }

    /// Asks for a joint draw: all examples see the same weights, where an estimator would otherwise draw each
    /// example's outputs by themselves.
    #[must_use]
    pub fn joint(self) -> Self {
        Self {
            joint: true,
            ..self
        }
    }

    /// Whether a joint draw is asked for.
    pub fn is_joint(&self) -> bool {
        self.joint
    }

    /// Makes dropout drop in prediction too: each draw is a subnetwork (Gal and Ghahramani 2016).
    #[must_use]
    pub fn dropping(self) -> Self {
        Self {
            drops: true,
            ..self
        }
    }

    /// Whether dropout drops in prediction.
    pub fn drops(&self) -> bool {
        self.drops
    }

    /// Draws by this estimator, whatever the layers' types say.
    #[must_use]
    pub fn estimated_by(self, estimator: EstimatorKind) -> Self {
        Self {
            estimator: Some(estimator),
            ..self
        }
    }

    /// The estimator that this draw names, else the layer's own.
    pub fn estimator_or(&self, own: EstimatorKind) -> EstimatorKind {
        self.estimator.unwrap_or(own)
    }

    /// Whether this is the posterior mean.
    pub fn is_mean(&self) -> bool {
        self.key.draw.is_none()
    }

    /// For tests: takes noise from `given`, by path and kind, where it is there.
    #[doc(hidden)]
    #[must_use]
    pub fn with_given(self, given: Given) -> Self {
        Self {
            given: Some(Arc::new(given)),
            ..self
        }
    }

    /// What `run` makes of this draw. Where it fails, what a layer has reported says more than the device's error, which
    /// has no room for it.
    pub(crate) fn reported<R, Err>(
        self,
        run: impl FnOnce(&Self) -> Result<R, Err>,
        of_device: impl FnOnce(Err) -> Error,
    ) -> Result<R, Error> {
        let problem = Arc::new(OnceLock::new());
        let draw = Self {
            problem: Some(problem.clone()),
            ..self
        };
        let result = run(&draw);
        drop(draw);
        result.map_err(|error| {
            let reported = Arc::into_inner(problem).and_then(OnceLock::into_inner);
            reported.unwrap_or_else(|| of_device(error))
        })
    }

    /// Says what is wrong to whoever made the draw. The first problem stays.
    pub(crate) fn report(&self, error: Error) {
        if let Some(problem) = &self.problem {
            // A second problem follows from the first.
            let _ = problem.set(error);
        }
    }

    /// Normal noise for the tensor `field` of this layer, or `None` for the mean.
    pub fn weight_noise(&self, field: &str) -> Option<Noise> {
        let key = self.key.field(field);
        self.given_noise(key.path, Kind::Weight)
            .or_else(|| key.stream(Kind::Weight).map(Noise::Tensor))
    }

    /// Noise for the tensor `field` in a random direction, its length the size of one normal number: a radial posterior's.
    pub fn radial_noise(&self, field: &str) -> Option<Noise> {
        let key = self.key.field(field);
        let radius = key.stream(Kind::Radius)?;
        match self.weight_noise(field)? {
            Noise::Tensor(direction) => Some(Noise::Radial { direction, radius }),
            given => Some(given),
        }
    }

    /// Normal noise for the directions of a low-rank posterior of the tensor `field`, or `None` for the mean.
    pub fn factor_noise(&self, field: &str) -> Option<Noise> {
        let key = self.key.field(field);
        self.given_noise(key.path, Kind::Factor)
            .or_else(|| key.stream(Kind::Factor).map(Noise::Tensor))
    }

    /// Noise for each of `examples` rows of this layer's input or output, or `None` for the mean.
    pub fn example_noise(&self, kind: Kind, examples: usize) -> Option<Noise> {
        self.key.draw?;
        self.given_noise(self.key.path, kind)
            .or(Some(Noise::Examples {
                key: self.key,
                kind,
                examples,
            }))
    }

    fn given_noise(&self, path: u64, kind: Kind) -> Option<Noise> {
        self.key.draw?;
        let noise = self.given.as_ref()?.get(&(path, kind))?;
        Some(Noise::Given(noise.as_slice().into()))
    }
}

/// A source of noise that gives the same numbers each time it is asked.
#[derive(Clone, Debug)]
pub enum Noise {
    /// The elements of one tensor.
    Tensor(crate::draw::Stream),
    /// The elements of one tensor, scaled together: `direction/‖direction‖·radius`.
    Radial {
        /// Normal numbers that give the direction.
        direction: crate::draw::Stream,
        /// A normal number: the length.
        radius: crate::draw::Stream,
    },
    /// Rows of noise, one per example, by the example's absolute index.
    Examples {
        /// The layer's key.
        key: Key,
        /// Which noise.
        kind: Kind,
        /// Number of rows.
        examples: usize,
    },
    /// These numbers, for tests: as many as are asked for.
    #[doc(hidden)]
    Given(Arc<[f32]>),
}

impl Noise {
    /// Noise that is 0 everywhere.
    pub(crate) fn none(len: usize) -> Self {
        Self::Given(vec![0.0; len].into())
    }

    /// Standard normal numbers, or for radial noise a direction of that many.
    pub fn normal(&self, len: usize) -> Vec<f32> {
        let mut z = self.fill(len, |stream, out| stream.fill_normal(0, out));
        if let Self::Radial { radius, .. } = self {
            let squares: f64 = z.iter().map(|&z| f64::from(z) * f64::from(z)).sum();
            let scale = f64::from(radius.normal_at(0)) / squares.sqrt().max(f64::MIN_POSITIVE);
            z.iter_mut()
                .for_each(|z| *z = (f64::from(*z) * scale) as f32);
        }
        z
    }

    /// Signs, ±1.
    pub fn signs(&self, len: usize) -> Vec<f32> {
        self.fill(len, |stream, out| stream.fill_signs(0, out))
    }

    /// Uniform numbers in [0, 1).
    pub fn uniform(&self, len: usize) -> Vec<f32> {
        self.fill(len, |stream, out| stream.fill_uniform(0, out))
    }

    fn fill(&self, len: usize, fill: impl Fn(&crate::draw::Stream, &mut [f32])) -> Vec<f32> {
        let mut out = vec![0.0; len];
        match self {
            Self::Tensor(stream)
            | Self::Radial {
                direction: stream, ..
            } => fill(stream, &mut out),
            Self::Examples {
                key,
                kind,
                examples,
            } => {
                let width = len / (*examples).max(1);
                for (row, out) in out.chunks_exact_mut(width.max(1)).enumerate() {
                    if let Some(stream) = key.example_stream(*kind, row as u64) {
                        fill(&stream, out);
                    }
                }
            }
            Self::Given(noise) => out.copy_from_slice(noise),
        }
        out
    }
}
