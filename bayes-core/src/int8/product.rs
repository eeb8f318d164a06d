//! A product's weights: laid out for the kernels, drawn and multiplied.

use super::block::{Block, Data, Plane, Planes};
use super::byte::{self, Sigma, Weights};
use crate::draw::{Key, Noise};
use crate::estimator::EstimatorKind;
use crate::kernels::int8::activation::{self, Scaled};
use crate::kernels::int8::gather::{self, Taps};
use crate::kernels::int8::{Layout, Packed, SLACK, Window8, border, draw, product_on};
use crate::kernels::isa::Isa;
use crate::plan::{Form, Sizes};
use crate::twin::Draw;
use std::borrow::Cow;

/// The byte that stands for 0 in a flipped input.
const CENTRE: u8 = 128;

/// Bytes of gathered rows that are multiplied while they are in the cache.
const GATHERED: usize = 1 << 17;

/// A product's weights as the kernels take them.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    sizes: Sizes,
    layout: Layout,
    mean: Packed,
    /// `sigma²`, where outputs may be drawn in place of weights.
    square: Option<Packed>,
}

/// The weights of a product in a draw.
#[derive(Clone, Debug)]
pub(super) enum Drawn {
    /// The means.
    Mean,
    /// `mu + sigma·epsilon`.
    Whole(Packed),
    /// `sigma·epsilon`, besides the means.
    Deviation(Packed),
    /// The same, with Flipout's signs for each example.
    Flipped(Packed),
    /// The outputs are drawn, from their mean and their variance.
    Outputs,
}

impl Ready {
    pub fn new(sizes: &Sizes, weights: &Weights) -> Self {
        let layout = Layout::new(&window(sizes, Form::Vector(0), 1));
        let sizes = *sizes;
        let is_local = weights.estimator == EstimatorKind::LocalReparameterization;
        let sigma = weights.sigma.as_ref().filter(|_| is_local);
        Self {
            sizes,
            mean: layout.pack(&weights.mu),
            square: sigma.map(|sigma| layout.pack(&sigma.squares())),
            layout,
        }
    }

    /// The weights in the draw. Outputs are drawn in their place where each example has one input vector and no joint
    /// draw is asked for.
    pub fn draw(&self, isa: Isa, weights: &Weights, draw: &Draw) -> Drawn {
        let stream = weights.key(draw.key()).stream(Noise::Weight);
        let (Some(sigma), Some(stream)) = (&weights.sigma, stream) else {
            return Drawn::Mean;
        };
        if self.square.is_some() && !draw.is_joint() {
            return Drawn::Outputs;
        }
        let mut epsilon = vec![0.0; weights.mu.len()];
        stream.fill_normal(0, &mut epsilon);
        let epsilon = self.sizes.by_output(epsilon);
        let mut drawn = vec![0i8; epsilon.len()];
        if sigma.noise == byte::Noise::InTheWeight {
            let ratios = sigma.step.iter().zip(&weights.step);
            let ratios: Vec<f32> = ratios.map(|(sigma, mu)| sigma / mu).collect();
            draw::weights(
                isa,
                &weights.mu,
                &sigma.values,
                &ratios,
                &epsilon,
                &mut drawn,
            );
            return Drawn::Whole(self.layout.pack(&drawn));
        }
        draw::deviation(
            isa,
            &sigma.values,
            &sigma.deviation_ratio(),
            &epsilon,
            &mut drawn,
        );
        let packed = self.layout.pack(&drawn);
        if weights.estimator == EstimatorKind::Flipout {
            Drawn::Flipped(packed)
        } else {
            Drawn::Deviation(packed)
        }
    }

    /// `y += W·x` in the draw. Gives the variance of each output where the outputs are to be drawn around that, else
    /// nothing.
    pub fn multiply(&self, of: &Operands<'_>, drawn: &Drawn, y: &mut [f32]) -> Vec<f32> {
        let Data::Planes(x) = &of.x.data else {
            return Vec::new();
        };
        for part in self.parts(of, x, drawn) {
            of.add(&part, y);
        }
        match (drawn, &of.weights.sigma) {
            (Drawn::Outputs, Some(sigma)) => self.variance(of, x, sigma, y.len()),
            _ => Vec::new(),
        }
    }

    /// The products that together are `W·x` in the draw, but for the noise of outputs that are drawn.
    pub fn parts<'a>(
        &'a self,
        of: &Operands<'_>,
        x: &'a Planes,
        drawn: &'a Drawn,
    ) -> Vec<Part<'a>> {
        let weights = of.weights;
        let mean = match drawn {
            Drawn::Whole(whole) => whole,
            _ => &self.mean,
        };
        let of_mean = x.each().into_iter().map(|(plane, zero, step)| Part {
            w: mean,
            x: Cow::Borrowed(plane),
            zero,
            gain: times(&weights.step, step),
            signed: false,
        });
        let mut parts: Vec<Part<'_>> = of_mean.collect();
        match (drawn, &weights.sigma) {
            (Drawn::Deviation(w), Some(sigma)) => {
                let (plane, zero, step) = x.upper(of.isa);
                parts.push(Part {
                    w,
                    x: Cow::Owned(plane),
                    zero,
                    gain: times(&sigma.deviation_step(), step),
                    signed: false,
                });
            }
            (Drawn::Flipped(w), Some(sigma)) => {
                let (plane, step) = of.flipped(x);
                parts.push(Part {
                    w,
                    x: Cow::Owned(plane),
                    zero: CENTRE,
                    gain: times(&sigma.deviation_step(), step),
                    signed: true,
                });
            }
            _ => {}
        }
        parts
    }

    /// `sigma²·x²`.
    fn variance(&self, of: &Operands<'_>, x: &Planes, sigma: &Sigma, outputs: usize) -> Vec<f32> {
        let (plane, zero, step) = x.upper(of.isa);
        let (mut high, mut low) = (
            Plane::new(plane.bytes().len()),
            Plane::new(plane.bytes().len()),
        );
        let squares = high.bytes_mut().iter_mut().zip(low.bytes_mut());
        for ((high, low), &q) in squares.zip(plane.bytes()) {
            let square = i32::from(q).abs_diff(i32::from(zero)).pow(2) as u16;
            [*high, *low] = square.to_be_bytes();
        }
        let mut variance = vec![0.0; outputs];
        if let Some(packed) = &self.square {
            let gain = times(&sigma.square_step(), step * step);
            for (plane, factor) in [(&high, 256.0), (&low, 1.0)] {
                let part = Part {
                    w: packed,
                    x: Cow::Borrowed(plane),
                    zero: 0,
                    gain: times(&gain, factor),
                    signed: false,
                };
                of.add(&part, &mut variance);
            }
        }
        variance
    }
}

/// What a product multiplies.
pub(super) struct Operands<'a> {
    pub isa: Isa,
    pub sizes: &'a Sizes,
    pub weights: &'a Weights,
    pub x: &'a Block,
    /// What each example becomes.
    pub form: Form,
    /// The key of signs, at the first example.
    pub key: Key,
}

/// One product of integers: `gain·W·(x − zero)`.
pub(super) struct Part<'a> {
    w: &'a Packed,
    x: Cow<'a, Plane>,
    zero: u8,
    gain: Vec<f32>,
    /// Whether each example has signs of its outputs.
    pub signed: bool,
}

impl<'a> Part<'a> {
    /// Its sums `acc`, to be scaled.
    pub fn scaled<'b>(&'b self, acc: &'b [i32]) -> Scaled<'b> {
        Scaled {
            acc,
            zero: self.zero.into(),
            sums: self.w.sums(),
            gain: &self.gain,
        }
    }
}

impl<'a> Operands<'a> {
    /// `y += gain·W·(x − zero)`, with the signs of each example where there are some.
    fn add(&self, part: &Part<'_>, y: &mut [f32]) {
        let mut acc = vec![0; y.len()];
        let mut stretches = self.stretches();
        for (i, acc) in acc.chunks_exact_mut(stretches.len()).enumerate() {
            stretches.sums(part, i, acc);
        }
        if !part.signed {
            activation::add_scaled(self.isa, part.scaled(&acc), y);
            return;
        }
        let mut signs = vec![1.0; self.sizes.outputs()];
        let len = self.form.len().max(1);
        let rows = acc.chunks_exact(len).zip(y.chunks_exact_mut(len));
        for (row, (acc, y)) in rows.enumerate() {
            self.signs(row, &mut signs);
            activation::add_signed_scaled(self.isa, part.scaled(acc), &signs, y);
        }
    }

    /// Flipout's signs of the outputs of example `row`.
    pub fn signs(&self, row: usize, signs: &mut [f32]) {
        if let Some(stream) = self.key.example_stream(Noise::SignOut, row as u64) {
            stream.fill_signs(0, signs);
        }
    }

    /// `r_n ∘ x_n`: each example's input at half its resolution, so that it fits a byte with its sign, and what a step of
    /// it stands for.
    fn flipped(&self, x: &Planes) -> (Plane, f32) {
        let (plane, zero, step) = x.upper(self.isa);
        let mut flipped = Plane::new(plane.bytes().len());
        let mut signs = vec![1.0; self.sizes.inputs()];
        let len = self.x.form.len().max(1);
        let examples = plane.bytes().chunks_exact(len);
        for (row, (x, out)) in examples
            .zip(flipped.bytes_mut().chunks_exact_mut(len))
            .enumerate()
        {
            if let Some(stream) = self.key.example_stream(Noise::SignIn, row as u64) {
                stream.fill_signs(0, &mut signs);
            }
            activation::flip(self.isa, x, zero, &signs, out);
        }
        (flipped, 2.0 * step)
    }

    /// What the kernel computes at once.
    pub fn stretches(&self) -> Stretches<'_, 'a> {
        let size = window(self.sizes, self.x.form, self.x.examples);
        let path = path(self.sizes, self.x.form);
        let scratch = match &path {
            Path::Rows | Path::Direct { padding: [0, 0] } => 0,
            Path::Direct { .. } => size.input_len() + SLACK,
            Path::Gathered(_) => rows_at_once(&size) * row(&size) + SLACK,
        };
        Stretches {
            of: self,
            size,
            path,
            scratch: vec![0; scratch],
        }
    }
}

/// A batch as the kernel takes it: one example after the other, or all rows of features at once.
pub(super) struct Stretches<'o, 'a> {
    of: &'o Operands<'a>,
    size: Window8,
    path: Path,
    /// An example with its border, or gathered rows.
    scratch: Vec<u8>,
}

impl Stretches<'_, '_> {
    /// Outputs of each.
    pub fn len(&self) -> usize {
        let examples = match self.path {
            Path::Rows => self.of.x.examples,
            Path::Direct { .. } | Path::Gathered(_) => 1,
        };
        (examples * self.of.form.len()).max(1)
    }

    /// Sums of products of stretch `i`, with the byte of 0 around grids.
    pub fn sums(&mut self, part: &Part<'_>, i: usize, acc: &mut [i32]) {
        let (isa, size, w) = (self.of.isa, &self.size, part.w);
        let len = self.of.x.form.len();
        let bytes = || &part.x.bytes()[i * len..(i + 1) * len];
        match &self.path {
            Path::Rows => product_on(isa, size, part.x.with_slack(0), w, acc),
            Path::Direct { padding: [0, 0] } => {
                product_on(isa, size, part.x.with_slack(i * len), w, acc);
            }
            Path::Direct { padding } => {
                let [_, height, width] = self.of.x.form.sides();
                let image = [height, width, self.of.x.form.channels()];
                let padded = &mut self.scratch[..size.input_len()];
                border::pad(image, bytes(), *padding, part.zero, padded);
                product_on(isa, size, &self.scratch, w, acc);
            }
            Path::Gathered(None) => acc.fill(0),
            Path::Gathered(Some(taps)) => {
                let (row, at_once) = (row(size), rows_at_once(size));
                for (slab, acc) in acc.chunks_mut(at_once * size.outputs).enumerate() {
                    let count = acc.len() / size.outputs;
                    let first = slab * at_once;
                    let size = Window8 {
                        width: count * size.kernel[1],
                        ..*size
                    };
                    let inner = &mut self.scratch[..count * row];
                    taps.gather(
                        first..first + count,
                        size.channels,
                        bytes(),
                        part.zero,
                        inner,
                    );
                    product_on(isa, &size, &self.scratch, w, acc);
                }
            }
        }
    }
}

/// Bytes of a gathered row.
fn row(size: &Window8) -> usize {
    size.kernel[1] * size.channels
}

/// Gathered rows that are multiplied while they are in the cache.
fn rows_at_once(size: &Window8) -> usize {
    (GATHERED / row(size).max(1)).max(1)
}

/// How the kernel sees a product.
enum Path {
    /// Rows of features.
    Rows,
    /// An image, or a line, with a stored border.
    Direct { padding: [usize; 2] },
    /// Rows that are gathered: volumes and transposed convolutions.
    Gathered(Option<Taps>),
}

fn path(sizes: &Sizes, form: Form) -> Path {
    match sizes {
        Sizes::Linear { .. } => Path::Rows,
        Sizes::Convolution(grid) if grid.sides <= 2 => {
            let top = if grid.sides == 2 {
                grid.window.padding
            } else {
                0
            };
            Path::Direct {
                padding: [top, grid.window.padding],
            }
        }
        Sizes::Convolution(_) | Sizes::Transposed { .. } => Path::Gathered(taps(sizes, form)),
    }
}

fn taps(sizes: &Sizes, form: Form) -> Option<Taps> {
    match sizes {
        Sizes::Linear { .. } => None,
        Sizes::Convolution(grid) => Some(Taps::over(&grid.geometry(1, form.sides()))),
        Sizes::Transposed { grid, extra } => {
            let geometry = grid.transposed(1, form.sides(), *extra)?;
            Some(Taps::back(&geometry, form.sides()))
        }
    }
}

/// The kernel's sizes for one example, or for all rows of features of so many examples.
fn window(sizes: &Sizes, form: Form, examples: usize) -> Window8 {
    match sizes {
        Sizes::Linear { inputs, outputs } => {
            Window8::linear(examples * form.positions(), *inputs, *outputs)
        }
        Sizes::Convolution(grid) if grid.sides <= 2 => {
            let [_, height, width] = form.sides();
            let is_line = grid.sides == 1;
            let slide = grid.window;
            Window8 {
                channels: grid.inputs,
                outputs: grid.outputs,
                groups: grid.groups,
                kernel: [if is_line { 1 } else { slide.kernel }, slide.kernel],
                stride: slide.stride,
                dilation: slide.dilation,
                height: height + if is_line { 0 } else { 2 * slide.padding },
                width: width + 2 * slide.padding,
            }
        }
        Sizes::Convolution(grid) | Sizes::Transposed { grid, .. } => gather::row(
            grid.inputs,
            grid.outputs,
            grid.groups,
            grid.taps().unwrap_or(0),
        ),
    }
}

fn times(numbers: &[f32], factor: f32) -> Vec<f32> {
    numbers.iter().map(|number| number * factor).collect()
}
