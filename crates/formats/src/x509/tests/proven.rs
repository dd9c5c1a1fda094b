//! What was proven is kept, and nothing is found otherwise because of that.

use base::limits::CHAINS_KEPT_MAX;

use super::*;

#[test]
fn at_every_instant_it_is_as_if_it_were_proven_anew() {
    let root = Authority::root(1, 1);
    // An authority that ends before its leaf, and a leaf that begins after it.
    let middle = root.below(2, |p| valid(p, NOW.plus_secs(-DAY), NOW.plus_secs(DAY / 2)));
    let leaf = middle.leaf(|p| valid(p, NOW.plus_secs(-DAY / 2), NOW.plus_secs(DAY)));
    // The same root, certified again from tomorrow on and named first; and one of others that begins today.
    let renewed = MakeRoot {
        country: "UT".into(),
        organisation: "Utopia".into(),
        common_name: "Root 1".into(),
        path_len: 1,
        days: 3650,
    };
    let made_at = NOW.plus_secs(DAY / 4);
    let renewed = make::make_root(&renewed, &root.key, &SeededRandom::new(5), made_at).unwrap();
    let ders = [renewed.clone(), root.der.clone(), Authority::root(7, 0).der];
    let anchors = || TrustAnchors::from_ders(&ders).unwrap();
    let shared = anchors();
    let chain = [leaf, middle.der.clone()];
    let edges = [-DAY, -DAY / 2, -60, 0, DAY / 4 - 60, DAY / 4, DAY / 2, DAY, 3_650 * DAY];
    let instants: Vec<Instant> =
        edges.iter().flat_map(|edge| [edge - 1, *edge, edge + 1]).map(|s| NOW.plus_secs(s)).collect();
    let mut seen = std::collections::BTreeSet::new();
    // Forwards, backwards, and from each to each, so that what is kept is of every other instant once.
    for first in &instants {
        for second in &instants {
            for now in [*first, *second] {
                let kept = validate(&chain, &shared, now, Purpose::CredentialSigning);
                let anew = validate(&chain, &anchors(), now, Purpose::CredentialSigning);
                assert_eq!(kept, anew, "{now:?}");
                seen.insert(
                    kept.map_or_else(|e| e.code().to_owned(), |leaf| format!("{:?}", leaf.anchor_sha256)),
                );
            }
        }
    }
    let (old, new) = (crypto::sha256(&root.der), crypto::sha256(&renewed));
    for expected in
        [&format!("{old:?}"), &format!("{new:?}"), "certificate_expired", "certificate_not_yet_valid"]
    {
        assert!(seen.contains(expected), "{expected} was not seen");
    }
}

#[test]
fn only_the_same_bytes_for_the_same_purpose_under_the_same_anchors() {
    let root = Authority::root(1, 0);
    let (anchors, strangers) = (root.anchors(), Authority::root(2, 0).anchors());
    let leaf = root.own_leaf(Purpose::CredentialSigning);
    check(&[&leaf], &anchors, "ok");
    assert_eq!(anchors.proven().len(), 1);
    check_at(&[&leaf], &anchors, NOW, Purpose::RequestSigning, "purpose");
    check(&[&leaf], &strangers, "untrusted");
    // The last byte belongs to the signature.
    let mut other = leaf.clone();
    *other.last_mut().unwrap() ^= 1;
    check(&[&other], &anchors, "certificate_signature");
    check(&[&leaf, &root.der], &anchors, "anchor_in_x5c");
    check(&[&leaf], &anchors, "ok");
    check(&[&leaf], &anchors.clone(), "ok");
    // Refusals are not kept, and neither is it kept twice.
    assert_eq!((anchors.proven().len(), strangers.proven().len()), (1, 0));
}

#[test]
fn no_more_than_the_limit_is_kept() {
    let root = Authority::root(1, 0);
    let anchors = root.anchors();
    let leaves: Vec<Vec<u8>> = (0..CHAINS_KEPT_MAX + 3)
        .map(|n| root.leaf(|p| p.distinguished_name.push(DnType::OrganizationName, format!("No. {n}"))))
        .collect();
    for leaf in leaves.iter().chain(&leaves) {
        check(&[leaf], &anchors, "ok");
        assert!(anchors.proven().len() <= CHAINS_KEPT_MAX);
    }
    assert_eq!(anchors.proven().len(), CHAINS_KEPT_MAX);
}
