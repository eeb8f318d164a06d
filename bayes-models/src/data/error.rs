//! The errors of data sets: where, what was expected, what was found, and what to do.

use std::io;
use std::path::PathBuf;

/// Why data was not read, written, split or gathered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused to read a file.
    #[error("`{file}`: expected a readable file, found: {source}; check the path and its rights")]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The writer refused the bytes.
    #[error("expected to write an IDX file, found: {source}; check its rights and the free space")]
    Write {
        /// What the writer says.
        source: io::Error,
    },
    /// An IDX file starts with two zero bytes; this one does not.
    #[error(
        "`{file}`: byte 0: expected the IDX magic 00 00, found {:02x} {:02x}; \
         is it another format, or still compressed?", .found[0], .found[1]
    )]
    Magic {
        /// The file.
        file: PathBuf,
        /// Its first two bytes.
        found: [u8; 2],
    },
    /// An IDX file of another element type than unsigned bytes.
    #[error(
        "`{file}`: byte 2: expected element type 0x08 (unsigned bytes), found {found:#04x}; \
         convert the elements to unsigned bytes"
    )]
    ElementType {
        /// The file.
        file: PathBuf,
        /// Its type code.
        found: u8,
    },
    /// An IDX file of another rank than asked for.
    #[error(
        "`{file}`: byte 3: expected rank {expected}, found rank {found}; \
         labels have rank 1, images rank 3: are two files mixed up?"
    )]
    Rank {
        /// The file.
        file: PathBuf,
        /// The rank asked for.
        expected: u8,
        /// The file's rank.
        found: u8,
    },
    /// The file ends within its header.
    #[error(
        "`{file}`: byte {length}: expected a header of {expected} bytes, found the end of the file; \
         it is cut short: take another copy"
    )]
    TruncatedHeader {
        /// The file.
        file: PathBuf,
        /// Bytes that the header takes.
        expected: usize,
        /// Bytes in the file: the offset at which it ends.
        length: usize,
    },
    /// The sizes in the header ask for more data than the file has.
    #[error(
        "`{file}`: byte {length}: expected {expected} bytes of data for the sizes {sizes:?}, \
         found the end of the file after {found}; it is cut short or its sizes are damaged: take another copy"
    )]
    TruncatedData {
        /// The file.
        file: PathBuf,
        /// The sizes, outermost first.
        sizes: Vec<u32>,
        /// Their product. Wider than any file's length: it must not overflow for any sizes.
        expected: u128,
        /// Bytes of data after the header.
        found: usize,
        /// Bytes in the file: the offset at which it ends.
        length: usize,
    },
    /// The file goes on after its last element.
    #[error(
        "`{file}`: byte {end}: expected the end of the file for the sizes {sizes:?}, \
         found {extra} more bytes; its sizes are damaged or something was appended: take another copy"
    )]
    TrailingBytes {
        /// The file.
        file: PathBuf,
        /// The sizes, outermost first.
        sizes: Vec<u32>,
        /// The offset at which the file should end.
        end: usize,
        /// Bytes after that.
        extra: usize,
    },
    /// A size that the format cannot hold.
    #[error(
        "the {name} must be at most 4294967295 in an IDX file, found {found}; write several files"
    )]
    SizeTooLarge {
        /// Which size.
        name: &'static str,
        /// Its value.
        found: usize,
    },
    /// Images to write whose pixels are not as many as their sizes say.
    #[error(
        "expected count · height · width = {expected} pixels, found {found}; correct the sizes"
    )]
    PixelCount {
        /// The product of the sizes.
        expected: u128,
        /// The number of pixels.
        found: usize,
    },
    /// A file of the digits with images of another size.
    #[error(
        "`{file}`: byte 8: expected images of {side}×{side}, found {height}×{width}; \
         resize them", side = super::Digits::SIDE
    )]
    ImageSize {
        /// The file.
        file: PathBuf,
        /// The height found.
        height: usize,
        /// The width found.
        width: usize,
    },
    /// A file of the digits without a single image.
    #[error("`{file}`: byte 4: expected at least one image, found none; is it the right file?")]
    NoImages {
        /// The file.
        file: PathBuf,
    },
    /// A label that is no digit.
    #[error(
        "`{file}`: byte {offset}: expected a label of 0 to 9, found {found}; correct the label"
    )]
    LabelRange {
        /// The file.
        file: PathBuf,
        /// Where in the file.
        offset: usize,
        /// The label.
        found: u8,
    },
    /// A file of images and its file of labels have different lengths.
    #[error(
        "`{labels_file}`: byte 4: expected a label for each of the {images} images of `{images_file}`, \
         found {labels} labels; take two files that belong together"
    )]
    LabelCount {
        /// The file of images.
        images_file: PathBuf,
        /// Its number of images.
        images: usize,
        /// The file of labels.
        labels_file: PathBuf,
        /// Its number of labels.
        labels: usize,
    },
    /// Labelled images in memory whose images do not belong to their labels one by one.
    #[error(
        "expected {expected} pixels for {labels} labels, found {found}; \
         keep one image of {pixels} pixels per label", pixels = super::Digits::PIXELS
    )]
    Unpaired {
        /// The number of labels.
        labels: usize,
        /// The pixels that so many images have.
        expected: usize,
        /// The pixels that there are.
        found: usize,
    },
    /// Two sets that are not parts of one.
    #[error(
        "expected two parts of one set, found examples or targets of two kinds; join sets of one source"
    )]
    Unlike,
    /// A tail that leaves nothing before it.
    #[error("expected a tail shorter than the {len} examples, found {tail}; split off fewer")]
    Tail {
        /// Examples in the set.
        len: usize,
        /// Examples asked for.
        tail: usize,
    },
    /// An index past the last example.
    #[error("expected indices below {len}, found {index}; make the batches for this set's length")]
    Index {
        /// Examples in the set.
        len: usize,
        /// The first index that is too large.
        index: usize,
    },
    /// Values that are not whole examples, or not as many as their targets.
    #[error(
        "expected whole examples of {shape:?} numbers, each with a target, found {examples} examples and {}; \
         take files that belong together",
        targets.map_or("no targets".to_owned(), |n| format!("{n} target{}", if n == 1 { "" } else { "s" }))
    )]
    Uneven {
        /// The size of an example.
        shape: Vec<usize>,
        /// Whole examples.
        examples: usize,
        /// Targets, if there are any.
        targets: Option<usize>,
    },
    /// A compressed file that is damaged.
    #[error(
        "`{file}`: byte {offset}: expected a whole gzip file, found: {source}; take another copy"
    )]
    Gzip {
        /// The file.
        file: PathBuf,
        /// The compressed bytes that were read.
        offset: usize,
        /// What is wrong.
        source: io::Error,
    },
    /// A compressed file whose content says that it is far larger than images are.
    #[error(
        "`{file}`: byte {offset}: expected content of at most {most} bytes in a file of this size, found {claimed} in its \
         header; if you trust it, decompress it yourself and give that file"
    )]
    Inflated {
        /// The file.
        file: PathBuf,
        /// The compressed bytes that were read.
        offset: usize,
        /// Bytes of content that are decompressed: 64 times the file, and at least 64 MiB.
        most: u128,
        /// Bytes that the content's header says.
        claimed: u128,
    },
    /// A file of CIFAR that is damaged, or of the other set.
    #[error(
        "`{file}`: byte {offset}: expected {expected}, found {found}; it is cut short or of another set: take another copy"
    )]
    Cifar {
        /// The file.
        file: PathBuf,
        /// Where in the file.
        offset: usize,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A table with a row or a field that is none.
    #[error(
        "`{file}`: line {line}, byte {offset}: expected {expected}, found {found}; correct the row"
    )]
    Table {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: u64,
        /// Where in the file.
        offset: u64,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A column that the table does not have.
    #[error(
        "expected a column `{name}` and at least one other, found {}; name one of them",
        .columns.join(", ")
    )]
    Column {
        /// The name.
        name: String,
        /// The columns.
        columns: Vec<String>,
    },
    /// Columns that a table does not have.
    #[error(
        "expected columns of the names that the model learnt from, found none for {}, but {}; give them these names",
        .missing.join(", "), .columns.join(", ")
    )]
    Columns {
        /// The names that are missing.
        missing: Vec<String>,
        /// The columns that there are.
        columns: Vec<String>,
    },
    /// A number in a target column that is no class.
    #[error("row {row}: expected a class of 0 to {}, found {found}; number the classes from 0", .classes - 1)]
    Class {
        /// The row, without the header.
        row: usize,
        /// The number.
        found: f32,
        /// The number of classes.
        classes: usize,
    },
    /// A picture that is damaged, too large or none.
    #[error(
        "`{file}`: byte {offset}: expected a JPEG or PNG image, found: {found}; take another copy"
    )]
    Picture {
        /// The file.
        file: PathBuf,
        /// The bytes that were read.
        offset: u64,
        /// What the decoder says.
        found: String,
    },
    /// A folder that should hold a folder of pictures for each class.
    #[error(
        "`{folder}`: expected a folder of JPEG or PNG images for each class, found none; is it the right folder?"
    )]
    NoPictures {
        /// The folder.
        folder: PathBuf,
    },
    /// Pictures are grey or coloured.
    #[error("expected images of 1 or 3 channels, found {found}; choose another model")]
    Channels {
        /// The channels asked for.
        found: usize,
    },
    /// Batches of nothing.
    #[error("expected {name} of at least 1, found 0")]
    Zero {
        /// What was zero.
        name: &'static str,
    },
}
