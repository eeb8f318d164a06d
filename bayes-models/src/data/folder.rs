//! Folders of JPEG and PNG images, each decoded when it is read: more images than memory.

use super::{Error, Set, Targets, Values, idx};
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::cell::Cell;
use std::io::{BufRead, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The largest height or width that is decoded, and the memory that a decoder may take: a damaged header asks for any.
const LARGEST: u32 = 16_384;
const MEMORY: u64 = 256 << 20;

/// Bytes of pixels that a byte of a JPEG can stand for. A block of 8 × 8 takes at least one bit, for its mean; where colours
/// have half the resolution, a block and a half is 64 pixels of three bytes.
const DENSEST: u64 = 8 * 64 * 3 * 2 / 3;

/// Image files, scaled and cut to one size.
#[derive(Debug, Clone)]
pub struct Pictures {
    files: Vec<PathBuf>,
    channels: usize,
    side: [usize; 2],
}

impl Pictures {
    /// These files as images of `[channels, height, width]`, 1 channel for grey or 3 for colours.
    ///
    /// # Errors
    /// [`Error::Channels`] for another number.
    pub fn new(files: Vec<PathBuf>, [channels, height, width]: [usize; 3]) -> Result<Self, Error> {
        if channels != 1 && channels != 3 {
            return Err(Error::Channels { found: channels });
        }
        Ok(Self {
            files,
            channels,
            side: [height, width],
        })
    }

    /// The images as examples.
    ///
    /// # Errors
    /// As [`Set::new`].
    pub fn into_set(self, targets: Targets) -> Result<Set, Error> {
        let shape = vec![self.channels, self.side[0], self.side[1]];
        Set::new(shape, Values::Pictures(self), targets)
    }

    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    pub(super) fn split(mut self, at: usize) -> [Self; 2] {
        let files = self.files.split_off(at);
        let tail = Self {
            files,
            ..self.clone()
        };
        [self, tail]
    }

    pub(super) fn followed_by(mut self, tail: Self) -> Self {
        self.files.extend(tail.files);
        self
    }

    pub(super) fn read(&self, index: usize, out: &mut [f32]) -> Result<(), Error> {
        let file = &self.files[index];
        let [channels, height, width] = [self.channels, self.side[0], self.side[1]];
        let bytes = idx::read_bytes(file)?;
        decode(file, &bytes, [channels, height, width], out)
    }
}

/// Decodes a file, scales it so that it covers `height` × `width`, and cuts the middle out: x/255, channel by channel.
///
/// # Errors
/// [`Error::Picture`] for a file that is damaged or none, or larger than 16384 pixels to a side.
pub fn decode(
    file: &Path,
    bytes: &[u8],
    [channels, height, width]: [usize; 3],
    out: &mut [f32],
) -> Result<(), Error> {
    let reached = Rc::new(Cell::new(0));
    let counted = Counted {
        bytes: Cursor::new(bytes),
        reached: Rc::clone(&reached),
    };
    let wrong = |found: String| Error::Picture {
        file: file.to_owned(),
        offset: reached.get(),
        found,
    };
    let mut reader = ImageReader::new(counted)
        .with_guessed_format()
        .map_err(|error| wrong(error.to_string()))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST);
    limits.max_image_height = Some(LARGEST);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let is_jpeg = reader.format() == Some(ImageFormat::Jpeg);
    let decoder = reader
        .into_decoder()
        .map_err(|error| wrong(error.to_string()))?;
    let needed = decoder.total_bytes();
    if needed > MEMORY || is_jpeg && needed > DENSEST * bytes.len() as u64 {
        let (width, height) = decoder.dimensions();
        let size = bytes.len();
        return Err(wrong(format!(
            "{width} × {height} pixels in {size} bytes, which cannot hold them"
        )));
    }
    let image = DynamicImage::from_decoder(decoder).map_err(|error| wrong(error.to_string()))?;
    let image = image.resize_to_fill(width as u32, height as u32, FilterType::Triangle);
    let pixels = match channels {
        1 => DynamicImage::ImageLuma8(image.into_luma8()).into_bytes(),
        _ => DynamicImage::ImageRgb8(image.into_rgb8()).into_bytes(),
    };
    for (i, pixel) in pixels.chunks_exact(channels).enumerate() {
        for (channel, &level) in pixel.iter().enumerate() {
            out[channel * height * width + i] = f32::from(level) / 255.0;
        }
    }
    Ok(())
}

/// Images to train on and to test, with the names of their classes.
#[derive(Debug)]
pub struct Classes {
    /// From `train/CLASS/`, or `CLASS/` where there is no such folder.
    pub train: Set,
    /// From `test/CLASS/`, if there is such a folder.
    pub test: Option<Set>,
    /// The names of the folders, in order.
    pub names: Vec<String>,
}

/// Reads which images there are in a folder with one folder for each class.
///
/// # Errors
/// [`Error::Read`] for a folder that cannot be read; [`Error::NoPictures`] for one without images.
pub fn classes(folder: &Path, shape: [usize; 3]) -> Result<Classes, Error> {
    let inner = folder.join("train");
    let root = if inner.is_dir() {
        inner
    } else {
        folder.to_owned()
    };
    let names = folders(&root)?;
    let part = |root: &Path| -> Result<Set, Error> {
        let (mut files, mut labels) = (Vec::new(), Vec::new());
        for (label, name) in names.iter().enumerate() {
            let found = pictures(&root.join(name))?;
            labels.extend(vec![label; found.len()]);
            files.extend(found);
        }
        if files.is_empty() {
            return Err(Error::NoPictures {
                folder: root.to_owned(),
            });
        }
        let targets = Targets::Classes {
            labels,
            classes: names.len(),
        };
        Pictures::new(files, shape)?.into_set(targets)
    };
    let test = folder.join("test");
    Ok(Classes {
        train: part(&root)?,
        test: if test.is_dir() {
            Some(part(&test)?)
        } else {
            None
        },
        names: names.clone(),
    })
}

/// The images of one folder, or the one image that `path` is, in the order of their names.
///
/// # Errors
/// [`Error::Read`].
pub fn pictures(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let is_picture = |path: &PathBuf| {
        let ending = path
            .extension()
            .and_then(|ending| ending.to_str())
            .unwrap_or("");
        let ending = ending.to_ascii_lowercase();
        ["jpg", "jpeg", "png"].contains(&ending.as_str())
    };
    let mut files = entries(path)?;
    files.retain(is_picture);
    Ok(files)
}

fn folders(path: &Path) -> Result<Vec<String>, Error> {
    let mut folders = entries(path)?;
    folders.retain(|entry| entry.is_dir());
    let names = folders.iter().filter_map(|entry| entry.file_name());
    Ok(names
        .map(|name| name.to_string_lossy().into_owned())
        .collect())
}

fn entries(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let refused = |source| Error::Read {
        file: path.to_owned(),
        source,
    };
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(path).map_err(refused)? {
        entries.push(entry.map_err(refused)?.path());
    }
    entries.sort();
    Ok(entries)
}

/// A reader that says how far it has come, for the errors of decoders that do not.
struct Counted<'a> {
    bytes: Cursor<&'a [u8]>,
    reached: Rc<Cell<u64>>,
}

impl Counted<'_> {
    fn note(&self) {
        self.reached
            .set(self.bytes.position().min(self.bytes.get_ref().len() as u64));
    }
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.read(buffer);
        self.note();
        read
    }
}

impl BufRead for Counted<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.bytes.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.bytes.consume(amount);
        self.note();
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let place = self.bytes.seek(to);
        self.note();
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbImage;

    /// Left half red, right half blue, 16 wide and 8 high.
    fn picture(format: ImageFormat) -> Vec<u8> {
        let image = RgbImage::from_fn(16, 8, |x, _| {
            image::Rgb(if x < 8 { [255, 0, 0] } else { [0, 0, 255] })
        });
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_folder_of_classes_is_read_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for (place, format) in [
            ("train/cat/b.png", ImageFormat::Png),
            ("train/cat/a.jpg", ImageFormat::Jpeg),
            ("train/dog/a.JPEG", ImageFormat::Jpeg),
            ("test/dog/a.png", ImageFormat::Png),
            ("test/cat/readme.txt", ImageFormat::Png),
        ] {
            let file = folder.path().join(place);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, picture(format)).unwrap();
        }
        let found = classes(folder.path(), [3, 4, 8]).unwrap();
        assert_eq!(found.names, ["cat", "dog"]);
        let labels = vec![0, 0, 1];
        assert_eq!(
            found.train.targets(),
            &Targets::Classes { labels, classes: 2 }
        );
        assert_eq!(found.test.unwrap().len(), 1);
        let pixels = found.train.rows(0, 3).unwrap();
        for image in pixels.chunks_exact(96) {
            let (red, blue) = (&image[..32], &image[64..]);
            assert!(red[0] > 0.9 && red[7] < 0.1, "{red:?}");
            assert!(blue[0] < 0.1 && blue[7] > 0.9, "{blue:?}");
        }
    }

    #[test]
    fn the_middle_is_cut_out_and_grey_is_one_channel() {
        let mut out = [0.0; 64];
        decode(
            "x".as_ref(),
            &picture(ImageFormat::Png),
            [1, 8, 8],
            &mut out,
        )
        .unwrap();
        // Four columns of red, four of blue.
        assert!(
            out[0] != out[7] && out[0] == out[3] && out[4] == out[7],
            "{out:?}"
        );
    }

    /// An image of one colour takes the fewest bytes; a header that says more than they can hold is damaged.
    #[test]
    fn a_jpeg_says_no_more_pixels_than_its_bytes_can_hold() {
        let image = RgbImage::from_pixel(1024, 768, image::Rgb([9, 99, 199]));
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        let mut bytes = bytes.into_inner();
        let mut out = [0.0; 48];
        decode("x.jpg".as_ref(), &bytes, [3, 4, 4], &mut out).unwrap();
        // The frame's header: its length, bits, height and width.
        let start = [0xFF, 0xC0, 0, 17, 8];
        let frame = bytes.windows(5).position(|of| of == start).unwrap();
        bytes[frame + 5..frame + 9].copy_from_slice(&[0x3A, 0x98, 0x3A, 0x98]);
        let error = decode("x.jpg".as_ref(), &bytes, [3, 4, 4], &mut out);
        let said = error.unwrap_err().to_string();
        let size = bytes.len();
        assert!(
            said.contains(&format!(
                "15000 × 15000 pixels in {size} bytes, which cannot hold them"
            )),
            "{said}"
        );
    }

    #[test]
    fn a_damaged_file_names_itself_and_the_byte() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let bytes = picture(format);
            let cut = &bytes[..bytes.len() / 2];
            let error = decode("x.img".as_ref(), cut, [3, 4, 4], &mut [0.0; 48]);
            let said = error.unwrap_err().to_string();
            assert!(
                said.starts_with("`x.img`: byte ") && said.contains("take another copy"),
                "{said}"
            );
        }
        let folder = tempfile::tempdir().unwrap();
        let said = classes(folder.path(), [3, 4, 4]).unwrap_err().to_string();
        assert!(said.contains("found none"), "{said}");
        assert!(matches!(
            Pictures::new(Vec::new(), [2, 1, 1]),
            Err(Error::Channels { found: 2 })
        ));
    }
}
