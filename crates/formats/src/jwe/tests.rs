use crypto::SeededRandom;
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// RFC 7518, appendix C: the private keys of the ephemeral and of the recipient's pair.
const ALICE: &str = "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo";
const BOB: &str = "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw";

fn key(scalar: &str) -> EphemeralKey {
    EphemeralKey::from_scalar(&b64::decode(scalar).unwrap().try_into().unwrap()).unwrap()
}

fn bob() -> EncryptionJwk {
    EncryptionJwk::new(key(BOB).public_key(), Some("bob".to_owned())).unwrap()
}

fn extra(members: &Value) -> Map<String, Value> {
    members.as_object().unwrap().clone()
}

/// `apu` or `apv`.
type Party = Option<&'static [u8]>;

/// What a JWE is made of; [`Parts::text`] encrypts rightly whatever the header says.
struct Parts {
    header: Value,
    encrypted_key: String,
    nonce: Vec<u8>,
    plaintext: Vec<u8>,
}

impl Parts {
    fn good() -> Self {
        let header = json!({
            "alg": "ECDH-ES", "enc": "A128GCM", "kid": "bob", "apu": "QWxpY2U", "apv": "Qm9i",
            "epk": Jwk::from(key(ALICE).public_key()).to_value(),
        });
        Self { header, encrypted_key: String::new(), nonce: vec![7; 12], plaintext: b"{}".to_vec() }
    }

    fn text(&self) -> String {
        let secret = key(ALICE).agree(bob().public_key()).unwrap();
        let enc = self.header["enc"].as_str().and_then(Enc::from_name).unwrap_or(Enc::A128Gcm);
        let party = |name: &str| self.header[name].as_str().and_then(|t| b64::decode(t).ok());
        let content_key = ContentKey::derive(enc, &secret, party("apu").as_deref(), party("apv").as_deref());
        let protected = b64::encode(self.header.to_string().as_bytes());
        let nonce = self.nonce.clone().try_into().unwrap_or([7; 12]);
        let (ciphertext, tag) =
            crypto::seal_detached(content_key.as_aes(), &nonce, protected.as_bytes(), &self.plaintext)
                .unwrap();
        let [nonce, ciphertext, tag] = [&self.nonce[..], &ciphertext, &tag].map(b64::encode);
        format!("{protected}.{}.{nonce}.{ciphertext}.{tag}", self.encrypted_key)
    }
}

fn code_of(text: &str) -> Result<(), &'static str> {
    decrypt(text, &key(BOB), &Enc::ALL).map(|_| ()).map_err(Error::code)
}

/// Makes `change` to a good JWE, and opens it.
#[track_caller]
fn check(change: impl FnOnce(&mut Parts), expected: Result<(), &str>) {
    let mut parts = Parts::good();
    change(&mut parts);
    assert_eq!(code_of(&parts.text()), expected, "{}", parts.header);
}

#[test]
fn key_agreement_of_the_standard() {
    // RFC 7518, appendix C.
    let public =
        |x: &str, y: &str| PublicKey::from_xy(&b64::decode(x).unwrap(), &b64::decode(y).unwrap()).unwrap();
    let of_alice =
        public("gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0", "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps");
    let of_bob =
        public("weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ", "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck");
    assert_eq!((key(ALICE).public_key(), key(BOB).public_key()), (of_alice, of_bob));
    let secret = key(ALICE).agree(&of_bob).unwrap();
    assert_eq!(secret[..6], [158, 86, 217, 29, 129, 113]);
    assert_eq!(key(BOB).agree(&of_alice), Ok(secret.clone()));
    let derive = |enc, apu, apv| match ContentKey::derive(enc, &secret, apu, apv) {
        ContentKey::A128Gcm(key) => b64::encode(key.as_slice()),
        ContentKey::A256Gcm(key) => b64::encode(key.as_slice()),
    };
    let expected = "VqqN6vgjbSBcIijNcacQGg";
    assert_eq!(derive(Enc::A128Gcm, Some(b"Alice"), Some(b"Bob")), expected);
    // Every field counts, and where one ends.
    let different: [(Enc, Party, Party); 5] = [
        (Enc::A256Gcm, Some(b"Alice"), Some(b"Bob")),
        (Enc::A128Gcm, Some(b"AliceB"), Some(b"ob")),
        (Enc::A128Gcm, Some(b"Bob"), Some(b"Alice")),
        (Enc::A128Gcm, None, Some(b"Bob")),
        (Enc::A128Gcm, Some(b"Alice"), None),
    ];
    for (enc, apu, apv) in different {
        assert!(!derive(enc, apu, apv).starts_with(&expected[..21]));
    }
}

#[test]
fn those_of_another_maker_are_opened() {
    // Made by the npm package `jose` 6 for the recipient of RFC 7518, appendix C, with and without `apu` and `apv`.
    for (enc, text) in [
        (
            Enc::A128Gcm,
            "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTEyOEdDTSIsImtpZCI6ImJvYiIsImVwayI6eyJ4IjoiVDUyalh1ZUZaU1lKOEozeG9DT2llMTFKNGUzSExETEIxa2QtYXJxUXJlQSIsImNydiI6IlAtMjU2Iiwia3R5IjoiRUMiLCJ5IjoiaTlrb1FLN2RtUEhpUndOb0NVT1RPMjlqWG1GbTlpMnZmRGgxb2s1d0JaayJ9LCJhcHUiOiJRV3hwWTJVIiwiYXB2IjoiUW05aSJ9..L2NiTk_9caxIGSAI.WqT0bhNB2zgGw9UpEqk5.3JX2_EfAfN8aImwp--wcqg",
        ),
        (
            Enc::A256Gcm,
            "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImtpZCI6ImJvYiIsImVwayI6eyJ4IjoiVFItVFU2ZE5fNTRtM3ZYMVc5WDRoTFFsVnFiR0RwVnE3QmVlV3VHRFI2TSIsImNydiI6IlAtMjU2Iiwia3R5IjoiRUMiLCJ5IjoiN0h5Um5wU0lFV3FKYWZ5bXhvekVLYk9lUG5HeTFLaGgyVU5wTnBkeWZFMCJ9fQ..LPlEZre_W6_KTbrP.RUmicjjGabmDaOjTH2CS.IgHIKlinXM10sREhOUMcIg",
        ),
    ] {
        let jwe = Jwe::parse(text).unwrap();
        assert_eq!((jwe.header.enc, jwe.header.kid.as_deref()), (enc, Some("bob")));
        assert_eq!(jwe.header.apu.is_some(), enc == Enc::A128Gcm);
        assert_eq!(jwe.decrypt(&key(BOB), &[enc]).as_deref(), Ok(&br#"{"vp_token":{}}"#[..]));
        assert_eq!(jwe.decrypt(&key(ALICE), &[enc]), Err(Error::Decryption));
    }
}

#[test]
fn what_is_encrypted_here_is_opened_here() {
    let random = SeededRandom::new(7516);
    for enc in Enc::ALL {
        let members = extra(&json!({"apu": "QQ", "apv": "", "cty": "json", "typ": "x", "foreign": [1]}));
        let text = encrypt(b"plain", &bob(), enc, &members, &random).unwrap();
        let jwe = Jwe::parse(&text).unwrap();
        assert_eq!(jwe.decrypt(&key(BOB), &[enc]).as_deref(), Ok(&b"plain"[..]));
        assert_eq!(jwe.decrypt(&key(BOB), &[]), Err(Error::EncNotAllowed));
        let header = &jwe.header;
        assert_eq!((header.kid.as_deref(), header.typ.as_deref()), (Some("bob"), Some("x")));
        assert_eq!((header.cty.as_deref(), header.apu.as_deref()), (Some("json"), Some(&b"A"[..])));
        assert_eq!((header.apv.as_deref(), &jwe.header_value()["foreign"]), (Some(&b""[..]), &json!([1])));
        assert!(jwe.header_value()["epk"].get("d").is_none());
        // Never twice the same ephemeral key.
        let again = encrypt(b"plain", &bob(), enc, &members, &random).unwrap();
        assert_ne!(Jwe::parse(&again).unwrap().header.epk, header.epk);
    }
    let unnamed = EncryptionJwk::new(key(BOB).public_key(), None).unwrap();
    let text = encrypt(b"", &unnamed, Enc::A128Gcm, &Map::new(), &random).unwrap();
    assert_eq!(Jwe::parse(&text).unwrap().header.kid, None);
    assert_eq!(decrypt(&text, &key(BOB), &Enc::ALL), Ok(vec![]));
}

#[test]
fn what_is_not_made() {
    let make = |members: Value, plain: &[u8]| {
        let random = SeededRandom::new(1);
        encrypt(plain, &bob(), Enc::A256Gcm, &extra(&members), &random).map(|_| ()).map_err(Error::code)
    };
    assert_eq!(make(json!({}), b""), Ok(()));
    for name in RESERVED {
        assert_eq!(make(json!({ name: "bob" }), b""), Err("jwe_header_member"), "{name}");
    }
    assert_eq!(make(json!({"apu": "="}), b""), Err("jwe_header_member"));
    assert_eq!(make(json!({"apv": 1}), b""), Err("jwe_header_member"));
    assert_eq!(make(json!({}), &vec![b' '; JWE_BYTES_MAX / 4 * 3]), Err("jwe_too_long"));
    assert_eq!(make(json!({}), &vec![b' '; JWE_BYTES_MAX / 4 * 3 - 1000]), Ok(()));
}

#[test]
fn headers() {
    check(|_| (), Ok(()));
    for enc in ["A128GCM", "A256GCM"] {
        check(|p| p.header["enc"] = json!(enc), Ok(()));
    }
    for other in ["ECDH-ES+A128KW", "dir", "RSA-OAEP-256", "ecdh-es", "none", ""] {
        check(|p| p.header["alg"] = json!(other), Err("jwe_alg"));
    }
    for other in ["A192GCM", "A128CBC-HS256", "a128gcm", "none", ""] {
        check(|p| p.header["enc"] = json!(other), Err("jwe_enc"));
    }
    for name in ["alg", "enc"] {
        check(|p| drop(p.header.as_object_mut().unwrap().remove(name)), Err("jwe_header_member"));
    }
    for name in ["alg", "enc", "kid", "typ", "cty", "apu", "apv"] {
        for value in [json!(1), json!(["ECDH-ES"]), Value::Null] {
            check(|p| p.header[name] = value, Err("jwe_header_member"));
        }
    }
    for name in ["apu", "apv"] {
        check(|p| p.header[name] = json!("QQ=="), Err("jwe_header_member"));
    }
    check(|p| p.header["zip"] = json!("DEF"), Err("jwe_zip"));
    check(|p| p.header["zip"] = Value::Null, Err("jwe_zip"));
    check(|p| p.header["crit"] = json!(["exp"]), Err("jwe_crit"));
    check(|p| p.header["crit"] = json!([]), Err("jwe_crit"));
    check(|p| p.header["foreign"] = json!({"a": [1]}), Ok(()));
    check(|p| p.header = json!([]), Err("jwe_header"));
    let doubled = Parts::good().header.to_string().replacen('{', r#"{"alg":"ECDH-ES","#, 1);
    let rest = Parts::good().text().split_once('.').unwrap().1.to_owned();
    assert_eq!(code_of(&format!("{}.{rest}", b64::encode(doubled.as_bytes()))), Err("jwe_header"));
}

#[test]
fn ephemeral_keys() {
    let mut private = Jwk::from(key(ALICE).public_key()).to_value();
    private["d"] = json!(ALICE);
    let mut off_curve = Jwk::from(key(ALICE).public_key()).to_value();
    off_curve["y"] = off_curve["x"].clone();
    let p384 = json!({ "kty": "EC", "crv": "P-384", "x": b64::encode(&[1; 48]), "y": b64::encode(&[1; 48]) });
    let okp = json!({ "kty": "OKP", "crv": "X25519", "x": b64::encode(&[1; 32]) });
    for (epk, expected) in [
        (private, "jwk_private"),
        (off_curve, "jwk_off_curve"),
        (p384, "jwk_crv"),
        (okp, "jwk_kty"),
        (json!({"kty": "EC", "crv": "P-256"}), "jwk_coordinate"),
        (json!({"kty": "EC"}), "jwk_crv"),
        (json!("key"), "jwk_malformed"),
        (Value::Null, "jwk_malformed"),
        // Somebody else's.
        (Jwk::from(key(BOB).public_key()).to_value(), "jwe_decryption"),
    ] {
        check(|p| p.header["epk"] = epk, Err(expected));
    }
    check(|p| drop(p.header.as_object_mut().unwrap().remove("epk")), Err("jwe_epk_missing"));
}

#[test]
fn the_form_is_compact_and_nothing_else() {
    check(|p| p.encrypted_key = "AA".to_owned(), Err("jwe_encrypted_key"));
    check(|p| p.encrypted_key = "=".to_owned(), Err("jwe_encrypted_key"));
    for bytes in [0, 11, 13, 16] {
        check(|p| p.nonce = vec![7; bytes], Err("jwe_iv"));
    }
    let good = Parts::good().text();
    assert_eq!(code_of(&good), Ok(()));
    let (body, tag) = good.rsplit_once('.').unwrap();
    for tag in ["", "AA", &b64::encode(&[0; 15]), &b64::encode(&[0; 17])] {
        assert_eq!(code_of(&format!("{body}.{tag}")), Err("jwe_tag"));
    }
    for bad in [
        String::new(),
        body.to_owned(),
        format!("{good}."),
        format!("{good}.{tag}"),
        format!("{good}="),
        format!("{good}\n"),
        format!(" {good}"),
        json!({ "ciphertext": "" }).to_string(),
    ] {
        assert_eq!(code_of(&bad), Err("jwe_malformed"), "{bad}");
    }
    assert_eq!(code_of("...."), Err("jwe_header"));
    let padding = "A".repeat(JWE_BYTES_MAX - good.len() + 1);
    assert_eq!(code_of(&format!("{good}{padding}")), Err("jwe_too_long"));
    assert_ne!(code_of(&format!("{good}{}", &padding[1..])), Err("jwe_too_long"));
}

#[test]
fn nothing_can_be_changed_on_the_way() {
    let good = Parts::good().text();
    let parts: Vec<&str> = good.split('.').collect();
    for at in [2, 3, 4] {
        let mut changed: Vec<String> = parts.iter().map(|p| (*p).to_owned()).collect();
        let mut bytes = b64::decode(parts[at]).unwrap();
        bytes[0] ^= 1;
        changed[at] = b64::encode(&bytes);
        assert_eq!(code_of(&changed.join(".")), Err("jwe_decryption"), "part {at}");
    }
    // The same header in other words is another header.
    let spaced = Parts::good().header.to_string().replacen('{', "{ ", 1);
    let changed = [&b64::encode(spaced.as_bytes()), "", parts[2], parts[3], parts[4]].join(".");
    assert_eq!(code_of(&changed), Err("jwe_decryption"));
    // What the producer says of the parties.
    let mut header = Parts::good().header;
    header["apv"] = json!("RXZl");
    let changed = [&b64::encode(header.to_string().as_bytes()), "", parts[2], parts[3], parts[4]].join(".");
    assert_eq!(code_of(&changed), Err("jwe_decryption"));
}

/// A key that is elsewhere, and cannot be reached.
struct Unreachable;

impl KeyAgreement for Unreachable {
    fn public_key(&self) -> PublicKey {
        key(BOB).public_key()
    }
    fn agree(&self, _: &PublicKey) -> Result<Zeroizing<[u8; 32]>, crypto::Error> {
        Err(crypto::Error::Key)
    }
}

#[test]
fn a_key_that_cannot_be_used_is_said_to_be_that() {
    assert_eq!(decrypt(&Parts::good().text(), &Unreachable, &Enc::ALL), Err(Error::KeyAgreement));
}

#[cfg(all(feature = "aws-lc", feature = "rustcrypto"))]
#[test]
fn each_backend_opens_what_the_other_encrypted() {
    let scalar = key(BOB).to_scalar();
    let pure = crypto::rustcrypto::EphemeralKey::from_scalar(&scalar).unwrap();
    let text = encrypt(b"m", &bob(), Enc::A256Gcm, &Map::new(), &SeededRandom::new(2)).unwrap();
    assert_eq!(decrypt(&text, &pure, &Enc::ALL).as_deref(), Ok(&b"m"[..]));
    let sender = crypto::rustcrypto::EphemeralKey::generate(&SeededRandom::new(3));
    let text = encrypt_from(&sender, b"m", &bob(), Enc::A128Gcm, &Map::new(), &SeededRandom::new(4)).unwrap();
    assert_eq!(decrypt(&text, &key(BOB), &Enc::ALL).as_deref(), Ok(&b"m"[..]));
}

proptest! {
    #![proptest_config(crate::testing::seeded(256))]

    #[test]
    fn one_changed_character_is_noticed(plain in prop::collection::vec(any::<u8>(), 0..40), at in any::<prop::sample::Index>(), by in "[A-Za-z0-9_.=-]") {
        let text = encrypt(&plain, &bob(), Enc::A128Gcm, &Map::new(), &SeededRandom::new(5)).unwrap();
        prop_assert_eq!(decrypt(&text, &key(BOB), &Enc::ALL), Ok(plain));
        let at = at.index(text.len());
        let changed = format!("{}{by}{}", &text[..at], &text[at + 1..]);
        if changed != text {
            prop_assert!(code_of(&changed).is_err(), "{}", changed);
        }
    }

    #[test]
    fn a_changed_header_is_refused_and_never_panics(seed: u64, times in 1..4_usize) {
        let random = SeededRandom::new(seed);
        let good = Parts::good();
        let mut header = good.header.clone();
        (0..times).for_each(|_| crate::testing::mutate(&mut header, &random));
        let rest = good.text().split_once('.').unwrap().1.to_owned();
        let text = format!("{}.{rest}", b64::encode(header.to_string().as_bytes()));
        prop_assert_eq!(code_of(&text).is_ok(), header == good.header);
    }

    #[test]
    fn any_text_is_read_without_panic(text in "[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,6}") {
        prop_assert!(code_of(&text).is_err());
    }
}
