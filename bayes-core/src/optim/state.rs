//! What an optimiser remembers between updates.

use std::collections::{BTreeMap, BTreeSet};

/// The memory of an optimiser: everything but its hyperparameters.
///
/// All fields are public: a schedule may read `step`, a test may look into the moments, and a
/// [checkpoint](crate::checkpoint) saves and restores all of it.
///
/// ```
/// use bayes_core::optim::State;
///
/// let mut state = State::<f32>::default();
/// state.frozen.insert("encoder".to_string());
/// assert!(state.is_frozen("encoder.fc1.weight"));
/// assert!(!state.is_frozen("encoder2.weight"));
/// state.only.insert("head".to_string());
/// assert!(state.is_frozen("encoder2.weight") && !state.is_frozen("head.bias"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct State<E> {
    /// Updates done, whichever tensors they changed.
    pub step: u64,
    /// Moments by the tensor's dotted name; an entry appears with the tensor's first update.
    pub moments: BTreeMap<String, Moments<E>>,
    /// Dotted paths that are not updated: a tensor, or a module and everything below it.
    pub frozen: BTreeSet<String>,
    /// Dotted paths outside which nothing is updated; none of them: no such limit.
    pub only: BTreeSet<String>,
}

impl<E> Default for State<E> {
    fn default() -> Self {
        State {
            step: 0,
            moments: BTreeMap::new(),
            frozen: BTreeSet::new(),
            only: BTreeSet::new(),
        }
    }
}

impl<E> State<E> {
    /// Whether the tensor with this dotted name is not updated: it is under a frozen path, or there are paths to which
    /// training is limited and it is under none of them.
    ///
    /// The empty path is the model itself.
    pub fn is_frozen(&self, name: &str) -> bool {
        let under = |paths: &BTreeSet<String>| paths.iter().any(|path| is_under(name, path));
        under(&self.frozen) || !(self.only.is_empty() || under(&self.only))
    }
}

/// Whether `name` is `path` itself or below it.
pub(super) fn is_under(name: &str, path: &str) -> bool {
    path.is_empty()
        || name
            .strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The running averages that an optimiser keeps for one tensor.
///
/// ```
/// use bayes_core::optim::Moments;
///
/// let moments = Moments::<f32>::zeros(1, 3); // one average of three elements, as SGD keeps
/// assert_eq!(moments.first, [0.0; 3]);
/// assert!(moments.second.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Moments<E> {
    /// Updates of this tensor: less than [`State::step`] if it was frozen or had no gradient at
    /// times. Adam's bias correction uses this count, as PyTorch's does.
    pub step: u64,
    /// SGD's velocity, Adam's average of the gradient; in the tensor's memory order.
    pub first: Vec<E>,
    /// Adam's average of the squared gradient; empty for SGD.
    pub second: Vec<E>,
}

impl<E: Clone + Default> Moments<E> {
    /// `count` (0, 1 or 2) moments of `len` zeros and no update yet.
    pub fn zeros(count: usize, len: usize) -> Self {
        let moment = |index: usize| match index < count {
            true => vec![E::default(); len],
            false => Vec::new(),
        };
        Moments {
            step: 0,
            first: moment(0),
            second: moment(1),
        }
    }

    /// The length of the first of `count` moments that does not have `len` elements.
    pub(super) fn wrong_length(&self, count: usize, len: usize) -> Option<usize> {
        let lengths = [self.first.len(), self.second.len()];
        lengths.into_iter().take(count).find(|&found| found != len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_frozen_stays_so_within_what_is_trained() {
        let mut state = State::<f32>::default();
        assert!(!state.is_frozen("fc1.weight"));
        state.only = ["fc1", "fc2.bias"].map(String::from).into();
        state.frozen.insert("fc1.bias".to_string());
        let names = [
            "fc1.weight",
            "fc1.bias",
            "fc2.weight",
            "fc2.bias",
            "fc10.weight",
        ];
        let frozen = names.map(|name| state.is_frozen(name));
        assert_eq!(frozen, [false, true, true, false, true]);
    }

    #[test]
    fn a_path_covers_itself_and_what_is_below() {
        assert!(is_under("fc1.weight", "fc1"));
        assert!(is_under("fc1.weight", "fc1.weight"));
        assert!(is_under("fc1.weight", ""));
        assert!(is_under("", ""));
        assert!(!is_under("fc10.weight", "fc1"));
        assert!(!is_under("fc1", "fc1.weight"));
        assert!(!is_under("0.fc1.weight", "fc1"));
    }
}
