//! One file taken away, from the list of files too.

use super::*;
use crate::export::layout::Sums;

#[tokio::test]
async fn nothing_of_a_submission_can_be_taken_away() {
    each(async |world| {
        world.publish().await;
        let tree = world.export().await.unwrap();
        assert_eq!(faults(&tree), []);
        let mut taken = 0;
        for path in tree.keys().filter(|path| path.starts_with("submissions/")) {
            let mut without = tree.clone();
            without.remove(path);
            without.remove(layout::SUMS);
            let sums = without.iter().map(|(path, bytes)| (path.clone(), crypto::sha256(bytes))).collect();
            without.insert(layout::SUMS.to_owned(), Sums(sums).to_text().into_bytes());
            let found = faults(&without);
            let code = match path.rsplit('/').next() {
                Some(layout::EVIDENCE) => "signature_missing",
                Some(layout::DECIDED) => "decision_missing",
                _ => "file_missing",
            };
            assert!(found.contains(&(code.to_owned(), path.clone())), "{path}: {found:?}");
            taken += 1;
        }
        assert!(taken > 12, "{taken}");
    })
    .await;
}
