//! Numbers that must never change: what saved seeds stand for.

use super::{Key, Noise, Stream};

/// Sixteen streams that differ in every part of a key.
fn streams() -> impl Iterator<Item = Stream> {
    let root = Key::new(0, 0);
    let weight = Key::new(1, 0).field("conv1").field("weight");
    let far = Key::new(u64::MAX, 1 << 40)
        .field("layers")
        .index(12)
        .field("bias");
    [
        root.stream(Noise::Weight),
        root.stream(Noise::SignIn),
        root.example_stream(Noise::SignIn, 0),
        weight.stream(Noise::Weight),
        weight.stream(Noise::Local),
        weight.example_stream(Noise::Local, 0),
        weight.example_stream(Noise::Local, 1),
        weight.at_example(1 << 32).example_stream(Noise::Local, 0),
        weight.example_stream(Noise::SignOut, 3),
        Key::new(1, 1).field("conv1.weight").stream(Noise::Weight),
        Key::new(2, 0).field("conv1.weight").stream(Noise::Weight),
        Key::new(1, 0).field("conv2.weight").stream(Noise::Weight),
        Key::new(42, 7)
            .field("fc")
            .example_stream(Noise::Dropout, 127),
        far.stream(Noise::Weight),
        far.stream(Noise::Dropout),
        far.at_example(u64::MAX).example_stream(Noise::SignOut, 0),
    ]
    .into_iter()
    .flatten()
}

const NORMALS: [[u32; 8]; 16] = [
    [
        0xbfe3_88e9,
        0x3f6c_279c,
        0xbfd0_1103,
        0xbfe3_4779,
        0xbf34_7b3a,
        0x3e01_066a,
        0xbf53_19fb,
        0x3eea_d4a7,
    ],
    [
        0xbe66_a996,
        0x3f4c_79ad,
        0x3fcb_84af,
        0x3e88_d5b2,
        0x3da4_c654,
        0x3f9e_b2a5,
        0xc00c_aa02,
        0xbe7e_1f33,
    ],
    [
        0xbf9b_593e,
        0xbe1e_50ac,
        0xbfa2_8bdf,
        0x3fb7_051c,
        0x3f62_f94b,
        0x3f73_5e21,
        0x3f6e_8e57,
        0x3f8c_1272,
    ],
    [
        0x3e8c_e862,
        0x3f0d_1924,
        0x3db4_7151,
        0xbefc_f5e5,
        0x3fa3_c0ad,
        0x4006_7b95,
        0xbfcb_f965,
        0xbf94_81f2,
    ],
    [
        0xbf8f_9a82,
        0x3ea6_5d57,
        0x3e83_14d1,
        0x3f83_0e1b,
        0x3d67_02db,
        0xbf73_ec3a,
        0xbf4c_cb48,
        0x3f27_e32a,
    ],
    [
        0x3e0e_2534,
        0x3e04_c86c,
        0xbfa1_3ab9,
        0xbd67_d527,
        0x3faf_dfe6,
        0xbe8e_f68b,
        0x3dd0_40f3,
        0xbe63_bd77,
    ],
    [
        0x3f83_74ec,
        0xbfcd_9557,
        0xbee9_f278,
        0xbeb3_2b18,
        0xbff8_0489,
        0xbe0d_6ff0,
        0x3e9c_8a2a,
        0x3f88_8eea,
    ],
    [
        0x3ff7_17a7,
        0xbfc3_9d0c,
        0x3c7d_c08a,
        0xbe07_b1e5,
        0x3f6e_f3f4,
        0x3fbf_4c3d,
        0xbf43_b0ef,
        0xbfab_f08d,
    ],
    [
        0x3fc8_3ac1,
        0x3f7a_3413,
        0x3d5a_1ef2,
        0x3fd6_311b,
        0xc016_d8db,
        0xbf0f_bd87,
        0xbe33_479a,
        0x3e00_e4f8,
    ],
    [
        0x4013_b4d2,
        0x3f42_de6a,
        0xbfc6_c62b,
        0x3e59_9cd7,
        0x3e0c_d17c,
        0xbcd3_141a,
        0x3cf5_f724,
        0x3b4b_c7a0,
    ],
    [
        0xbe7a_8024,
        0x3eb9_cdd3,
        0x3f56_50ad,
        0xc00b_c794,
        0x3f11_6d1e,
        0x3f1a_941e,
        0x3ef8_2219,
        0xbf34_89bd,
    ],
    [
        0xbf88_9dca,
        0x3f6d_0bb6,
        0x3f2f_b5be,
        0x3e25_ca99,
        0x3ff6_69b4,
        0x3f9d_107f,
        0xbe98_ee31,
        0xbe80_aee4,
    ],
    [
        0x3ede_a7ad,
        0xbdef_94b4,
        0x3e9d_b4d9,
        0xb941_6095,
        0x3fdf_cce1,
        0xbd4c_5ab3,
        0x3fa7_ddaf,
        0xbe9f_31d8,
    ],
    [
        0x3ff0_1184,
        0x3fb6_d13c,
        0xbf60_4d47,
        0xbfdc_941e,
        0x3f68_6882,
        0xbf37_9676,
        0x3de2_5504,
        0xbeed_8fc3,
    ],
    [
        0xbf50_94c6,
        0x3f8f_8ed0,
        0xbf8e_1108,
        0xbee4_3f13,
        0x3fc4_aaff,
        0xbfd1_cb50,
        0xbf03_9dea,
        0xbf89_20a9,
    ],
    [
        0xbda0_7986,
        0xbe0b_0e00,
        0xbf71_5c95,
        0x3ec6_ee53,
        0xbe53_b5f0,
        0x3eb3_0052,
        0x3f9e_97db,
        0x3f90_87de,
    ],
];

/// The first eight uniforms of the fourth stream.
const UNIFORMS: [u32; 8] = [
    0x3f6a_d545,
    0x3f50_00f5,
    0x3f1c_4c2c,
    0x3e34_4488,
    0x3ee1_d286,
    0x3da8_99c0,
    0x3e15_92ac,
    0x3f01_f958,
];

/// The first 64 signs of the fourth stream; bit `i` is set where sign `i` is -1.
const SIGNS: u64 = 0x8f02_368b_5d08_19cf;

#[test]
fn normals_are_unchanged() {
    assert_eq!(streams().count(), NORMALS.len());
    for (i, (stream, want)) in streams().zip(NORMALS).enumerate() {
        let mut got = [0.0; 8];
        stream.fill_normal(0, &mut got);
        assert_eq!(
            got.map(f32::to_bits),
            want,
            "stream {i}: {got:08x?}",
            got = got.map(f32::to_bits)
        );
    }
}

#[test]
fn uniforms_and_signs_are_unchanged() {
    let Some(stream) = streams().nth(3) else {
        panic!("there are sixteen streams");
    };
    let mut uniforms = [0.0; 8];
    stream.fill_uniform(0, &mut uniforms);
    assert_eq!(uniforms.map(f32::to_bits), UNIFORMS);
    let mut signs = [0.0; 64];
    stream.fill_signs(0, &mut signs);
    let negative = signs
        .iter()
        .rev()
        .fold(0, |bits, &sign| bits << 1 | u64::from(sign < 0.0));
    assert_eq!(negative, SIGNS);
}
