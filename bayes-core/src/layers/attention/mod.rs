//! Attention: multi-head attention and the transformer's encoder, over parts that are plain, Bayesian or views of either.

mod encoder;
mod heads;

pub use encoder::{EncoderBlock, TransformerEncoder, TransformerEncoderBlock};
pub use heads::{Attention, MultiHeadAttention};
