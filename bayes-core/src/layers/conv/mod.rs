//! Convolutions and transposed convolutions over lines, images and volumes.

mod conv1d;
mod conv2d;
mod conv3d;
mod conv_trans1d;
mod conv_trans2d;
mod conv_trans3d;
mod family;
mod sizes;

pub use conv_trans1d::{BayesConvTrans1D, ConvTrans1D};
pub use conv_trans2d::{BayesConvTrans2D, ConvTrans2D};
pub use conv_trans3d::{BayesConvTrans3D, ConvTrans3D};
pub use conv1d::{BayesConv1D, Conv1D};
pub use conv2d::{BayesConv2D, Conv2D};
pub use conv3d::{BayesConv3D, Conv3D};

/// The builder forms.
pub mod builders {
    pub use super::conv_trans1d::builder::ConvTrans1D;
    pub use super::conv_trans2d::builder::ConvTrans2D;
    pub use super::conv_trans3d::builder::ConvTrans3D;
    pub use super::conv1d::builder::Conv1D;
    pub use super::conv2d::builder::Conv2D;
    pub use super::conv3d::builder::Conv3D;
}
