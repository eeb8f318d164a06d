//! Names of tensors, ours and PyTorch's.

/// PyTorch's name of a tensor where the layers `convolutions` are a convolution and its bias: `conv1.0.weight` and
/// `conv1.1.bias` are `conv1.weight` and `conv1.bias` there.
pub(crate) fn biases_to_torch(convolutions: &[&str], name: &str) -> String {
    let renamed = name.split_once('.').and_then(|(layer, rest)| {
        let (part, tensor) = rest.split_once('.')?;
        let named = convolutions.contains(&layer) && matches!(part, "0" | "1");
        named.then(|| format!("{layer}.{tensor}"))
    });
    renamed.unwrap_or_else(|| name.to_owned())
}

/// Our name of PyTorch's tensor, back from [`biases_to_torch`].
pub(crate) fn biases_from_torch(convolutions: &[&str], name: &str) -> String {
    let renamed = name.split_once('.').and_then(|(layer, tensor)| {
        let kind = tensor.split('.').next()?;
        let part = match kind {
            "weight" => "0",
            "bias" => "1",
            _ => return None,
        };
        let named = convolutions.contains(&layer);
        named.then(|| format!("{layer}.{part}.{tensor}"))
    });
    renamed.unwrap_or_else(|| name.to_owned())
}
