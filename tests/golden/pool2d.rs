//! Pooling: `maxpool2d_0`, `avgpool2d_0` and `adaptive_avgpool2d_0`.

use crate::fixture::Fixture;
use crate::tape::{Number, Taped, both_ways, gradients, kernels_in, upload};
use bayes_core::device::{ImageSize, Kernels, PoolSize};
use bayes_core::dfdx::nn::Module;
use bayes_core::dfdx::prelude::ReshapeTo;
use bayes_core::dfdx::prelude::{Cpu, Tensor};
use bayes_core::kernels::pool_axis::AxisPool;
use bayes_core::kernels::pool2d::adaptive_average::{self, AdaptivePool2dGeometry};
use bayes_core::kernels::pool2d::{Pool2dGeometry, average, max};
use bayes_core::layers::modules::AvgPoolGlobal;
use bayes_core::shape::Sliding;

#[test]
fn golden_maxpool2d_0() {
    let file = Fixture::open("maxpool2d_0");
    max_by_kernels::<f32>(&file);
    max_by_kernels::<f64>(&file);
    max_on_tape::<f32>(&file);
    max_on_tape::<f64>(&file);
}

#[test]
fn golden_avgpool2d_0() {
    let file = Fixture::open("avgpool2d_0");
    average_by_kernels::<f32>(&file);
    average_by_kernels::<f64>(&file);
    average_on_tape::<f32>(&file);
    average_on_tape::<f64>(&file);
}

#[test]
fn golden_adaptive_avgpool2d_0() {
    let file = Fixture::open("adaptive_avgpool2d_0");
    adaptive_by_kernels::<f32>(&file);
    adaptive_by_kernels::<f64>(&file);
    let [_, _, height, width] = file.tensor("y").sizes();
    if (height, width) == (1, 1) {
        global_on_tape::<f32>(&file);
        global_on_tape::<f64>(&file);
    }
}

/// The images and the window that moves over them.
fn pool_size(file: &Fixture) -> PoolSize {
    let [batch, channels, height, width] = file.tensor("x").sizes();
    let kernel = file.size("k", None);
    let dilation = file.size("dilation", Some(1));
    assert_eq!(
        dilation, 1,
        "the pooling windows of this crate have no gaps"
    );
    PoolSize {
        planes: batch * channels,
        height,
        width,
        window: Sliding {
            kernel,
            stride: file.size("stride", Some(kernel)),
            padding: file.size("padding", Some(0)),
            dilation,
        },
    }
}

/// The same sizes for the kernels.
fn geometry(size: PoolSize) -> Pool2dGeometry {
    let geometry = Pool2dGeometry {
        planes: size.planes,
        height: size.height,
        width: size.width,
        kernel: size.window.kernel,
        stride: size.window.stride,
        padding: size.window.padding,
    };
    geometry.validated().expect("the case of a pooling")
}

/// A tensor of images.
type Images<E> = Tensor<(usize, usize, usize, usize), E, Cpu>;

/// The images, and the shape of the output.
fn images<E: Number>(file: &Fixture) -> (Images<E>, (usize, usize, usize, usize))
where
    Cpu: Kernels<E>,
{
    let [n, c, h, w] = file.tensor("x").sizes();
    let [_, _, out_h, out_w] = file.tensor("y").sizes();
    (upload(file.tensor("x"), (n, c, h, w)), (n, c, out_h, out_w))
}

fn max_by_kernels<E: Number>(file: &Fixture) {
    let way = kernels_in::<E>();
    let geometry = geometry(pool_size(file));
    let (x, g) = (file.tensor("x").to::<E>(), file.tensor("g").to::<E>());
    let mut y = vec![E::zero(); geometry.output_len()];
    max::forward(&geometry, &x, &mut y);
    file.compare(&way, "y", &y);
    let mut dx = vec![E::zero(); x.len()];
    max::backward(&geometry, &x, &g, &mut dx);
    file.compare(&way, "dx", &dx);
}

fn max_on_tape<E: Number>(file: &Fixture)
where
    Cpu: Kernels<E>,
{
    let size = pool_size(file);
    let (x, out) = images::<E>(file);
    let fused = Cpu::max_pool2d(x.clone(), size, out).expect("a pooling");
    let ties = has_ties(&x.as_vec(), &fused.as_vec(), size);
    both_ways!(E, |Operations, way| {
        let y: Taped<_, E> = Operations::max_pool2d(x.retaped(), size, out).expect("a pooling");
        file.compare(&way, "y", &y.as_vec());
        let gradients = gradients(y, file.tensor("g"));
        // Composed operations give each of several largest elements the gradient, PyTorch only the first.
        if !(ties && way.starts_with("composed")) {
            file.compare(&way, "dx", &gradients.get(&x).as_vec());
        }
    });
}

/// Whether the largest element of a window occurs in it twice.
fn has_ties<E: Number>(x: &[E], y: &[E], size: PoolSize) -> bool {
    let (window, (rows, columns)) = (size.window, size.output());
    let under = |out: usize, length: usize| {
        let start = out * window.stride;
        (start..start + window.kernel)
            .filter_map(|i| i.checked_sub(window.padding))
            .filter(move |&i| i < length)
    };
    let times = |i: usize| {
        let (plane, row, column) = (i / (rows * columns), i / columns % rows, i % columns);
        under(row, size.height)
            .flat_map(|row| under(column, size.width).map(move |column| (row, column)))
            .filter(|(row, column)| x[(plane * size.height + row) * size.width + column] == y[i])
            .count()
    };
    (0..y.len()).any(|i| times(i) > 1)
}

fn average_by_kernels<E: Number>(file: &Fixture) {
    let way = kernels_in::<E>();
    let geometry = geometry(pool_size(file));
    let (x, g) = (file.tensor("x").to::<E>(), file.tensor("g").to::<E>());
    let mut y = vec![E::zero(); geometry.output_len()];
    average::forward(&geometry, &x, &mut y);
    file.compare(&way, "y", &y);
    let mut dx = vec![E::zero(); x.len()];
    average::backward(&geometry, &g, &mut dx);
    file.compare(&way, "dx", &dx);
}

fn average_on_tape<E: Number>(file: &Fixture)
where
    Cpu: Kernels<E>,
{
    let size = pool_size(file);
    let (x, out) = images::<E>(file);
    both_ways!(E, |Operations, way| {
        let y: Taped<_, E> = Operations::avg_pool2d(x.retaped(), size, out).expect("a pooling");
        file.compare(&way, "y", &y.as_vec());
        let gradients = gradients(y, file.tensor("g"));
        file.compare(&way, "dx", &gradients.get(&x).as_vec());
    });
}

fn adaptive_by_kernels<E: Number>(file: &Fixture) {
    let way = kernels_in::<E>();
    let [batch, channels, height, width] = file.tensor("x").sizes();
    let [_, _, out_height, out_width] = file.tensor("y").sizes();
    let geometry = AdaptivePool2dGeometry {
        planes: batch * channels,
        input: [height, width],
        output: [out_height, out_width],
    };
    let (x, g) = (file.tensor("x").to::<E>(), file.tensor("g").to::<E>());
    let mut y = vec![E::zero(); g.len()];
    adaptive_average::forward(&geometry, &x, &mut y);
    file.compare(&way, "y", &y);
    let mut dx = vec![E::zero(); x.len()];
    adaptive_average::backward(&geometry, &g, &mut dx);
    file.compare(&way, "dx", &dx);
}

fn global_on_tape<E: Number>(file: &Fixture)
where
    Cpu: Kernels<E>,
{
    let (x, (examples, channels, ..)) = images::<E>(file);
    let pixels = x.as_vec().len() / (examples * channels);
    let size = ImageSize {
        examples,
        channels,
        pixels,
    };
    both_ways!(E, |Operations, way| {
        let y = Operations::avg_pool_global(x.retaped(), size, (examples, channels));
        let y: Taped<_, E> = y.expect("a mean");
        file.compare(&way, "y", &y.as_vec());
        let gradients = gradients(y, file.tensor("g"));
        file.compare(&way, "dx", &gradients.get(&x).as_vec());
    });
    let layer = AvgPoolGlobal.forward(x);
    file.compare("the layer", "y", &layer.as_vec());
}

/// The same files by pooling along the rows and then along the columns.
#[test]
fn golden_pooling_by_axes() {
    for name in ["maxpool2d_0", "avgpool2d_0", "adaptive_avgpool2d_0"] {
        by_axes::<f32>(&Fixture::open(name), name);
        by_axes::<f64>(&Fixture::open(name), name);
    }
}

fn by_axes<E: Number>(file: &Fixture, name: &str)
where
    Cpu: Kernels<E>,
{
    let [batch, channels, height, width] = file.tensor("x").sizes();
    let [_, _, rows, columns] = file.tensor("y").sizes();
    let planes = batch * channels;
    let axis = |axis: [usize; 3], parts: usize| {
        let pool = if name.starts_with("adaptive") {
            AxisPool::adaptive(axis, parts)
        } else {
            let (kernel, stride) = (file.size("k", None), file.size("stride", None));
            AxisPool::sliding(axis, kernel, stride, file.size("padding", Some(0)))
        };
        pool.expect("the case of a pooling")
    };
    let (down, across) = (
        axis([planes, height, width], rows),
        axis([planes * rows, width, 1], columns),
    );
    let x = upload::<_, E>(file.tensor("x"), (planes, height, width));
    both_ways!(E, |Operations, way| {
        let y: Taped<_, E> = if name.starts_with("max") {
            let y = Operations::axis_max(x.retaped(), down.clone()).expect("rows");
            let y = y.reshape_like(&(planes * rows, width, 1));
            Operations::axis_max(y, across.clone()).expect("columns")
        } else {
            let y = Operations::axis_mean(x.retaped(), down.clone()).expect("rows");
            let y = y.reshape_like(&(planes * rows, width, 1));
            Operations::axis_mean(y, across.clone()).expect("columns")
        };
        file.compare(&way, "y", &y.as_vec());
        let found = gradients(y, file.tensor("g"));
        file.compare(&way, "dx", &found.get(&x).as_vec());
    });
}
