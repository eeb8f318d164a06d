//! The digits: 8×8 handwritten digits, and natural image patches that are none.

use super::idx::{self, Images};
use super::{Error, Labelled};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Handwritten digits for training and testing, with out-of-distribution images of the same size.
///
/// The embedded set has 1437 + 360 digits (E. Alpaydin, C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI
/// Machine Learning Repository, 1998, CC BY 4.0) and 360 patches of two photographs (*china* by danielbuechele,
/// *flower* by vultilion, CC BY 2.0). Digits have 17 grey levels. They come largely in the order of their writers:
/// for a validation set of other writers take the last ones, with [`Labelled::split_tail`].
///
/// ```
/// use bayes_models::data::Digits;
///
/// let digits = Digits::embedded()?;
/// assert_eq!(digits.train.labels[..3], [0, 1, 2]);
/// assert_eq!(digits.out_of_distribution.len(), 360 * Digits::PIXELS);
/// # Ok::<(), bayes_models::data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Digits {
    /// Digits to train on.
    pub train: Labelled,
    /// Digits to test on.
    pub test: Labelled,
    /// Images that show no digit: m×1×8×8, grey levels in [0, 1], row-major.
    pub out_of_distribution: Vec<f32>,
}

impl Digits {
    /// Height and width of an image.
    pub const SIDE: usize = 8;
    /// Pixels of an image.
    pub const PIXELS: usize = Self::SIDE * Self::SIDE;
    /// The number of classes.
    pub const CLASSES: usize = 10;

    /// The set that is part of this crate.
    ///
    /// # Errors
    ///
    /// As [`Digits::read`], if the crate was built from damaged files.
    pub fn embedded() -> Result<Self, Error> {
        Self::assemble(|file| Ok((file.name().into(), Cow::Borrowed(file.embedded()))))
    }

    /// A set of the same form from the IDX files in `dir`: `digits-train-images-idx3-ubyte`,
    /// `digits-train-labels-idx1-ubyte`, the same two with `test`, and `patches-ood-images-idx3-ubyte`.
    ///
    /// Each file of images has at least one, all of 8×8; labels are 0 to 9.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] for a file that cannot be read, the errors of [`idx::decode_images`] for a damaged one,
    /// [`Error::ImageSize`], [`Error::NoImages`], [`Error::LabelRange`] and [`Error::LabelCount`] for one that holds
    /// something else.
    pub fn read(dir: &Path) -> Result<Self, Error> {
        Self::assemble(|file| {
            let path = dir.join(file.name());
            let bytes = idx::read_bytes(&path)?;
            Ok((path, Cow::Owned(bytes)))
        })
    }

    fn assemble(content: impl Fn(File) -> Result<Content, Error>) -> Result<Self, Error> {
        Ok(Self {
            train: labelled(content(File::TrainImages)?, content(File::TrainLabels)?)?,
            test: labelled(content(File::TestImages)?, content(File::TestLabels)?)?,
            out_of_distribution: to_floats(&images(&content(File::Patches)?)?),
        })
    }
}

/// The path of a file, for errors, and its bytes.
type Content = (PathBuf, Cow<'static, [u8]>);

/// The files of the set.
#[derive(Clone, Copy)]
enum File {
    TrainImages,
    TrainLabels,
    TestImages,
    TestLabels,
    Patches,
}

impl File {
    fn name(self) -> &'static str {
        match self {
            File::TrainImages => "digits-train-images-idx3-ubyte",
            File::TrainLabels => "digits-train-labels-idx1-ubyte",
            File::TestImages => "digits-test-images-idx3-ubyte",
            File::TestLabels => "digits-test-labels-idx1-ubyte",
            File::Patches => "patches-ood-images-idx3-ubyte",
        }
    }

    fn embedded(self) -> &'static [u8] {
        match self {
            File::TrainImages => include_bytes!("../../data/digits-train-images-idx3-ubyte"),
            File::TrainLabels => include_bytes!("../../data/digits-train-labels-idx1-ubyte"),
            File::TestImages => include_bytes!("../../data/digits-test-images-idx3-ubyte"),
            File::TestLabels => include_bytes!("../../data/digits-test-labels-idx1-ubyte"),
            File::Patches => include_bytes!("../../data/patches-ood-images-idx3-ubyte"),
        }
    }
}

fn labelled(image_content: Content, label_content: Content) -> Result<Labelled, Error> {
    let images = images(&image_content)?;
    let (file, bytes) = &label_content;
    let labels = idx::decode_labels(file, bytes)?;
    let labels = idx::classes(
        (&image_content.0, images.count),
        (file, &labels),
        Digits::CLASSES,
    )?;
    Ok(Labelled {
        images: to_floats(&images),
        labels,
    })
}

/// At least one image of 8×8.
fn images((file, bytes): &Content) -> Result<Images, Error> {
    let images = idx::decode_images(file, bytes)?;
    if (images.height, images.width) != (Digits::SIDE, Digits::SIDE) {
        return Err(Error::ImageSize {
            file: file.clone(),
            height: images.height,
            width: images.width,
        });
    }
    if images.count == 0 {
        return Err(Error::NoImages { file: file.clone() });
    }
    Ok(images)
}

fn to_floats(images: &Images) -> Vec<f32> {
    let float = |&level: &u8| f32::from(level) / 255.0;
    images.pixels.iter().map(float).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    const FILES: [File; 5] = [
        File::TrainImages,
        File::TrainLabels,
        File::TestImages,
        File::TestLabels,
        File::Patches,
    ];

    /// A folder with a copy of the embedded files.
    fn folder() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in FILES {
            fs::write(folder.path().join(file.name()), file.embedded()).unwrap();
        }
        folder
    }

    fn store_images(dir: &Path, file: File, count: usize, (height, width): (usize, usize)) {
        let pixels = vec![51; count * height * width];
        let images = Images {
            count,
            height,
            width,
            pixels,
        };
        idx::write_images(fs::File::create(dir.join(file.name())).unwrap(), &images).unwrap();
    }

    fn store_labels(dir: &Path, file: File, labels: &[u8]) {
        idx::write_labels(fs::File::create(dir.join(file.name())).unwrap(), labels).unwrap();
    }

    #[test]
    fn the_embedded_set_has_its_sizes() {
        let digits = Digits::embedded().unwrap();
        for (set, len) in [(&digits.train, 1437), (&digits.test, 360)] {
            assert_eq!(set.len(), len);
            assert_eq!(set.images.len(), len * Digits::PIXELS);
        }
        assert_eq!(digits.out_of_distribution.len(), 360 * Digits::PIXELS);
        let mut classes = [0; Digits::CLASSES];
        for &label in &digits.train.labels {
            classes[label] += 1;
        }
        assert_eq!(classes, [143, 146, 142, 146, 144, 145, 144, 143, 141, 143]);
        assert_eq!(digits.test.labels[..6], [2, 3, 4, 5, 6, 7]);
    }

    /// The sums of the grey levels are those of the files.
    #[test]
    fn digits_have_seventeen_levels_between_0_and_1() {
        let digits = Digits::embedded().unwrap();
        let levels: Vec<f32> = (0..=16)
            .map(|level| (f64::from(level) * 255.0 / 16.0).round() as f32 / 255.0)
            .collect();
        for (set, sum) in [(&digits.train, 7_163_005.0), (&digits.test, 1_790_796.0)] {
            let mut found = set.images.clone();
            found.sort_by(f32::total_cmp);
            found.dedup();
            assert_eq!(found, levels);
            let total: f64 = set.images.iter().map(|&x| f64::from(x) * 255.0).sum();
            assert!((total - sum).abs() < 1.0, "{total}");
        }
        let patches = &digits.out_of_distribution;
        assert!(patches.iter().all(|x| (0.0..=1.0).contains(x)));
        let total: f64 = patches.iter().map(|&x| f64::from(x) * 255.0).sum();
        assert!((total - 2_331_172.0).abs() < 1.0, "{total}");
    }

    #[test]
    fn files_are_read_as_they_are_embedded() {
        let folder = folder();
        let read = Digits::read(folder.path()).unwrap();
        assert_eq!(read, Digits::embedded().unwrap());
    }

    #[test]
    fn any_number_of_images_is_a_set() {
        let folder = folder();
        let dir = folder.path();
        store_images(dir, File::TestImages, 1, (8, 8));
        store_labels(dir, File::TestLabels, &[9]);
        store_images(dir, File::Patches, 2, (8, 8));
        let digits = Digits::read(dir).unwrap();
        assert_eq!(digits.test.labels, [9]);
        assert_eq!(digits.test.images, [0.2; 64]);
        assert_eq!(digits.out_of_distribution, [0.2; 128]);
    }

    #[test]
    fn a_missing_file_is_named() {
        for file in FILES {
            let folder = folder();
            let path = folder.path().join(file.name());
            fs::remove_file(&path).unwrap();
            match Digits::read(folder.path()).unwrap_err() {
                Error::Read { file, .. } => assert_eq!(file, path),
                other => panic!("{other}"),
            }
        }
    }

    #[test]
    fn a_file_cut_short_is_named() {
        for file in FILES {
            let folder = folder();
            let path = folder.path().join(file.name());
            let bytes = file.embedded();
            fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
            match Digits::read(folder.path()).unwrap_err() {
                Error::TruncatedData { file, length, .. } => {
                    assert_eq!((file, length), (path, bytes.len() - 1));
                }
                other => panic!("{other}"),
            }
        }
    }

    #[test]
    fn images_of_another_size_are_errors() {
        for file in [File::TrainImages, File::TestImages, File::Patches] {
            for size in [(28, 28), (8, 9), (4, 16), (0, 0)] {
                let folder = folder();
                store_images(folder.path(), file, 3, size);
                let error = Digits::read(folder.path()).unwrap_err();
                let message = error.to_string();
                let sizes = format!("expected images of 8×8, found {}×{}", size.0, size.1);
                assert!(message.contains(&sizes), "{message}");
                assert!(message.contains(file.name()), "{message}");
                assert!(matches!(error, Error::ImageSize { .. }));
            }
        }
    }

    #[test]
    fn no_images_are_an_error() {
        let folder = folder();
        store_images(folder.path(), File::Patches, 0, (8, 8));
        match Digits::read(folder.path()).unwrap_err() {
            Error::NoImages { file } => assert!(file.ends_with(File::Patches.name())),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_label_that_is_no_digit_is_found_at_its_offset() {
        let folder = folder();
        let mut labels = vec![9; 360];
        labels[123] = 10;
        store_labels(folder.path(), File::TestLabels, &labels);
        match Digits::read(folder.path()).unwrap_err() {
            Error::LabelRange {
                file,
                offset,
                found,
            } => {
                assert_eq!(fs::read(&file).unwrap()[offset], 10);
                assert_eq!((offset, found), (131, 10));
            }
            other => panic!("{other}"),
        }
    }

    #[test]
    fn as_many_labels_as_images_are_needed() {
        for count in [0, 359, 361] {
            let folder = folder();
            store_labels(folder.path(), File::TestLabels, &vec![1; count]);
            match Digits::read(folder.path()).unwrap_err() {
                Error::LabelCount {
                    images_file,
                    images,
                    labels_file,
                    labels,
                } => {
                    assert!(images_file.ends_with(File::TestImages.name()));
                    assert!(labels_file.ends_with(File::TestLabels.name()));
                    assert_eq!((images, labels), (360, count));
                }
                other => panic!("{other}"),
            }
        }
    }
}
