//! Weights from PyTorch and back: state dicts saved as safetensors.
//!
//! A `.pth` file is a pickle, which Python alone reads. Three lines make safetensors of it:
//!
//! ```python
//! import torch, safetensors.torch
//! state = torch.load("resnet18.pth", map_location="cpu", weights_only=True)
//! safetensors.torch.save_file({name: t.contiguous().clone() for name, t in state.items()}, "resnet18.safetensors")
//! ```
//!
//! [`load_weights`](crate::models::Trainable::load_weights) reads such a file into a model by name: PyTorch's tensors into a
//! plain model, those of bayesian-torch (`mu_kernel`, `rho_weight`, …) into a twin.
//!
//! - Every tensor must be there, with its shape, and no other one: all that are missing, extra or misshapen are listed in
//!   one error, and nothing is loaded.
//! - Counters `num_batches_tracked` may be there and are passed over.
//! - What wraps every name, such as `module.` or `state.`, is taken off and named in the
//!   [`Loaded`](bayes_core::checkpoint::Loaded) that comes back.
//! - Names are torchvision's for [ImageNet's residual nets](crate::models::resnet), those of the usual code for
//!   [CIFAR's](crate::models::resnet_cifar), PyTorch's `conv1.weight` and `conv1.bias` for a convolution with a bias. The
//!   [transformer](crate::models::transformer) has names of its own: PyTorch keeps its three projections in one tensor.
//!
//! [`export`](crate::models::Trainable::export) writes the same names and bytes:
//!
//! ```
//! use bayes_models::models::Architecture;
//!
//! # let folder = std::env::temp_dir().join(format!("bayes-weights-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! let path = folder.join("lenet5.safetensors"); // as PyTorch would have written it
//! # Architecture::LeNet5.plain(1)?.export(&path)?;
//! let mut net = Architecture::LeNet5.plain(0)?;
//! println!("{}", net.load_weights(&path)?); // "10 tensors loaded"
//! net.export(&folder.join("again.safetensors"))?;
//! # assert_eq!(std::fs::read(&path)?, std::fs::read(folder.join("again.safetensors"))?);
//!
//! let error = Architecture::Scnn.plain(0)?.load_weights(&path).unwrap_err().to_string();
//! assert!(error.contains("shape of `conv1.0.weight`: expected [32, 1, 3, 3], found [6, 1, 5, 5]"));
//! assert!(error.contains("presence of `fc3.weight`: expected none"));
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In Python, `model.load_state_dict(safetensors.torch.load_file(path))` reads what was exported.
