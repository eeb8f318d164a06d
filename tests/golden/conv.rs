//! Convolutions and transposed convolutions in one, two and three dimensions.

use crate::fixture::{Fixture, Golden};
use crate::tape::{Number, Taped, both_ways, gradients, kernels_in, upload};
use bayes_core::device::{ImageSize, Kernels};
use bayes_core::dfdx::prelude::Cpu;
use bayes_core::kernels::bias as channel_bias;
use bayes_core::kernels::conv::transposed::{self, TransposedGeometry};
use bayes_core::kernels::conv::{self, Axis, ConvGeometry};

macro_rules! goldens {
    ($($test:ident: $golden:ident($name:literal);)*) => {$(
        #[test]
        fn $test() {
            $golden($name);
        }
    )*};
}

goldens! {
    golden_conv1d_0: convolution("conv1d_0");
    golden_conv1d_1: convolution("conv1d_1");
    golden_conv2d_0: convolution("conv2d_0");
    golden_conv2d_1: convolution("conv2d_1");
    golden_conv2d_2: convolution("conv2d_2");
    golden_conv2d_3: convolution("conv2d_3");
    golden_conv2d_4: convolution("conv2d_4");
    golden_conv3d_0: convolution("conv3d_0");
    golden_conv3d_1: convolution("conv3d_1");
    golden_conv_transpose1d_0: transposed_convolution("conv_transpose1d_0");
    golden_conv_transpose1d_1: transposed_convolution("conv_transpose1d_1");
    golden_conv_transpose2d_0: transposed_convolution("conv_transpose2d_0");
    golden_conv_transpose2d_1: transposed_convolution("conv_transpose2d_1");
    golden_conv_transpose2d_2: transposed_convolution("conv_transpose2d_2");
    golden_conv_transpose3d_0: transposed_convolution("conv_transpose3d_0");
}

fn convolution(name: &str) {
    let file = Fixture::open(name);
    let product = Product::Over(geometry(&file, "w"));
    golden(&file, &product);
}

fn transposed_convolution(name: &str) {
    let file = Fixture::open(name);
    let weight = file.tensor("w");
    let taken = ConvGeometry {
        out_channels: weight.shape[1] * file.size("groups", Some(1)),
        ..taken(&file, weight)
    };
    let mut extra = [0; 3];
    let sides = weight.shape.len() - 2;
    extra[3 - sides..].fill(file.size("output_padding", Some(0)));
    let geometry = TransposedGeometry::new(taken, extra).expect("a transposed convolution");
    golden(&file, &Product::Back(geometry));
}

fn golden(file: &Fixture, product: &Product) {
    let output = product.output();
    let elements = output.examples * output.channels * output.pixels;
    assert_eq!(file.tensor("y").values.len(), elements, "size of y");
    by_kernels::<f32>(file, product);
    by_kernels::<f64>(file, product);
    on_tape::<f32>(file, product);
    on_tape::<f64>(file, product);
}

/// A product with its sizes.
enum Product {
    Over(ConvGeometry),
    Back(TransposedGeometry),
}

impl Product {
    /// The output as images that get a bias per channel.
    fn output(&self) -> ImageSize {
        match self {
            Self::Over(geometry) => output_image(geometry),
            Self::Back(geometry) => ImageSize {
                examples: geometry.back().batch,
                channels: geometry.channels_out(),
                pixels: geometry.out_sides().into_iter().product(),
            },
        }
    }

    fn forward<E: Number>(&self, x: &[E], w: &[E], b: Option<&[E]>, y: &mut [E]) {
        match self {
            Self::Over(geometry) => conv::forward(geometry, x, w, b, y),
            Self::Back(geometry) => {
                transposed::forward(geometry, x, w, y);
                let ImageSize {
                    examples,
                    channels,
                    pixels,
                } = self.output();
                if let Some(b) = b {
                    channel_bias::forward([examples, channels, pixels], b, y);
                }
            }
        }
    }

    fn backward<E: Number>(&self, x: &[E], w: &[E], g: &[E], [dx, dw]: [&mut [E]; 2]) {
        match self {
            Self::Over(geometry) => {
                conv::backward_input(geometry, w, g, dx);
                conv::backward_weight(geometry, x, g, dw);
            }
            Self::Back(geometry) => {
                transposed::backward_input(geometry, w, g, dx);
                transposed::backward_weight(geometry, x, g, dw);
            }
        }
    }
}

/// The sizes of x, and how a kernel like `weight` moves over it.
fn taken(file: &Fixture, weight: &Golden) -> ConvGeometry {
    let x = &file.tensor("x").shape;
    let mut axes = [Axis::NONE; 3];
    let sides = x[2..].iter().zip(&weight.shape[2..]);
    for (axis, (&size, &kernel)) in axes[5 - x.len()..].iter_mut().zip(sides) {
        *axis = Axis {
            size,
            kernel,
            stride: file.size("stride", Some(1)),
            padding: file.size("padding", Some(0)),
            dilation: file.size("dilation", Some(1)),
        };
    }
    ConvGeometry {
        batch: x[0],
        in_channels: x[1],
        out_channels: weight.shape[0],
        axes,
        groups: file.size("groups", Some(1)),
    }
}

/// The sizes of the convolution of x with the tensor `weight`.
pub fn geometry(file: &Fixture, weight: &str) -> ConvGeometry {
    let taken = taken(file, file.tensor(weight));
    taken.validated().expect("the case of a convolution")
}

/// The output of a convolution as images that get a bias per channel.
pub fn output_image(geometry: &ConvGeometry) -> ImageSize {
    ImageSize {
        examples: geometry.batch,
        channels: geometry.out_channels,
        pixels: geometry.positions(),
    }
}

fn by_kernels<E: Number>(file: &Fixture, product: &Product) {
    let way = kernels_in::<E>();
    let (x, w) = (file.tensor("x").to::<E>(), file.tensor("w").to::<E>());
    let b = file.get("b").map(|b| b.to::<E>());
    let mut y = vec![E::zero(); file.tensor("y").values.len()];
    product.forward(&x, &w, b.as_deref(), &mut y);
    file.compare(&way, "y", &y);

    let Some(g) = file.get("g").map(|g| g.to::<E>()) else {
        return;
    };
    let (mut dx, mut dw) = (vec![E::zero(); x.len()], vec![E::zero(); w.len()]);
    product.backward(&x, &w, &g, [&mut dx, &mut dw]);
    file.compare_if_there(&way, "dx", &dx);
    file.compare_if_there(&way, "dw", &dw);
    if b.is_some() {
        let image = product.output();
        let mut db = vec![E::zero(); image.channels];
        let sizes = [image.examples, image.channels, image.pixels];
        channel_bias::backward(sizes, &g, &mut db);
        file.compare_if_there(&way, "db", &db);
    }
}

fn on_tape<E: Number>(file: &Fixture, product: &Product)
where
    Cpu: Kernels<E>,
{
    // The geometry says the sizes, so a shape of one dimension does.
    let flat = |name: &str| {
        let golden = file.get(name)?;
        Some(upload::<_, E>(golden, (golden.values.len(),)))
    };
    let (x, weight) = (flat("x").expect("x"), flat("w").expect("w"));
    let bias = flat("b");
    let out = (file.tensor("y").values.len(),);
    both_ways!(E, |Operations, way| {
        let y = match product {
            Product::Over(g) => Operations::conv(x.retaped(), weight.retaped(), *g, out),
            Product::Back(g) => Operations::conv_transposed(x.retaped(), weight.retaped(), *g, out),
        };
        let y: Taped<_, E> = y.expect("a convolution");
        let y = match &bias {
            Some(bias) => Operations::add_bias(y, bias.retaped(), product.output())
                .expect("a bias per channel"),
            None => y,
        };
        file.compare(&way, "y", &y.as_vec());
        if let Some(g) = file.get("g") {
            let gradients = gradients(y, g);
            file.compare_if_there(&way, "dx", &gradients.get(&x).as_vec());
            file.compare_if_there(&way, "dw", &gradients.get(&weight).as_vec());
            if let Some(bias) = &bias {
                file.compare_if_there(&way, "db", &gradients.get(bias).as_vec());
            }
        }
    });
}
