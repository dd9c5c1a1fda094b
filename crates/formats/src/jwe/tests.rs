use crypto::SeededRandom;
use serde_json::json;

use super::*;
#[test]
fn key_agreement_of_the_standard() {
    let key = |d: &str| EphemeralKey::from_scalar(&b64::decode(d).unwrap().try_into().unwrap()).unwrap();
    let alice = key("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo");
    let bob = key("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw");
    let _ = (json!(1), SeededRandom::new(1));
    let secret = alice.agree(&bob.public_key()).unwrap();
    let ContentKey::A128Gcm(derived) = ContentKey::derive(Enc::A128Gcm, &secret, Some(b"Alice"), Some(b"Bob")) else { unreachable!() };
    assert_eq!(b64::encode(derived.as_slice()), "VqqN6vgjbSBcIijNcacQGg");
}
