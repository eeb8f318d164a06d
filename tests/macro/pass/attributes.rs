//! Derives with attributes of their own, documentation, deprecation and lints, in both forms.

#![allow(clippy::non_minimal_cfg, reason = "a condition that always holds")]

use bayes_core::prelude::*;
use serde::Serialize;

/// What serde makes of a layer: its number of parameters.
fn parameters<E: Dtype, D: Device<E>, S: serde::Serializer>(
    fc: &modules::Linear<4, 2, E, D>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer
        .serialize_u64((fc.weight.shape().num_elements() + fc.bias.shape().num_elements()) as u64)
}

#[derive(Clone)]
#[bayesian]
#[derive(Debug, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
#[must_use]
pub struct Written<E: Dtype, D: Device<E>> {
    /// Logits.
    #[serde(serialize_with = "parameters")]
    #[bayes(moped = 0.1)]
    #[deprecated = "for a test"]
    fc: modules::Linear<4, 2, E, D>,
    #[bayes(value = 1.0)]
    #[serde(rename = "T")]
    temperature: f64,
    #[serde(skip)]
    #[cfg(all())]
    act: ReLU,
}

/// A description that is shown and sent.
#[bayesian(input = (4))]
#[derive(Clone, Copy, Debug)]
#[allow(non_snake_case)]
#[deprecated]
pub struct Net {
    #[allow(unused)]
    Fc: Linear<4, 2>,
    #[doc = "Its activation."]
    #[doc(hidden)]
    pub Act: ReLU,
}

#[test]
#[allow(deprecated)]
fn runs() {
    let dev = Cpu::seed_from_u64(1);
    let net: Written<f32, Cpu> = Written {
        fc: BuildModule::build(&dev),
        temperature: 0.5,
        act: ReLU,
    };
    let written = serde_json::to_string(&net).unwrap();
    assert_eq!(written, r#"{"FC":10,"T":0.5}"#);
    let bayes = BayesWritten::from_pretrained(&net.clone()).unwrap();
    assert_eq!(bayes.temperature, 0.5);

    let spec = Net {
        Fc: Linear,
        Act: ReLU,
    };
    assert_eq!(format!("{spec:?}"), "Net { Fc: Linear, Act: ReLU }");
    let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>()).unwrap();
    assert_eq!(bayes.kl_per_layer().unwrap()[0].name, "Fc.weight");
}
