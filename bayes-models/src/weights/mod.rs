//! Weights from PyTorch and back: state dicts saved as safetensors.
pub(crate) mod names;
