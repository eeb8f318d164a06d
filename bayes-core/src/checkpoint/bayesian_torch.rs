//! State dicts of bayesian-torch, saved as safetensors, as twins of ours.

use super::{Checkpoint, Error, Loaded, torch};
use dfdx::nn::tensor_collection::TensorCollection;
use dfdx::prelude::{Device, Dtype};
use dfdx::tensor::safetensors::SafeDtype;
use std::path::Path;

impl Checkpoint {
    /// Loads a state dict of bayesian-torch 0.5 into a twin: mu and rho of linear layers, convolutions and LSTMs, and the
    /// tensors of other layers as [`load_torch`](Self::load_torch) does.
    ///
    /// In Python, `safetensors.torch.save_file(model.state_dict(), path)` writes such a file. Its names become ours:
    /// `fc.mu_weight` is `fc.weight.mu`, `conv.rho_kernel` is `conv.weight.rho`, `lstm.ih.mu_bias` is `lstm.bias_ih_l0.mu`.
    /// `rename` then says where a tensor is in the twin, such as the bias of a convolution, which is a layer of its own
    /// here; give it back unchanged where it is there already. What wraps every name, and counters of batches, are
    /// treated as there. The file has no priors: those of a twin with MOPED or with learned priors, which are tensors, stay
    /// as they are.
    ///
    /// # Errors
    /// As [`load_torch`](Self::load_torch): every missing, extra and misshapen tensor in one error. The model is then
    /// unchanged.
    pub fn load_bayesian_torch<E, D, M>(
        path: impl AsRef<Path>,
        model: &mut M,
        rename: impl Fn(&str) -> String,
    ) -> Result<Loaded, Error>
    where
        E: Dtype + SafeDtype,
        D: Device<E>,
        M: TensorCollection<E, D>,
    {
        torch::load(path.as_ref(), model, is_prior, |name| rename(&ours(name)))
    }

    /// Writes the tensors of a twin as a state dict of bayesian-torch 0.5, replacing the file at `path` in one step: the
    /// inverse of [`load_bayesian_torch`](Self::load_bayesian_torch).
    ///
    /// `rename` says what a tensor's name is there before its last part becomes theirs: given `conv.1.bias.mu`, the bias of
    /// a convolution that is a layer of its own here, `conv.bias.mu` gives `conv.mu_bias`. Weights of two or fewer
    /// dimensions are `mu_weight`, others `mu_kernel`. Priors are not written.
    ///
    /// # Errors
    /// As [`save_torch`](Self::save_torch).
    pub fn save_bayesian_torch<E, D, M>(
        path: impl AsRef<Path>,
        model: &M,
        rename: impl Fn(&str) -> String,
    ) -> Result<(), Error>
    where
        E: Dtype + SafeDtype,
        D: Device<E>,
        M: TensorCollection<E, D>,
    {
        torch::save(path.as_ref(), model, is_prior, |name, rank| {
            theirs(&rename(name), rank)
        })
    }
}

/// Whether a tensor is a prior's: a state dict has none.
fn is_prior(name: &str) -> bool {
    let tensor = name.rsplit('.').next();
    matches!(tensor, Some("prior_mean" | "prior_log_std"))
}

/// Their name of a tensor of ours with so many dimensions.
fn theirs(name: &str, rank: usize) -> String {
    let (layer, tensor, part) = match name.rsplit_once('.') {
        Some((rest, part @ ("mu" | "rho"))) => match rest.rsplit_once('.') {
            Some((layer, tensor)) => (format!("{layer}."), tensor, part),
            None => (String::new(), rest, part),
        },
        _ => return name.to_owned(),
    };
    // A linear layer each of the input and of the hidden state is an LSTM of one layer there.
    let recurrent = tensor
        .strip_suffix("_l0")
        .and_then(|tensor| tensor.split_once('_'));
    let (layer, tensor) = match recurrent {
        Some((tensor, product @ ("ih" | "hh"))) => (format!("{layer}{product}."), tensor),
        _ => (layer, tensor),
    };
    match tensor {
        "weight" if rank > 2 => format!("{layer}{part}_kernel"),
        "weight" | "bias" => format!("{layer}{part}_{tensor}"),
        _ => name.to_owned(),
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
            let rank = if theirs.ends_with("kernel") { 4 } else { 2 };
            assert_eq!(super::theirs(want, rank), theirs);
        }
        assert!(is_prior("fc.weight.prior_mean") && !is_prior("fc.prior_mean.mu"));
    }
}
