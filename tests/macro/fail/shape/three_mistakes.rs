use bayes_core::prelude::*;

#[bayesian(input = (1, 28, 28))]
struct Net {
    conv1: Conv2D<1, 6, 5, 1, 2>,
    pool1: MaxPool2D<2, 2>,
    conv2: Conv2D<8, 16, 5>,
    pool2: MaxPool2D<2, 2>,
    flatten: Flatten,
    fc1: Linear<256, 120>,
    act1: ReLU,
    fc2: Linear<120, 84>,
    act2: ReLU,
    fc3: Linear<80, 10>,
}

fn main() {}
