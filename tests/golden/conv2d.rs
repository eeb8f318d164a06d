//! Convolutions: `conv2d_0` to `conv2d_4`.

use crate::fixture::Fixture;
use crate::tape::{Number, Taped, both_ways, gradients, kernels_in, upload};
use bayes_core::device::{ImageSize, Kernels};
use bayes_core::dfdx::prelude::Cpu;
use bayes_core::kernels::bias as channel_bias;
use bayes_core::kernels::conv2d::{self, Conv2dGeometry};

#[test]
fn golden_conv2d_0() {
    golden("conv2d_0");
}

#[test]
fn golden_conv2d_1() {
    golden("conv2d_1");
}

#[test]
fn golden_conv2d_2() {
    golden("conv2d_2");
}

#[test]
fn golden_conv2d_3() {
    golden("conv2d_3");
}

#[test]
fn golden_conv2d_4() {
    golden("conv2d_4");
}

fn golden(name: &str) {
    let file = Fixture::open(name);
    by_kernels::<f32>(&file);
    by_kernels::<f64>(&file);
    on_tape::<f32>(&file);
    on_tape::<f64>(&file);
}

/// The sizes of the convolution of x with the tensor `weight`.
pub fn geometry(file: &Fixture, weight: &str) -> Conv2dGeometry {
    let [batch, in_channels, height, width] = file.tensor("x").sizes();
    let [out_channels, _, kernel, kernel_width] = file.tensor(weight).sizes();
    assert_eq!(kernel, kernel_width, "the kernels of this crate are square");
    let geometry = Conv2dGeometry {
        batch,
        in_channels,
        height,
        width,
        out_channels,
        kernel,
        stride: file.size("stride", Some(1)),
        padding: file.size("padding", Some(0)),
        dilation: file.size("dilation", Some(1)),
        groups: file.size("groups", Some(1)),
    };
    let geometry = geometry.validated().expect("the case of a convolution");
    let (batch, channels, height, width) = output(&geometry);
    assert_eq!(
        file.tensor("y").shape,
        [batch, channels, height, width],
        "shape of y"
    );
    geometry
}

/// The shape of the output.
pub fn output(g: &Conv2dGeometry) -> (usize, usize, usize, usize) {
    let size = |size: Option<usize>| size.expect("the geometry is valid");
    (
        g.batch,
        g.out_channels,
        size(g.out_height()),
        size(g.out_width()),
    )
}

/// The output as images that get a bias per channel.
pub fn output_image(geometry: &Conv2dGeometry) -> ImageSize {
    let (examples, channels, height, width) = output(geometry);
    ImageSize {
        examples,
        channels,
        pixels: height * width,
    }
}

fn by_kernels<E: Number>(file: &Fixture) {
    let way = kernels_in::<E>();
    let geometry = geometry(file, "w");
    let (x, w) = (file.tensor("x").to::<E>(), file.tensor("w").to::<E>());
    let b = file.get("b").map(|b| b.to::<E>());
    let mut y = vec![E::zero(); geometry.output_len()];
    conv2d::forward(&geometry, &x, &w, b.as_deref(), &mut y);
    file.compare(&way, "y", &y);

    let Some(g) = file.get("g").map(|g| g.to::<E>()) else {
        return;
    };
    let (mut dx, mut dw) = (vec![E::zero(); x.len()], vec![E::zero(); w.len()]);
    conv2d::backward_input(&geometry, &w, &g, &mut dx);
    conv2d::backward_weight(&geometry, &x, &g, &mut dw);
    file.compare_if_there(&way, "dx", &dx);
    file.compare_if_there(&way, "dw", &dw);
    if b.is_some() {
        let image = output_image(&geometry);
        let mut db = vec![E::zero(); image.channels];
        let sizes = [image.examples, image.channels, image.pixels];
        channel_bias::backward(sizes, &g, &mut db);
        file.compare_if_there(&way, "db", &db);
    }
}

fn on_tape<E: Number>(file: &Fixture)
where
    Cpu: Kernels<E>,
{
    let geometry = geometry(file, "w");
    let [n, c, h, w] = file.tensor("x").sizes();
    let [o, i, k, l] = file.tensor("w").sizes();
    let x = upload::<_, E>(file.tensor("x"), (n, c, h, w));
    let weight = upload::<_, E>(file.tensor("w"), (o, i, k, l));
    let bias = file.get("b").map(|b| upload::<_, E>(b, (o,)));
    both_ways!(E, |Operations, way| {
        let y = Operations::conv2d(x.retaped(), weight.retaped(), geometry, output(&geometry));
        let y: Taped<_, E> = y.expect("a convolution");
        let y = match &bias {
            Some(bias) => Operations::add_bias(y, bias.retaped(), output_image(&geometry))
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
