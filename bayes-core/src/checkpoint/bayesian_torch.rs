//! State dicts of bayesian-torch, saved as safetensors, as twins of ours.

use super::format::{self, Entry};
use super::{Checkpoint, Error, VERSION, VERSION_KEY, read};
use dfdx::nn::tensor_collection::TensorCollection;
use dfdx::prelude::{Device, Dtype};
use dfdx::tensor::safetensors::SafeDtype;
use std::path::Path;

impl Checkpoint {
    /// Loads a state dict of bayesian-torch 0.5 into a twin: mu and rho of linear layers, convolutions and LSTMs.
    ///
    /// In Python, `safetensors.torch.save_file(model.state_dict(), path)` writes such a file. Its names become ours:
    /// `fc.mu_weight` is `fc.weight.mu`, `conv.rho_kernel` is `conv.weight.rho`, `lstm.ih.mu_bias` is `lstm.bias_ih_l0.mu`.
    /// `rename` then says where a tensor is in the twin, such as the bias of a convolution, which is a layer of its own
    /// here; give it back unchanged where it is there already. The file has no priors: a twin with MOPED, whose priors
    /// are tensors, cannot be loaded from it.
    ///
    /// # Errors
    /// As [`Self::load`]: every missing, extra and misshapen tensor in one error. The model is then unchanged.
    pub fn load_bayesian_torch<E, D, M>(
        &self,
        path: impl AsRef<Path>,
        model: &mut M,
        rename: impl Fn(&str) -> String,
    ) -> Result<(), Error>
    where
        E: Dtype + SafeDtype,
        D: Device<E>,
        M: TensorCollection<E, D>,
    {
        let bytes = read(path.as_ref())?;
        let contents = format::read(&bytes)?;
        let entries = contents.tensors.into_iter().map(|(name, stored)| Entry {
            name: rename(&ours(&name)),
            dtype: stored.dtype,
            shape: stored.shape,
            data: stored.data.to_vec(),
        });
        let mut entries: Vec<Entry> = entries.collect();
        let mut metadata = self.metadata.clone();
        metadata.insert(VERSION_KEY.to_owned(), VERSION.to_owned());
        let mut file = Vec::new();
        format::write(&mut file, &metadata, &mut entries).map_err(|source| Error::Io {
            action: "translate",
            path: path.as_ref().to_path_buf(),
            source,
        })?;
        self.load_bytes(&file, model)?;
        Ok(())
    }
}

/// Our name of a tensor of theirs.
fn ours(name: &str) -> String {
    let (layer, tensor) = match name.rsplit_once('.') {
        Some((layer, tensor)) => (Some(layer), tensor),
        None => (None, name),
    };
    let Some((part, kind)) = tensor.split_once('_') else {
        return name.to_owned();
    };
    let kind = match (part, kind) {
        ("mu" | "rho", "weight" | "kernel") => "weight",
        ("mu" | "rho", "bias") => "bias",
        _ => return name.to_owned(),
    };
    // An LSTM is two linear layers, of the input and of the hidden state.
    let (layer, product) = match layer.map(|layer| layer.rsplit_once('.').unwrap_or(("", layer))) {
        Some((lstm, product @ ("ih" | "hh"))) => {
            (Some(lstm).filter(|lstm| !lstm.is_empty()), Some(product))
        }
        _ => (layer, None),
    };
    let tensor = match product {
        None => format!("{kind}.{part}"),
        Some(product) => format!("{kind}_{product}_l0.{part}"),
    };
    match layer {
        None => tensor,
        Some(layer) => format!("{layer}.{tensor}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_translated() {
        for (theirs, want) in [
            ("fc.mu_weight", "fc.weight.mu"),
            ("mu_bias", "bias.mu"),
            ("layer1.0.conv1.rho_kernel", "layer1.0.conv1.weight.rho"),
            ("net.lstm.ih.mu_weight", "net.lstm.weight_ih_l0.mu"),
            ("hh.rho_bias", "bias_hh_l0.rho"),
            ("bn1.running_mean", "bn1.running_mean"),
            ("bn1.weight", "bn1.weight"),
        ] {
            assert_eq!(ours(theirs), want);
        }
    }
}
