//! A product and all that follows it, one example after the other, while its sums are in the nearest cache.

use super::block::{Block, Data, Plane, Planes};
use super::machine::BiasRows;
use super::product::{Operands, Part};
use super::scale::{Scale, Storage};
use crate::kernels::int8::Codes;
use crate::kernels::int8::activation::{self, Finish, Scaled};
use crate::kernels::isa::Isa;

/// What follows a product: biases, an offset, a residual, ReLU, and codes of 8 bits.
pub(super) struct Following<'a> {
    pub biases: Vec<BiasRows<'a>>,
    /// A number for each channel, or nothing.
    pub offset: &'a [f32],
    pub residual: Option<&'a Planes>,
    pub relu: bool,
    pub scale: Scale,
}

impl Following<'_> {
    /// The codes of the sum of all `parts` and what follows. Signs of examples are for sizes whose examples the kernel takes
    /// one after the other.
    pub fn run(&self, of: &Operands<'_>, parts: &[Part<'_>]) -> Block {
        let mut stretches = of.stretches();
        let signed = parts.iter().any(|part| part.signed);
        let (len, channels) = (stretches.len(), of.form.channels());
        let mut sums = vec![vec![0; len]; parts.len()];
        let mut signs = vec![1.0; channels];
        let mut out = Plane::new(of.x.examples * of.form.len());
        for (i, out) in out.bytes_mut().chunks_exact_mut(len).enumerate() {
            for (part, sums) in parts.iter().zip(&mut sums) {
                stretches.sums(part, i, sums);
            }
            if signed {
                of.signs(i, &mut signs);
            }
            let turned: Vec<_> = self.biases.iter().map(|bias| bias.of_example(i)).collect();
            let biases = self.biases.iter().zip(&turned);
            let rows = biases.flat_map(|(bias, turned)| [bias.mu, turned]);
            let rows: Vec<&[f32]> = rows
                .chain([self.offset])
                .filter(|row| !row.is_empty())
                .collect();
            let scaled = parts.iter().zip(&sums);
            let scaled: Vec<_> = scaled
                .map(|(part, sums)| (part.scaled(sums), part.signed.then_some(&signs[..])))
                .collect();
            let place = i * len..(i + 1) * len;
            let Some(planes) = self.residual else {
                self.finish(of.isa, &scaled, &rows, None::<(&[u8], i32, f32)>, out);
                continue;
            };
            let (zero, step) = (planes.scale.zero.into(), planes.scale.step);
            match planes.scale.storage {
                Storage::Byte => {
                    let codes = &planes.high.bytes()[place];
                    self.finish(of.isa, &scaled, &rows, Some((codes, zero, step)), out);
                }
                Storage::Wide => {
                    let codes = planes.wide_part(place);
                    self.finish(of.isa, &scaled, &rows, Some((codes, zero, step)), out);
                }
            }
        }
        Block {
            examples: of.x.examples,
            form: of.form,
            data: Data::Planes(Planes {
                scale: self.scale,
                high: out,
                low: Plane::default(),
            }),
        }
    }

    fn finish<C: Codes>(
        &self,
        isa: Isa,
        products: &[(Scaled<'_>, Option<&[f32]>)],
        rows: &[&[f32]],
        residual: Option<(C, i32, f32)>,
        out: &mut [u8],
    ) {
        let finish = Finish {
            products,
            rows,
            residual,
            relu: self.relu,
        };
        activation::finish(
            isa,
            &finish,
            self.scale.step.recip(),
            self.scale.zero as u8,
            out,
        );
    }
}
