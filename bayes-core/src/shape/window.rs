//! The table of windows: which dimension a kernel, stride, padding and dilation make of a dimension.

use super::dims::Down;
use dfdx::shapes::Dim;

/// A window of kernel size `K`, stride `S`, padding `P` and dilation `L`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window<const K: usize, const S: usize, const P: usize, const L: usize>;

/// What a [`Window`] makes of the dimension `H`.
///
/// A stride-1 window that keeps the size gives `H` itself, so that residual additions type-check; every other one
/// gives [`Down`]. The table covers kernels 1 to 11, strides 1 to 4, paddings 0 to 5 and dilations 1 and 2.
#[diagnostic::on_unimplemented(
    message = "no entry for `{Self}` in the table of windows",
    note = "windows have kernel 1 to 11, stride 1 to 4, padding 0 to 5 and dilation 1 or 2"
)]
pub trait WindowOut<H: Dim> {
    /// The output dimension.
    type Out: Dim;

    /// The output dimension, or `None` where the window is larger than its padded input.
    fn out(input: H) -> Option<Self::Out>;
}

/// One step of the table: stride and offset decide the type.
#[derive(Clone, Copy, Debug)]
pub struct Offset<const S: usize, const OFF: isize>;

/// The dimension that a stride and an offset make of any dimension.
pub trait Step {
    /// The output dimension.
    type Out<H: Dim>: Dim;

    /// Applies the step.
    fn step<H: Dim>(input: H) -> Self::Out<H>;
}

impl Step for Offset<1, -1> {
    type Out<H: Dim> = H;

    fn step<H: Dim>(input: H) -> H {
        input
    }
}

macro_rules! steps {
    ($stride:literal: $($offset:literal)*) => {$(
        impl Step for Offset<$stride, $offset> {
            type Out<H: Dim> = Down<H, $stride, $offset>;

            fn step<H: Dim>(input: H) -> Self::Out<H> {
                Down::of(input)
            }
        }
    )*};
}

steps!(1: -21 -20 -19 -18 -17 -16 -15 -14 -13 -12 -11 -10 -9 -8 -7 -6 -5 -4 -3 -2 0 1 2 3 4 5 6 7 8 9);
steps!(2: -21 -20 -19 -18 -17 -16 -15 -14 -13 -12 -11 -10 -9 -8 -7 -6 -5 -4 -3 -2 -1 0 1 2 3 4 5 6 7 8 9);
steps!(3: -21 -20 -19 -18 -17 -16 -15 -14 -13 -12 -11 -10 -9 -8 -7 -6 -5 -4 -3 -2 -1 0 1 2 3 4 5 6 7 8 9);
steps!(4: -21 -20 -19 -18 -17 -16 -15 -14 -13 -12 -11 -10 -9 -8 -7 -6 -5 -4 -3 -2 -1 0 1 2 3 4 5 6 7 8 9);

macro_rules! windows {
    (kernels $($k:literal)*) => {$(windows!(strides $k: 1 2 3 4);)*};
    (strides $k:literal: $($s:literal)*) => {$(windows!(paddings $k $s: 0 1 2 3 4 5);)*};
    (paddings $k:literal $s:literal: $($p:literal)*) => {$(windows!(dilations $k $s $p: 1 2);)*};
    (dilations $k:literal $s:literal $p:literal: $($l:literal)*) => {$(
        impl<H: Dim> WindowOut<H> for Window<$k, $s, $p, $l> {
            type Out = <Offset<$s, { 2 * $p - $l * ($k - 1) - 1 }> as Step>::Out<H>;

            fn out(input: H) -> Option<Self::Out> {
                let fits = input.size() + 2 * $p > $l * ($k - 1);
                fits.then(|| <Offset<$s, { 2 * $p - $l * ($k - 1) - 1 }> as Step>::step(input))
            }
        }
    )*};
}

windows!(kernels 1 2 3 4 5 6 7 8 9 10 11);

#[cfg(test)]
mod tests {
    use super::*;
    use dfdx::shapes::Const;

    /// Compiles only where `A` and `B` are one type.
    fn same<A>(_: A, _: A) {}

    #[test]
    fn a_stride_1_same_window_keeps_the_type() {
        let kept: Const<28> = <Window<3, 1, 1, 1> as WindowOut<Const<28>>>::out(Const).unwrap();
        assert_eq!(kept.size(), 28);
        let kept: Const<28> = <Window<5, 1, 4, 2> as WindowOut<Const<28>>>::out(Const).unwrap();
        assert_eq!(kept.size(), 28);
        assert_eq!(
            <Window<3, 1, 1, 1> as WindowOut<usize>>::out(9),
            Some(9usize)
        );
    }

    #[test]
    fn a_strided_block_and_its_shortcut_are_one_type() {
        same(
            <Window<3, 2, 1, 1> as WindowOut<Const<32>>>::out(Const),
            <Window<1, 2, 0, 1> as WindowOut<Const<32>>>::out(Const),
        );
    }

    #[test]
    fn a_window_larger_than_its_input_has_no_output() {
        assert!(<Window<5, 1, 0, 1> as WindowOut<usize>>::out(4).is_none());
        assert_eq!(
            <Window<5, 1, 0, 1> as WindowOut<usize>>::out(5).map(|d| d.size()),
            Some(1)
        );
        assert!(<Window<3, 2, 0, 2> as WindowOut<Const<4>>>::out(Const).is_none());
    }
}
