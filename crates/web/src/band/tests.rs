use super::*;

/// The same key, the same band; another key, in one bit of its thumbprint, mostly another.
#[test]
fn a_band_is_its_keys() {
    let key = crypto::sha256(b"a key");
    assert_eq!(svg(&key), svg(&key));
    let others = (0..32).filter(|bit| {
        let mut other = key;
        for (at, byte) in other.iter_mut().enumerate() {
            if at == *bit {
                *byte ^= 0x15;
            }
        }
        repeat(&other).0 != repeat(&key).0
    });
    // Five bytes for the threads, two for each block.
    assert_eq!(others.count(), 5 + 2 * BLOCKS);
}

#[test]
fn a_band_reads_the_same_from_both_sides() {
    for seed in 0..64_u8 {
        let (half, _) = weave(&crypto::sha256(&[seed]));
        for block in &half {
            assert_ne!(block.ground, block.figure, "{seed}");
        }
        // Points of a figure, mirrored, are its points: only letters that take a pair of coordinates or a length are used.
        for figure in [0, 1, 5] {
            for w in WIDTHS {
                let path = shape(figure, w);
                let xs = corners(&path);
                for (x, y) in &xs {
                    assert!(xs.contains(&(f32::from(w) - x, *y)), "figure {figure}, width {w}: {path}");
                }
            }
        }
    }
}

/// The corners of a path made of `M`, `L`, `h` and pairs.
fn corners(path: &str) -> Vec<(f32, f32)> {
    let spaced: String =
        path.chars().flat_map(|c| if c.is_alphabetic() { vec![' ', c, ' '] } else { vec![c] }).collect();
    let (mut at, mut found, mut pending, mut across) = ((0.0, 0.0), Vec::new(), None, false);
    for word in spaced.split_whitespace() {
        match word.parse::<f32>() {
            Ok(length) if across => {
                at.0 += length;
                found.push(at);
                across = false;
            }
            Ok(number) => match pending.take() {
                None => pending = Some(number),
                Some(x) => {
                    at = (x, number);
                    found.push(at);
                }
            },
            Err(_) => across = word == "h",
        }
    }
    found
}

/// Each of the six threads can be the ground.
#[test]
fn every_thread_is_used() {
    let grounds: std::collections::BTreeSet<&str> =
        (0..200_u8).flat_map(|seed| weave(&crypto::sha256(&[seed])).0).map(|block| block.ground).collect();
    assert_eq!(grounds.len(), THREADS.len());
}
