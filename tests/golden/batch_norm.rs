//! Batch normalisation in training and in evaluation: `batchnorm1d_0`, `batchnorm2d_0`, `batchnorm3d_0`.

use crate::fixture::{Fixture, Golden};
use crate::tape::{Number, Taped, both_ways, gradients, kernels_in, upload};
use bayes_core::device::{ImageSize, Kernels, NormSize, Normalized};
use bayes_core::dfdx::prelude::{Cpu, Tensor};
use bayes_core::kernels::batch_norm::{
    Affine, Gradients, RunningStatistics, backward_train, forward_eval, forward_train,
};

#[test]
fn golden_batchnorm1d_0() {
    golden("batchnorm1d_0");
}

#[test]
fn golden_batchnorm2d_0() {
    golden("batchnorm2d_0");
}

#[test]
fn golden_batchnorm3d_0() {
    golden("batchnorm3d_0");
}

fn golden(name: &str) {
    let case = Case::open(name);
    by_kernels::<f32>(&case);
    by_kernels::<f64>(&case);
    on_tape::<f32>(&case);
    on_tape::<f64>(&case);
}

/// A file with its sizes and its settings.
struct Case {
    file: Fixture,
    size: NormSize,
    momentum: f64,
}

impl Case {
    fn open(name: &str) -> Self {
        let file = Fixture::open(name);
        let shape = &file.tensor("x").shape;
        let image = ImageSize {
            examples: shape[0],
            channels: shape[1],
            pixels: shape[2..].iter().product(),
        };
        let size = NormSize {
            image,
            epsilon: file.number("eps", 1e-5),
        };
        let momentum = file.number("momentum", 0.1);
        Self {
            file,
            size,
            momentum,
        }
    }

    fn tensor(&self, name: &str) -> &Golden {
        self.file.tensor(name)
    }

    fn channels<E: Number>(&self, name: &str) -> Tensor<(usize,), E, Cpu>
    where
        Cpu: Kernels<E>,
    {
        upload(self.tensor(name), (self.size.image.channels,))
    }
}

fn by_kernels<E: Number>(case: &Case) {
    let way = kernels_in::<E>();
    let [x, g, scale, bias] = ["x", "g", "w", "b"].map(|name| case.tensor(name).to::<E>());
    let [mut mean, mut variance] =
        ["running_mean", "running_var"].map(|name| case.tensor(name).to::<E>());
    let image = case.size.image;
    let sizes = [image.examples, image.channels, image.pixels];
    let affine = Affine {
        scale: &scale,
        bias: &bias,
        eps: case.size.epsilon,
    };
    let mut y = vec![E::zero(); x.len()];
    forward_eval(sizes, &x, &affine, [&mean, &variance], &mut y);
    case.file.compare(&way, "y_eval", &y);

    let running = RunningStatistics {
        mean: &mut mean,
        variance: &mut variance,
        momentum: case.momentum,
    };
    let statistics =
        forward_train(sizes, &x, &affine, running, &mut y).expect("two values per channel");
    case.file.compare(&way, "y", &y);
    case.file.compare(&way, "running_mean_after", &mean);
    case.file.compare(&way, "running_var_after", &variance);

    let mut dx = vec![E::zero(); x.len()];
    let [mut d_scale, mut d_bias] = [(); 2].map(|()| vec![E::zero(); image.channels]);
    let into = Gradients {
        dx: &mut dx,
        d_scale: &mut d_scale,
        d_bias: &mut d_bias,
    };
    backward_train(sizes, &x, &affine, &statistics, &g, into);
    case.file.compare(&way, "dx", &dx);
    case.file.compare(&way, "dw", &d_scale);
    case.file.compare(&way, "db", &d_bias);
}

fn on_tape<E: Number>(case: &Case)
where
    Cpu: Kernels<E>,
{
    let (file, size) = (&case.file, case.size);
    let image = size.image;
    let shape = (image.examples, image.channels, image.pixels);
    let x = upload::<_, E>(file.tensor("x"), shape);
    let (scale, bias) = (case.channels::<E>("w"), case.channels::<E>("b"));
    let (mean, variance) = (
        case.channels::<E>("running_mean"),
        case.channels::<E>("running_var"),
    );
    both_ways!(E, |Operations, way| {
        let (tracked, scale_on_tape, bias_on_tape) = (x.retaped(), scale.retaped(), bias.retaped());
        let y = Operations::batch_norm(tracked, scale_on_tape, bias_on_tape, size);
        let y: Normalized<_, E, _, _> = y.expect("two values per channel");
        file.compare(&way, "y", &y.output.as_vec());
        let after = |before: &Tensor<_, E, Cpu>, batch: &Tensor<_, E, Cpu>| {
            moved(case.momentum, before.as_vec(), batch.as_vec())
        };
        file.compare(&way, "running_mean_after", &after(&mean, &y.mean));
        file.compare(
            &way,
            "running_var_after",
            &after(&variance, &y.unbiased_var),
        );

        let output: Taped<_, E> = y.output;
        let gradients = gradients(output, file.tensor("g"));
        file.compare(&way, "dx", &gradients.get(&x).as_vec());
        file.compare(&way, "dw", &gradients.get(&scale).as_vec());
        file.compare(&way, "db", &gradients.get(&bias).as_vec());

        let running = (&mean, &variance);
        let y = Operations::batch_norm_eval(x.clone(), scale.clone(), bias.clone(), running, size);
        file.compare(&way, "y_eval", &y.expect("a normalisation").as_vec());
    });
}

/// Running statistics after a batch: (1 − momentum)·running + momentum·batch.
fn moved<E: Number>(momentum: f64, running: Vec<E>, batch: Vec<E>) -> Vec<E> {
    let moved =
        |(old, new): (E, E)| E::narrow((1.0 - momentum) * old.widen() + momentum * new.widen());
    running.into_iter().zip(batch).map(moved).collect()
}
