//! Layers: each folder holds the plain layer, its Bayesian twin, and how the builder maps to both.

mod activation;
mod add_into;
mod attention;
mod bias;
mod concat;
mod conv;
mod dropout;
mod embedding;
mod fit_to;
mod flatten;
mod group_norm;
mod layer_norm;
mod leaky;
mod linear;
mod norm;
mod pool;
mod pool_axis;
mod recurrent;
mod residual;
mod shortcut;
mod steps;
mod unflatten;
mod variational_layer;

pub use concat::join;
pub use fit_to::FitTo;

/// Builder forms: a network's structure without a number type or device.
///
/// `Linear`, `BatchNorm2D`, `Bias2D`, `AvgPoolGlobal`, `Dropout`, the activations and others are dfdx's own builders.
pub mod builders {
    pub use super::bias::builder::{Bias1D, Bias3D};
    pub use super::concat::Concat;
    pub use super::conv::builders::{
        Conv1D, Conv2D, Conv3D, ConvTrans1D, ConvTrans2D, ConvTrans3D,
    };
    pub use super::flatten::{Flatten, Flatten1D, Flatten3D};
    pub use super::group_norm::builder::{GroupNorm, GroupNorm1D, GroupNorm2D, GroupNorm3D};
    pub use super::norm::builder::BatchNorm3D;
    pub use super::pool::{AvgPool2D, MaxPool2D};
    pub use super::pool_axis::{
        AdaptiveAvgPool1D, AdaptiveAvgPool2D, AdaptiveAvgPool3D, AdaptiveMaxPool1D,
        AdaptiveMaxPool2D, AdaptiveMaxPool3D, AvgPool1D, AvgPool3D, MaxPool1D, MaxPool3D,
    };
    pub use super::recurrent::builders::{GRU, LSTM};
    pub use super::recurrent::{LastOutput, Outputs};
    pub use super::shortcut::{PadChannels, Subsample};
    pub use super::steps::{MeanSteps, PositionalEncoding};
    pub use super::unflatten::{Unflatten, Unflatten1D, Unflatten3D};
    pub use dfdx::nn::builders::{
        AccurateGeLU, AddInto, AvgPoolGlobal, BatchNorm1D, BatchNorm2D, Bias2D, Dropout,
        DropoutOneIn, Embedding, LayerNorm1D, LeakyReLU, Linear, MaxPoolGlobal, MinPoolGlobal,
        MultiHeadAttention, PReLU, PReLU1D, TransformerEncoder, TransformerEncoderBlock,
        UnbiasedLinear,
    };
}

/// Layers on a device, plain and Bayesian.
pub mod modules {
    pub use super::activation::{AccurateGeLU, ReLU};
    pub use super::attention::{
        Attention, EncoderBlock, MultiHeadAttention, TransformerEncoder, TransformerEncoderBlock,
    };
    pub use super::bias::{BayesBias1D, BayesBias2D, BayesBias3D, Bias1D, Bias2D, Bias3D};
    pub use super::concat::{Concat, ConcatDim, Join};
    pub use super::conv::{
        BayesConv1D, BayesConv2D, BayesConv3D, BayesConvTrans1D, BayesConvTrans2D,
        BayesConvTrans3D, Conv1D, Conv2D, Conv3D, ConvTrans1D, ConvTrans2D, ConvTrans3D,
    };
    pub use super::embedding::{BayesEmbedding, Embedding, WordShape};
    pub use super::flatten::{Flatten, Flatten1D, Flatten3D};
    pub use super::group_norm::{GroupNorm, GroupNorm1D, GroupNorm2D, GroupNorm3D};
    pub use super::layer_norm::LayerNorm1D;
    pub use super::leaky::{LeakyReLU, PReLU, PReLU1D};
    pub use super::linear::{BayesLinear, BayesUnbiasedLinear, Linear, UnbiasedLinear};
    pub use super::norm::{BatchNorm1D, BatchNorm2D, BatchNorm3D};
    pub use super::pool::{AvgPool2D, AvgPoolGlobal, MaxPool2D, MaxPoolGlobal, MinPoolGlobal};
    pub use super::pool_axis::{
        AdaptiveAvgPool1D, AdaptiveAvgPool2D, AdaptiveAvgPool3D, AdaptiveMaxPool1D,
        AdaptiveMaxPool2D, AdaptiveMaxPool3D, AvgPool1D, AvgPool3D, MaxPool1D, MaxPool3D,
    };
    pub use super::recurrent::{
        BayesGRU, BayesLSTM, Directions, FinalState, GRU, Gates, LSTM, LastOutput, Outputs,
        SequenceShape,
    };
    pub use super::residual::{GeneralizedResidual, Residual};
    pub use super::shortcut::{PadChannels, Subsample};
    pub use super::steps::{MeanSteps, PositionalEncoding};
    pub use super::unflatten::{Unflatten, Unflatten1D, Unflatten3D};
}

use dfdx::prelude::{Dtype, Shape, Tensor};
use dfdx::shapes::HasShape;

/// A tensor's shape.
pub(crate) fn shape_of<S: Shape, E: Dtype, D: dfdx::prelude::Device<E>, T>(
    x: &Tensor<S, E, D, T>,
) -> S {
    *x.shape()
}
