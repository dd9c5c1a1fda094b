use proptest::prelude::*;

use super::*;

/// The largest power of two below `n`.
fn half(n: usize) -> usize {
    let mut k = 1;
    while 2 * k < n {
        k *= 2;
    }
    k
}

/// MTH of RFC 6962, section 2.1, as it stands there.
fn mth(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => crypto::sha256(&[]),
        [one] => *one,
        more => {
            let k = half(more.len());
            node_hash(&mth(&more[..k]), &mth(&more[k..]))
        }
    }
}

/// PATH of section 2.1.1.
fn path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = half(leaves.len());
    let (mut rest, other) = if m < k {
        (path(m, &leaves[..k]), mth(&leaves[k..]))
    } else {
        (path(m - k, &leaves[k..]), mth(&leaves[..k]))
    };
    rest.push(other);
    rest
}

/// SUBPROOF of section 2.1.2.
fn subproof(m: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if whole { Vec::new() } else { vec![mth(leaves)] };
    }
    let k = half(leaves.len());
    let (mut rest, other) = if m <= k {
        (subproof(m, &leaves[..k], whole), mth(&leaves[k..]))
    } else {
        (subproof(m - k, &leaves[k..], false), mth(&leaves[..k]))
    };
    rest.push(other);
    rest
}

fn leaves(size: usize) -> Vec<Hash> {
    (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

fn subtree(leaves: &[Hash]) -> impl FnMut(u32, u64) -> Option<Hash> + '_ {
    |level, n| {
        let (from, to) = (usize::try_from(n << level).ok()?, usize::try_from((n + 1) << level).ok()?);
        leaves.get(from..to).map(mth)
    }
}

/// Sizes at which something begins, and some between.
fn sizes() -> impl Strategy<Value = usize> {
    prop_oneof![1_usize..40, 250_usize..262, 510_usize..515, 40_usize..700]
}

#[test]
fn vectors_of_rfc_6962() {
    // The test vectors of Certificate Transparency's reference implementation.
    let inputs =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut growing = Growing::default();
    for (input, root) in inputs.iter().zip(roots) {
        growing.push(leaf_hash(&base16ct::lower::decode_vec(input).unwrap()));
        assert_eq!(base16ct::lower::encode_string(&growing.root()), root);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn roots_and_paths_are_those_of_the_definition(size in sizes(), at in any::<prop::sample::Index>()) {
        let leaves = leaves(size);
        let index = at.index(size);
        let (index_u, size_u) = (u64::try_from(index).unwrap(), u64::try_from(size).unwrap());
        let mut growing = Growing::default();
        for leaf in &leaves {
            growing.push(*leaf);
        }
        let expected = mth(&leaves);
        prop_assert_eq!(growing.root(), expected);
        prop_assert_eq!(root(size_u, &mut subtree(&leaves)), Some(expected));
        let proof = inclusion(index_u, size_u, &mut subtree(&leaves)).unwrap();
        prop_assert_eq!(&proof, &path(index, &leaves));
        prop_assert_eq!(root_of_inclusion(index_u, size_u, &leaves[index], &proof), Some(expected));
        // Of another leaf, another size, with a hash more or less, or another hash, it leads elsewhere.
        let other = leaf_hash(b"other");
        prop_assert_ne!(root_of_inclusion(index_u, size_u, &other, &proof), Some(expected));
        let mut longer = proof.clone();
        longer.push(other);
        prop_assert_ne!(root_of_inclusion(index_u, size_u, &leaves[index], &longer), Some(expected));
        if let Some((_, shorter)) = proof.split_last() {
            prop_assert_ne!(root_of_inclusion(index_u, size_u, &leaves[index], shorter), Some(expected));
            let mut wrong = proof.clone();
            wrong[0] = other;
            prop_assert_ne!(root_of_inclusion(index_u, size_u, &leaves[index], &wrong), Some(expected));
            prop_assert_ne!(root_of_inclusion(index_u ^ 1, size_u, &leaves[index], &proof), Some(expected));
        }
        prop_assert_eq!(root_of_inclusion(size_u, size_u, &leaves[index], &proof), None);
    }

    #[test]
    fn consistency_is_that_of_the_definition(size in sizes(), at in any::<prop::sample::Index>()) {
        let leaves = leaves(size);
        let old = at.index(size) + 1;
        let (old_u, size_u) = (u64::try_from(old).unwrap(), u64::try_from(size).unwrap());
        let (before, now) = (mth(&leaves[..old]), mth(&leaves));
        let proof = consistency(old_u, size_u, &mut subtree(&leaves)).unwrap();
        prop_assert_eq!(&proof, &subproof(old, &leaves, true));
        prop_assert!(is_consistent(old_u, &before, size_u, &now, &proof));
        let other = leaf_hash(b"other");
        prop_assert!(!is_consistent(old_u, &other, size_u, &now, &proof));
        prop_assert!(!is_consistent(old_u, &before, size_u, &other, &proof));
        let mut longer = proof.clone();
        longer.push(other);
        prop_assert!(!is_consistent(old_u, &before, size_u, &now, &longer));
        if !proof.is_empty() {
            prop_assert!(!is_consistent(old_u, &before, size_u, &now, &proof[1..]));
            let mut wrong = proof.clone();
            wrong[proof.len() - 1] = other;
            prop_assert!(!is_consistent(old_u, &before, size_u, &now, &wrong));
        }
    }
}

#[test]
fn what_is_kept_of_a_growing_tree_continues_it() {
    let all = leaves(300);
    let mut whole = Growing::default();
    for (size, leaf) in all.iter().enumerate() {
        let kept = Growing::from_subtrees(whole.size(), whole.subtrees().to_vec()).unwrap();
        assert_eq!(kept, whole, "{size}");
        whole.push(*leaf);
    }
    assert_eq!(Growing::from_subtrees(3, vec![empty_root()]), None);
}
