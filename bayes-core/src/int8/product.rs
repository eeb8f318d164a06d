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
        let weights = of.weights;
        let mean = match drawn {
            Drawn::Whole(whole) => whole,
            _ => &self.mean,
        };
        for (plane, zero, step) in x.each() {
            of.add(mean, plane, zero, &times(&weights.step, step), y);
        }
        let Some(sigma) = &weights.sigma else {
            return Vec::new();
        };
        match drawn {
            Drawn::Mean | Drawn::Whole(_) => {}
            Drawn::Deviation(deviation) => {
                let (plane, zero, step) = x.upper(of.isa);
                of.add(
                    deviation,
                    &plane,
                    zero,
                    &times(&sigma.deviation_step(), step),
                    y,
                );
            }
            Drawn::Flipped(deviation) => of.add_flipped(deviation, x, sigma, y),
            Drawn::Outputs => return self.variance(of, x, sigma, y.len()),
        }
        Vec::new()
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
            of.add(packed, &high, 0, &times(&gain, 256.0), &mut variance);
            of.add(packed, &low, 0, &gain, &mut variance);
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

impl Operands<'_> {
    /// `y += gain·W·(x − zero)`.
    fn add(&self, w: &Packed, x: &Plane, zero: u8, gain: &[f32], y: &mut [f32]) {
        let mut acc = vec![0; y.len()];
        self.products(w, x, zero, &mut acc);
        let scaled = Scaled {
            acc: &acc,
            zero: zero.into(),
            sums: w.sums(),
            gain,
        };
        activation::add_scaled(self.isa, scaled, y);
    }

    /// `y_n += s_n ∘ gain·Δ·(r_n ∘ x_n)`: each example's input at half its resolution, so that it fits a byte with its
    /// sign.
    fn add_flipped(&self, w: &Packed, x: &Planes, sigma: &Sigma, y: &mut [f32]) {
        let (plane, zero, step) = x.upper(self.isa);
        let gain = times(&sigma.deviation_step(), 2.0 * step);
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
        let mut acc = vec![0; y.len()];
        self.products(w, &flipped, CENTRE, &mut acc);
        let mut signs = vec![1.0; self.sizes.outputs()];
        let len = self.form.len().max(1);
        for (row, (acc, y)) in acc
            .chunks_exact(len)
            .zip(y.chunks_exact_mut(len))
            .enumerate()
        {
            if let Some(stream) = self.key.example_stream(Noise::SignOut, row as u64) {
                stream.fill_signs(0, &mut signs);
            }
            let scaled = Scaled {
                acc,
                zero: CENTRE.into(),
                sums: w.sums(),
                gain: &gain,
            };
            activation::add_signed_scaled(self.isa, scaled, &signs, y);
        }
    }

    /// Sums of products of all examples, `border` around grids.
    fn products(&self, w: &Packed, x: &Plane, border: u8, acc: &mut [i32]) {
        let (len, out) = (self.x.form.len(), self.form.len().max(1));
        let size = window(self.sizes, self.x.form, self.x.examples);
        match path(self.sizes) {
            Path::Rows => product_on(self.isa, &size, x.with_slack(0), w, acc),
            Path::Direct { padding } => {
                let [_, height, width] = self.x.form.sides();
                let image = [height, width, self.x.form.channels()];
                let mut padded = vec![0; size.input_len() + SLACK];
                for (example, acc) in acc.chunks_exact_mut(out).enumerate() {
                    if padding == [0, 0] {
                        product_on(self.isa, &size, x.with_slack(example * len), w, acc);
                        continue;
                    }
                    let bytes = &x.bytes()[example * len..(example + 1) * len];
                    border::pad(
                        image,
                        bytes,
                        padding,
                        border,
                        &mut padded[..size.input_len()],
                    );
                    product_on(self.isa, &size, &padded, w, acc);
                }
            }
            Path::Gathered => {
                if let Some(taps) = taps(self.sizes, self.x.form) {
                    for (example, acc) in acc.chunks_exact_mut(out).enumerate() {
                        let bytes = &x.bytes()[example * len..(example + 1) * len];
                        self.gathered(w, &taps, size, bytes, border, acc);
                    }
                }
            }
        }
    }

    /// Sums of products of one example whose windows are gathered, some rows at a time.
    fn gathered(
        &self,
        w: &Packed,
        taps: &Taps,
        size: Window8,
        x: &[u8],
        border: u8,
        acc: &mut [i32],
    ) {
        let row = size.kernel[1] * size.channels;
        let at_once = (GATHERED / row.max(1)).max(1);
        let mut rows = vec![0; at_once * row + SLACK];
        for (slab, acc) in acc.chunks_mut(at_once * size.outputs).enumerate() {
            let count = acc.len() / size.outputs;
            let first = slab * at_once;
            let size = Window8 {
                width: count * size.kernel[1],
                ..size
            };
            let inner = &mut rows[..count * row];
            taps.gather(first..first + count, size.channels, x, border, inner);
            product_on(self.isa, &size, &rows, w, acc);
        }
    }
}

/// How the kernel sees a product.
enum Path {
    /// Rows of features.
    Rows,
    /// An image, or a line, with a stored border.
    Direct { padding: [usize; 2] },
    /// Rows that are gathered: volumes and transposed convolutions.
    Gathered,
}

fn path(sizes: &Sizes) -> Path {
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
        Sizes::Convolution(_) | Sizes::Transposed { .. } => Path::Gathered,
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
