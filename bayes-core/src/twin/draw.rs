//! What a view of a model carries: the key of its draw, and where the noise comes from.

use crate::device::{Kernels, LinearSize, PackedWeight};
use crate::draw::{DrawId, Key, Noise as Kind, Stream};
use crate::error::Error;
use crate::estimator::EstimatorKind;
use crate::kernels::fresh::in_pieces;
use crate::twin::Kept;
use dfdx::prelude::{Device, Dtype, Shape, Tape, Tensor};
use dfdx::tensor::{PutTape, SplitTape};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// Floating-point operations of a product that take as long as a number of noise, roughly, to judge whether it is worth sharing.
const OPERATIONS: usize = 96;

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
    kept: Option<Arc<Kept>>,
    /// What the parts of a batch share in this draw.
    weights: Option<Arc<Kept>>,
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
            kept: None,
            weights: None,
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

    /// The draw, which shares with others what all of them compute alike.
    #[must_use]
    pub(crate) fn sharing(self, kept: &Arc<Kept>) -> Self {
        Self {
            kept: Some(kept.clone()),
            ..self
        }
    }

    /// The draw of one part of a batch, which shares its weights with the others.
    #[must_use]
    pub(crate) fn of_part(self, weights: &Arc<Kept>) -> Self {
        Self {
            weights: Some(weights.clone()),
            ..self
        }
    }

    /// What this draw makes of the layer's tensor `field`, `what` of it: made once for all parts of a batch, where there
    /// are several.
    pub(crate) fn once<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
        &self,
        (field, what): (&str, &'static str),
        make: impl FnOnce() -> Result<Tensor<S, E, D, T>, D::Err>,
    ) -> Result<Tensor<S, E, D, T>, D::Err> {
        match self.weights.as_ref().filter(|_| Kept::takes::<E, D, T>()) {
            Some(weights) => weights.tensor((self.key.field(field).path, what, None), make),
            None => make(),
        }
    }

    /// The tensor `what` of this layer's tensor `field`, which is the same in all draws of a prediction: made if no draw
    /// has made it. `None` where draws share nothing.
    pub(crate) fn shared<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
        &self,
        (field, what): (&str, &'static str),
        make: impl FnOnce() -> Result<Tensor<S, E, D, T>, D::Err>,
    ) -> Option<Result<Tensor<S, E, D, T>, D::Err>> {
        let kept = self.kept.as_ref().filter(|_| Kept::takes::<E, D, T>())?;
        Some(kept.tensor((self.key.field(field).path, what, None), make))
    }

    /// A weight of this layer that is the same in all draws of a prediction, in the form in which it is multiplied, made if no
    /// draw has made it. `None` where draws share nothing, or the device multiplies it as it is.
    pub(crate) fn packed<W: Shape, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
        &self,
        what: &'static str,
        weight: impl FnOnce() -> Result<Tensor<W, E, D, T>, D::Err>,
        size: LinearSize,
    ) -> Result<Option<Arc<PackedWeight<E>>>, D::Err> {
        match self.kept.as_ref().filter(|_| Kept::takes::<E, D, T>()) {
            None => Ok(None),
            Some(kept) => kept.value((self.key.path, what, None), || {
                Ok(D::packed(weight()?, size))
            }),
        }
    }

    /// What this layer makes of `x` in all draws alike, `what` of it. Where `x` is the prediction's input, one draw makes it
    /// for all.
    pub(crate) fn of_input<X: Shape, S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
        &self,
        what: &'static str,
        x: Tensor<X, E, D, T>,
        make: impl FnOnce(Tensor<X, E, D, T>) -> Result<Tensor<S, E, D, T>, D::Err>,
    ) -> Result<Tensor<S, E, D, T>, D::Err> {
        let kept = self.kept.as_ref().filter(|_| Kept::takes::<E, D, T>());
        let Some(kept) = kept else {
            return make(x);
        };
        let (x, tape) = x.split_tape();
        let id = crate::optim::id(&x).filter(|&id| kept.is_input(id));
        let x = x.put_tape(tape);
        match id {
            Some(id) => kept.tensor((self.key.path, what, Some(id)), || make(x)),
            None => make(x),
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
            .or_else(|| Noise::tensor(key, Kind::Weight))
    }

    /// Noise for the tensor `field` in a random direction, its length the size of one normal number: a radial posterior's.
    pub fn radial_noise(&self, field: &str) -> Option<Noise> {
        match self.weight_noise(field)? {
            Noise::Tensor { key, .. } => Some(Noise::Radial { key }),
            given => Some(given),
        }
    }

    /// Normal noise for the directions of a low-rank posterior of the tensor `field`, or `None` for the mean.
    pub fn factor_noise(&self, field: &str) -> Option<Noise> {
        let key = self.key.field(field);
        self.given_noise(key.path, Kind::Factor)
            .or_else(|| Noise::tensor(key, Kind::Factor))
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
#[derive(Clone, Debug, PartialEq)]
pub enum Noise {
    /// The elements of one tensor.
    Tensor {
        /// The tensor's key, of a draw.
        key: Key,
        /// Which noise.
        kind: Kind,
    },
    /// The elements of one tensor, scaled together: `direction/‖direction‖·radius`, the direction its normal numbers and
    /// the radius one more.
    Radial {
        /// The tensor's key, of a draw.
        key: Key,
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

/// What is made of a stream's random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Standard normal numbers, or for radial noise a direction of that many.
    Normal,
    /// ±1.
    Signs,
    /// In [0, 1).
    Uniform,
    /// What dropout multiplies with: 0 where a uniform number is below the f32 of these bits, else what keeps the mean.
    Mask(u32),
}

impl Sort {
    /// The mask of a dropout of the fraction `p`.
    pub(crate) fn mask(p: f32) -> Self {
        Self::Mask(p.to_bits())
    }
}

impl Noise {
    /// Noise that is the same number everywhere.
    pub(crate) fn constant(number: f32, len: usize) -> Self {
        Self::Given(vec![number; len].into())
    }

    /// The noise of a whole tensor; `None` for the mean.
    pub(crate) fn tensor(key: Key, kind: Kind) -> Option<Self> {
        key.draw?;
        Some(Self::Tensor { key, kind })
    }

    /// Standard normal numbers, or for radial noise a direction of that many.
    pub fn normal(&self, len: usize) -> Vec<f32> {
        self.filled(Sort::Normal, len)
    }

    /// Signs, ±1.
    pub fn signs(&self, len: usize) -> Vec<f32> {
        self.filled(Sort::Signs, len)
    }

    /// Uniform numbers in [0, 1).
    pub fn uniform(&self, len: usize) -> Vec<f32> {
        self.filled(Sort::Uniform, len)
    }

    /// What a dropout of the fraction `p` multiplies with: 0, or `1/(1 − p)`.
    pub(crate) fn mask(&self, len: usize, p: f32) -> Vec<f32> {
        self.filled(Sort::mask(p), len)
    }

    fn filled(&self, sort: Sort, len: usize) -> Vec<f32> {
        if self.in_pieces() {
            return in_pieces(len, OPERATIONS, |first, out| self.fill(sort, first, out));
        }
        let mut out = vec![0.0; len];
        self.fill(sort, 0, &mut out);
        out
    }

    /// The numbers from `first` on. Only noise [in pieces](Self::in_pieces) has another first than 0.
    pub(crate) fn fill(&self, sort: Sort, first: usize, out: &mut [f32]) {
        match self {
            Self::Tensor { key, kind } => {
                if let Some(stream) = key.stream(*kind) {
                    sort.fill(&stream, first, out);
                }
            }
            Self::Radial { key } => {
                if let (Some(direction), Some(radius)) =
                    (key.stream(Kind::Weight), key.stream(Kind::Radius))
                {
                    sort.fill(&direction, first, out);
                    let squares: f64 = out.iter().map(|&z| f64::from(z) * f64::from(z)).sum();
                    let length = squares.sqrt().max(f64::MIN_POSITIVE);
                    let scale = f64::from(radius.normal_at(0)) / length;
                    out.iter_mut()
                        .for_each(|z| *z = (f64::from(*z) * scale) as f32);
                }
            }
            Self::Examples {
                key,
                kind,
                examples,
            } => {
                let width = out.len() / (*examples).max(1);
                for (row, out) in out.chunks_exact_mut(width.max(1)).enumerate() {
                    if let Some(stream) = key.example_stream(*kind, row as u64) {
                        sort.fill(&stream, first, out);
                    }
                }
            }
            Self::Given(noise) => {
                out.copy_from_slice(&noise[first..first + out.len()]);
                sort.of_uniform(out);
            }
        }
    }

    /// Whether each number depends on its index alone, so that they can be made in pieces.
    pub(crate) fn in_pieces(&self) -> bool {
        matches!(self, Self::Tensor { .. } | Self::Given(_))
    }

    /// The draw that this is of, and the same noise of no draw in particular; `None` for numbers that are given.
    pub(crate) fn without_draw(&self) -> Option<(DrawId, Self)> {
        let id = self.key()?.draw?;
        Some((id, self.with_draw(None)))
    }

    /// The noise [without a draw](Self::without_draw) in a draw.
    pub(crate) fn in_draw(&self, id: DrawId) -> Self {
        self.with_draw(Some(id))
    }

    fn key(&self) -> Option<Key> {
        match self {
            Self::Tensor { key, .. } | Self::Radial { key } | Self::Examples { key, .. } => {
                Some(*key)
            }
            Self::Given(_) => None,
        }
    }

    fn with_draw(&self, draw: Option<DrawId>) -> Self {
        let mut noise = self.clone();
        match &mut noise {
            Self::Tensor { key, .. } | Self::Radial { key } | Self::Examples { key, .. } => {
                key.draw = draw;
            }
            Self::Given(_) => {}
        }
        noise
    }
}

impl Sort {
    fn fill(self, stream: &Stream, first: usize, out: &mut [f32]) {
        match self {
            Self::Normal => stream.fill_normal(first, out),
            Self::Signs => stream.fill_signs(first, out),
            Self::Uniform | Self::Mask(_) => stream.fill_uniform(first, out),
        }
        self.of_uniform(out);
    }

    /// Makes a mask of uniform numbers, where a mask is asked for.
    fn of_uniform(self, out: &mut [f32]) {
        if let Self::Mask(bits) = self {
            let p = f32::from_bits(bits);
            let kept = if p < 1.0 { 1.0 / (1.0 - p) } else { 0.0 };
            out.iter_mut()
                .for_each(|u| *u = if *u < p { 0.0 } else { kept });
        }
    }
}
