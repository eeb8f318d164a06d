//! CIFAR-10 and CIFAR-100 in their binary form: for each image its labels and 3×32×32 bytes, red, green, blue.
//!
//! The sets are A. Krizhevsky's (*Learning Multiple Layers of Features from Tiny Images*, 2009).

use super::{Error, Set, Targets, Values, idx};
use std::path::Path;

/// Bytes of an image.
const PIXELS: usize = 3 * 32 * 32;

/// Which of the two sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cifar {
    /// 10 classes; one label before each image.
    Ten,
    /// 100 classes; a coarse and a fine label before each image.
    Hundred,
}

impl Cifar {
    /// The number of classes.
    pub fn classes(self) -> usize {
        match self {
            Self::Ten => 10,
            Self::Hundred => 100,
        }
    }

    fn labels(self) -> usize {
        match self {
            Self::Ten => 1,
            Self::Hundred => 2,
        }
    }

    /// The names of the files to train on, and of that to test.
    pub fn files(self) -> (&'static [&'static str], &'static str) {
        match self {
            Self::Ten => (
                &[
                    "data_batch_1.bin",
                    "data_batch_2.bin",
                    "data_batch_3.bin",
                    "data_batch_4.bin",
                    "data_batch_5.bin",
                ],
                "test_batch.bin",
            ),
            Self::Hundred => (&["train.bin"], "test.bin"),
        }
    }

    /// The sets to train on and to test, from the folder with the files.
    ///
    /// # Errors
    /// [`Error::Read`], otherwise as [`decode`](Self::decode).
    pub fn read(self, folder: &Path) -> Result<(Set, Set), Error> {
        let (train, test) = self.files();
        Ok((self.part(folder, train)?, self.part(folder, &[test])?))
    }

    fn part(self, folder: &Path, files: &[&str]) -> Result<Set, Error> {
        let (mut pixels, mut labels) = (Vec::new(), Vec::new());
        for name in files {
            let file = folder.join(name);
            self.decode(&file, &idx::read_bytes(&file)?, &mut pixels, &mut labels)?;
        }
        let classes = self.classes();
        let targets = Targets::Classes { labels, classes };
        Set::new(vec![3, 32, 32], Values::Bytes(pixels), targets)
    }

    /// Takes a file apart and appends its images and classes. `file` is its name for the errors.
    ///
    /// # Errors
    /// [`Error::Cifar`] for a file that is not whole images or has a label that is no class.
    pub fn decode(
        self,
        file: &Path,
        bytes: &[u8],
        pixels: &mut Vec<u8>,
        labels: &mut Vec<usize>,
    ) -> Result<(), Error> {
        let record = self.labels() + PIXELS;
        let wrong = |offset: usize, expected: String, found: String| Error::Cifar {
            file: file.to_owned(),
            offset,
            expected,
            found,
        };
        let rest = bytes.len() % record;
        if rest != 0 || bytes.is_empty() {
            let expected = format!("images of {record} bytes with their labels");
            return Err(wrong(bytes.len() - rest, expected, format!("{rest} bytes")));
        }
        let images = bytes.len() / record;
        pixels.reserve_exact(images * PIXELS);
        labels.reserve_exact(images);
        for (i, image) in bytes.chunks_exact(record).enumerate() {
            let (of_image, colours) = image.split_at(self.labels());
            let label = usize::from(of_image[self.labels() - 1]);
            if label >= self.classes() {
                let expected = format!("a class of 0 to {}", self.classes() - 1);
                let offset = i * record + self.labels() - 1;
                return Err(wrong(offset, expected, label.to_string()));
            }
            labels.push(label);
            pixels.extend_from_slice(colours);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(labels: &[u8], colour: u8) -> Vec<u8> {
        [labels, &[colour; PIXELS]].concat()
    }

    #[test]
    fn folders_of_both_sets_are_read() {
        for (set, labels) in [(Cifar::Ten, &[7][..]), (Cifar::Hundred, &[3, 99])] {
            let folder = tempfile::tempdir().unwrap();
            let (train, test) = set.files();
            for (i, name) in train.iter().chain([&test]).enumerate() {
                std::fs::write(folder.path().join(name), image(labels, i as u8)).unwrap();
            }
            let (found, tested) = set.read(folder.path()).unwrap();
            assert_eq!((found.len(), tested.len()), (train.len(), 1));
            let classes = set.classes();
            let label = usize::from(*labels.last().unwrap());
            let labels = vec![label];
            assert_eq!(tested.targets(), &Targets::Classes { labels, classes });
            assert_eq!(
                tested.rows(0, 1).unwrap()[PIXELS - 1],
                train.len() as f32 / 255.0
            );
        }
    }

    #[test]
    fn damage_is_named_with_its_byte() {
        let said = |set: Cifar, bytes: &[u8]| {
            let decoded = set.decode("x.bin".as_ref(), bytes, &mut Vec::new(), &mut Vec::new());
            decoded.unwrap_err().to_string()
        };
        let two = [image(&[1], 0), image(&[10], 0)].concat();
        assert!(
            said(Cifar::Ten, &two)
                .starts_with("`x.bin`: byte 3073: expected a class of 0 to 9, found 10")
        );
        assert!(said(Cifar::Hundred, &image(&[0, 100], 0)).starts_with("`x.bin`: byte 1: "));
        let cut = &two[..two.len() - 1];
        assert!(
            said(Cifar::Ten, cut).starts_with("`x.bin`: byte 3073: expected images of 3073 bytes")
        );
        assert!(said(Cifar::Ten, &[]).starts_with("`x.bin`: byte 0: "));
    }
}
