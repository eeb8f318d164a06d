//! Fitted values as entries of a checkpoint.

use super::{ConformalClassifier, ConformalRegressor, Error, Temperature};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// A fitted value that is saved with the model: one entry of the metadata of a
/// [`Checkpoint`](crate::checkpoint::Checkpoint), as JSON that gives back every bit.
pub trait Fitted: Serialize + DeserializeOwned {
    /// The key of its entry.
    const KEY: &'static str;

    /// Key and text for [`with_entry`](crate::checkpoint::Checkpoint::with_entry).
    ///
    /// # Errors
    /// [`Error::Entry`] where a number is not finite, which no fitted value's is.
    fn to_entry(&self) -> Result<(&'static str, String), Error> {
        let text = serde_json::to_string(self).map_err(|source| Error::Entry {
            key: Self::KEY,
            source,
        })?;
        Ok((Self::KEY, text))
    }

    /// The value from the metadata that [`load`](crate::checkpoint::Checkpoint::load) gives back.
    ///
    /// # Errors
    /// [`Error::Missing`], and [`Error::Entry`] for a text that is no such value.
    fn from_entries(entries: &BTreeMap<String, String>) -> Result<Self, Error> {
        let text = entries
            .get(Self::KEY)
            .ok_or(Error::Missing { key: Self::KEY })?;
        serde_json::from_str(text).map_err(|source| Error::Entry {
            key: Self::KEY,
            source,
        })
    }
}

impl Fitted for Temperature {
    const KEY: &'static str = "calibration.temperature";
}

impl Fitted for ConformalClassifier {
    const KEY: &'static str = "calibration.conformal_classifier";
}

impl Fitted for ConformalRegressor {
    const KEY: &'static str = "calibration.conformal_regressor";
}

#[cfg(test)]
mod tests {
    use super::super::ConformalScore;
    use super::*;
    use crate::checkpoint::Checkpoint;
    use dfdx::prelude::{Cpu, DeviceBuildExt, Linear};

    #[test]
    fn a_checkpoint_keeps_every_bit() {
        let temperature = Temperature::new(0.1 + 0.2).unwrap();
        let probabilities = [
            0.7,
            0.3,
            /**/ 0.6,
            0.4,
            /**/ 0.123456789,
            0.876543211,
        ];
        let score = ConformalScore::Adaptive { seed: u64::MAX };
        let classifier =
            ConformalClassifier::fit(&probabilities, 2, &[0, 1, 0], 0.3, score).unwrap();
        // One example is too few for 0.1: a quantile that no score exceeds.
        let regressor = ConformalRegressor::fit(&[0.0], None, &[1.0 / 3.0], 0.1).unwrap();
        let [first, second, third] = [
            temperature.to_entry().unwrap(),
            classifier.to_entry().unwrap(),
            regressor.to_entry().unwrap(),
        ];
        let checkpoint = [first, second, third]
            .into_iter()
            .fold(Checkpoint::new(), |checkpoint, (key, text)| {
                checkpoint.with_entry(key, text)
            });
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let mut model = Cpu::default().build_module::<Linear<2, 1>, f32>();
        checkpoint.save(&path, &model).unwrap();
        let found = checkpoint.load(&path, &mut model).unwrap();
        assert_eq!(Temperature::from_entries(&found).unwrap(), temperature);
        assert_eq!(
            ConformalClassifier::from_entries(&found).unwrap(),
            classifier
        );
        assert_eq!(ConformalRegressor::from_entries(&found).unwrap(), regressor);
    }

    #[test]
    fn entries_that_are_missing_or_bad_are_errors() {
        let none = Temperature::from_entries(&BTreeMap::new());
        assert!(matches!(
            none,
            Err(Error::Missing {
                key: "calibration.temperature"
            })
        ));
        for text in ["-1.0", "0.0", "null", "1.0 2.0", "{}"] {
            let entries = BTreeMap::from([(Temperature::KEY.to_string(), text.to_string())]);
            let bad = Temperature::from_entries(&entries);
            assert!(matches!(bad, Err(Error::Entry { .. })), "{text}");
        }
        let bad = r#"{"quantile":{"alpha":2.0,"examples":3,"threshold":0.5},"normalized":false}"#;
        let entries = BTreeMap::from([(ConformalRegressor::KEY.to_string(), bad.to_string())]);
        assert!(ConformalRegressor::from_entries(&entries).is_err());
    }
}
