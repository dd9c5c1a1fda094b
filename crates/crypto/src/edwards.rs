//! Which 32 bytes are not taken for an Ed25519 key, in either backend: libraries differ in what they let pass.

/// The least byte of the field's order, 2^255 - 19, little-endian; the others are `ff`, and the greatest `7f`.
const LEAST_BYTE_OF_ORDER: u8 = 0xed;
/// The bit of the last byte that says which of two points is meant.
const SIGN: u8 = 0x80;

/// The second coordinates of all points whose order divides 8, little-endian: 0, 1, -1 and those of order 8. With such
/// a key one signature fits many messages (RFC 8032, section 8.9; "Taming the many EdDSAs", section 3).
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

/// Whether `bytes` are 32, reduced, and not a point of small order.
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    let Ok(mut y) = <[u8; 32]>::try_from(bytes) else { return false };
    if let Some(last) = y.last_mut() {
        *last &= !SIGN;
    }
    is_reduced(&y) && !SMALL_ORDER.contains(&y)
}

/// Whether `y`, without its sign, is below the field's order: of two ways to write a coordinate only one is.
fn is_reduced(y: &[u8; 32]) -> bool {
    let [first, middle @ .., last] = y;
    *first < LEAST_BYTE_OF_ORDER || *last != !SIGN || middle.iter().any(|byte| *byte != 0xff)
}
