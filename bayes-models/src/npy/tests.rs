//! Files of NumPy, written and read, and what is said of others.

use super::*;

/// What `numpy.save` writes of `numpy.arange(6, dtype="<f4").reshape(2, 3)`.
fn numpys() -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00v\x00".to_vec();
    bytes.extend(b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }");
    bytes.resize(127, b' ');
    bytes.push(b'\n');
    bytes.extend((0..6).flat_map(|i| (i as f32).to_le_bytes()));
    bytes
}

fn counted() -> Array {
    Array::new(vec![2, 3], Values::F32((0..6).map(|i| i as f32).collect())).unwrap()
}

/// A file with this dictionary, in this version of the format.
fn file(version: u8, dictionary: &str, numbers: usize) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend([version, 0]);
    let length = dictionary.len() as u32;
    match version {
        1 => bytes.extend((length as u16).to_le_bytes()),
        _ => bytes.extend(length.to_le_bytes()),
    }
    bytes.extend(dictionary.as_bytes());
    bytes.resize(bytes.len() + numbers, 0);
    bytes
}

fn problem(bytes: &[u8]) -> (usize, Problem) {
    match Array::from_bytes(bytes) {
        Err(Error::Malformed { offset, problem }) => (offset, problem),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_bytes_are_numpys() {
    assert_eq!(counted().to_bytes(), numpys());
    assert_eq!(Array::from_bytes(&numpys()).unwrap(), counted());
}

#[test]
fn every_shape_and_number_comes_back() {
    for shape in [
        vec![],
        vec![0],
        vec![3],
        vec![2, 0, 4],
        vec![1; 64],
        vec![2, 3, 4],
    ] {
        let len: usize = shape.iter().product();
        let f32s: Vec<f32> = (0..len).map(|i| i as f32 / 3.0).collect();
        let mut f64s: Vec<f64> = (0..len).map(|i| i as f64 / 7.0).collect();
        if let Some(first) = f64s.first_mut() {
            *first = f64::NEG_INFINITY;
        }
        for values in [Values::F32(f32s), Values::F64(f64s)] {
            let array = Array::new(shape.clone(), values).unwrap();
            let bytes = array.to_bytes();
            assert_eq!(Array::from_bytes(&bytes).unwrap(), array);
            let numbers = array.values().len() * array.values().number_bytes();
            assert_eq!((bytes.len() - numbers) % 64, 0, "numbers are aligned");
        }
    }
}

impl Values {
    fn number_bytes(&self) -> usize {
        match self {
            Self::F32(_) => 4,
            Self::F64(_) => 8,
        }
    }
}

#[test]
fn all_versions_and_other_spellings_are_read() {
    let dictionary = "{\"shape\":(2L,3,),\"descr\":\"<f8\",\"fortran_order\":False}   \n";
    for version in [1, 2, 3] {
        let array = Array::from_bytes(&file(version, dictionary, 48)).unwrap();
        assert_eq!((array.shape(), array.values().len()), (&[2, 3][..], 6));
        assert_eq!(array.to_string(), "f64 of 2×3");
    }
}

#[test]
fn files_are_written_whole_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    std::fs::write(&path, "old").unwrap();
    counted().write(&path).unwrap();
    assert_eq!(Array::read(&path).unwrap(), counted());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let nowhere = folder.path().join("none").join("x.npy");
    assert!(matches!(
        counted().write(&nowhere),
        Err(Error::Io {
            action: "write",
            ..
        })
    ));
    assert!(matches!(
        Array::read(&nowhere),
        Err(Error::Io { action: "read", .. })
    ));
}

#[test]
fn what_is_wrong_is_said_with_its_byte() {
    let good = numpys();
    assert_eq!(
        problem(b""),
        (
            0,
            Problem::CutShort {
                expected: 2,
                found: 0
            }
        )
    );
    assert_eq!(problem(b"PK\x03\x04"), (0, Problem::Magic));
    assert_eq!(problem(b"\x93NUMPX"), (5, Problem::Magic));
    assert_eq!(problem(b"\x93NUMPY\x04\x00"), (6, Problem::Version(4, 0)));
    let cut = |expected, found| Problem::CutShort { expected, found };
    assert_eq!(problem(&good[..7]), (6, cut(2, 1)));
    assert_eq!(problem(&good[..9]), (8, cut(2, 1)));
    assert_eq!(problem(&good[..100]), (10, cut(118, 90)));
    assert_eq!(problem(&good[..150]), (128, cut(24, 22)));
    let mut longer = good.clone();
    longer.push(7);
    assert_eq!(problem(&longer), (152, Problem::Rest(1)));

    let dictionary = |descr: &str, order: &str, shape: &str| {
        let text = format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}}}");
        problem(&file(1, &text, 0))
    };
    assert_eq!(
        dictionary("'>f4'", "False", "()"),
        (20, Problem::Dtype(">f4".to_owned()))
    );
    assert_eq!(
        dictionary("'|O'", "False", "()").1,
        Problem::Dtype("|O".to_owned())
    );
    assert_eq!(
        dictionary("[('x', '<f4')]", "False", "()"),
        (20, Problem::Dtype("fields".to_owned()))
    );
    assert_eq!(
        dictionary("'<f4'", "True", "()"),
        (44, Problem::FortranOrder)
    );
    assert_eq!(
        dictionary("'<f4'", "False", "(3)"),
        (
            62,
            Problem::Header {
                expected: "`,` behind a size"
            }
        )
    );
    assert_eq!(
        dictionary("'<f4'", "False", "(-1,)"),
        (61, Problem::Header { expected: "a size" })
    );
    let huge = "(18446744073709551615, 2)";
    assert_eq!(dictionary("'<f4'", "False", huge).1, Problem::TooLarge);
    assert_eq!(
        dictionary("'<f4'", "False", "(18446744073709551616,)"),
        (61, Problem::TooLarge)
    );
    let many = format!("({})", "1,".repeat(65));
    assert_eq!(
        dictionary("'<f4'", "False", &many),
        (61 + 128, Problem::Dimensions)
    );

    let keys = |text: &str| problem(&file(1, text, 0));
    let key = |key: &str, found| Problem::Key {
        key: key.to_owned(),
        found,
    };
    assert_eq!(
        keys("{'descr': '<f4', 'shape': ()}"),
        (39, key("fortran_order", "nowhere"))
    );
    assert_eq!(
        keys("{'shape': (), 'shape': ()}"),
        (24, key("shape", "twice"))
    );
    assert_eq!(
        keys("{'dtype': '<f4'}"),
        (11, key("dtype", "which is none of them"))
    );
    assert_eq!(
        keys("{'descr"),
        (
            11,
            Problem::Header {
                expected: "a closing quote"
            }
        )
    );
    assert_eq!(keys("[1]"), (10, Problem::Header { expected: "`{`" }));
    assert!(matches!(keys("{} x"), (_, Problem::Header { .. })));
}

#[test]
fn a_sentence_says_what_to_do() {
    let text = Array::from_bytes(&file(
        1,
        "{'descr': '<i8', 'fortran_order': False, 'shape': ()}",
        8,
    ));
    assert_eq!(
        text.unwrap_err().to_string(),
        "byte 20: expected numbers of the type '<f4' or '<f8', found '<i8': convert the array with `.astype('<f4')`"
    );
    assert_eq!(
        Array::new(vec![2, 2], Values::F32(vec![0.0; 3]))
            .unwrap_err()
            .to_string(),
        "expected as many values as an array of [2, 2] has, found 3"
    );
}
