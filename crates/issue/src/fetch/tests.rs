//! What a write that cannot happen leaves behind: nothing.

use super::*;
use crate::{
    MIGRATIONS,
    tests::{app, key, request},
};

#[tokio::test]
async fn a_status_index_that_was_taken_meanwhile_undoes_the_write() {
    ::store::fixture::each_engine(MIGRATIONS, async |store| {
        let app = app(store);
        let access = app.access_token().await;
        let body = request("pid", &[&app.proof(&key(1)).await]);
        let request = CredentialRequest::parse(body.to_string().as_bytes(), 4).unwrap();
        let inner = &app.issuer.0;
        let material = inner.material(&access, Some(&request)).await.unwrap();
        let proven = Arc::new(inner.prove(&request, &material.credential_type).unwrap());
        let (_, issuance) = inner.sign(&material, &proven.keys).await.unwrap();

        let taken = *issuance.indices.first().unwrap();
        let rival = Credential { id: CredentialId::from_i64(1), ..issuance.credential.clone() };
        let insert = async move |tx: &mut Tx<'_>| {
            sql::insert_credential(tx, "", &rival).await?;
            sql::insert_copy(tx, rival.id, taken).await
        };
        assert!(inner.store.write(insert).await.unwrap());
        let kept = inner.keep(issuance, &proven).await;
        assert!(matches!(kept, Err(FetchError::Collision)));
        assert_eq!(app.kept().await, 1, "the rival's");

        // Neither the nonce nor one of the answers was used up: the same request succeeds, at another index.
        for _ in 0..CREDENTIAL_RESPONSES_PER_OFFER_MAX {
            let body = crate::tests::request("pid", &[&app.proof(&key(1)).await]);
            assert_eq!(app.credential(&access, &body).await.status, 200);
        }
        let again = app.access_token().await;
        assert_eq!(app.credential(&again, &body).await.status, 200, "the first proof's nonce is unused");
    })
    .await;
}
