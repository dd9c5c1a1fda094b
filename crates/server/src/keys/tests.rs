use formats::x509::validate;

use super::*;

const NAME: &str = r#"name = { en = "A", fr = "A", es = "A", ru = "A", ar = "A", zh = "A" }"#;

/// A party with keys, and when they were made.
fn party() -> (tempfile::TempDir, Config, Instant) {
    let directory = tempfile::tempdir().unwrap();
    let text = format!(
        "{NAME}\norganisation = \"A\"\ncountry = \"XZ\"\nidentifier = \"http://localhost:8000\"\n\
         listen = \"127.0.0.1:8000\"\ndatabase = \"sqlite:a.sqlite\"\nkeys = \"keys\"\ninsecure_loopback = true\n"
    );
    let file = directory.path().join("config.toml");
    fs::write(&file, text).unwrap();
    let config = Config::read(&file).unwrap();
    init(&config).unwrap();
    (directory, config, SystemClock.now())
}

/// The fingerprints of the leaves in use and of the retired ones for credentials; every leaf in use has its key.
fn leaves(config: &Config) -> ([[u8; 32]; 2], Vec<[u8; 32]>) {
    let in_use = Use::ALL.map(|use_| load(config, use_).unwrap().leaf_sha256());
    let retired = retired(config, Use::Credential).unwrap();
    (in_use, retired.iter().map(CertifiedSigner::leaf_sha256).collect())
}

fn root_only(config: &Config) -> TrustAnchors {
    TrustAnchors::from_pem(&read(&root_certificate(config)).unwrap()).unwrap()
}

fn fingerprints(anchors: &TrustAnchors) -> Vec<[u8; 32]> {
    anchors.iter().map(|anchor| anchor.certificate().sha256).collect()
}

#[test]
fn leaves_are_followed_under_the_same_root() {
    let (_directory, config, now) = party();
    let root = root_only(&config);
    let secret = server_secret(&config).unwrap();
    let ([credential, request], none) = leaves(&config);
    assert!(none.is_empty());

    rotate::rotate(&config, Some(What::Credential), now).unwrap();
    let ([second, same_request], retired) = leaves(&config);
    assert_ne!(second, credential);
    assert_eq!((same_request, retired), (request, vec![credential]));

    rotate::rotate(&config, None, now).unwrap();
    let ([third, other_request], retired) = leaves(&config);
    assert!(third != second && other_request != request);
    assert_eq!(retired, [credential, second]);

    rotate::rotate(&config, Some(What::Request), now).unwrap();
    assert_eq!(leaves(&config).1, [credential, second], "the order is that of time");
    assert_eq!(server_secret(&config).unwrap(), secret);
    assert_eq!(fingerprints(&anchors(&config, now).unwrap()), fingerprints(&root));
    for (use_, purpose) in
        [(Use::Credential, Purpose::CredentialSigning), (Use::Request, Purpose::RequestSigning)]
    {
        validate(&load(&config, use_).unwrap().chain, &root, now, purpose).unwrap();
    }
    let shown = list(&config).unwrap();
    let retired = |entry: &&Value| entry["retired"] == true;
    assert_eq!(shown.as_array().unwrap().iter().filter(retired).count(), 4);
    assert_eq!(shown.as_array().unwrap().len(), 7);
}

#[test]
fn a_root_is_followed_by_another_and_both_must_be_known_for_a_while() {
    let (_directory, config, now) = party();
    let old_root = root_only(&config);
    rotate::rotate(&config, Some(What::Root), now).unwrap();
    let new_root = root_only(&config);
    assert_ne!(fingerprints(&new_root), fingerprints(&old_root));
    let purpose = Purpose::CredentialSigning;
    let (new, old) = (load(&config, Use::Credential).unwrap(), retired(&config, Use::Credential).unwrap());
    validate(&new.chain, &new_root, now, purpose).unwrap();
    validate(&new.chain, &old_root, now, purpose).unwrap_err();
    validate(&old[0].chain, &old_root, now, purpose).unwrap();
    validate(&old[0].chain, &new_root, now, purpose).unwrap_err();
    let both = fingerprints(&new_root.merged(&old_root));
    assert_eq!(fingerprints(&anchors(&config, now).unwrap()), both);
    let later = now.plus_secs((LEAF_DAYS + 1) * 86_400);
    assert_eq!(fingerprints(&anchors(&config, later).unwrap()), fingerprints(&new_root));
}

#[test]
fn what_is_secret_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_directory, config, now) = party();
    rotate::rotate(&config, Some(What::Root), now).unwrap();
    let mut secret = 0;
    for directory in [&config.keys, &config.keys.join("retired/001")] {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if name.ends_with(".key.pem") || name == "secret" {
                assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{name}");
                secret += 1;
            }
        }
    }
    assert_eq!(secret, 7, "three keys each, and the secret");
}

#[test]
fn a_crash_leaves_the_old_keys_or_the_new_ones() {
    let decide = |config: &Config| {
        fs::rename(config.keys.join("rotation.new"), config.keys.join("rotation")).unwrap();
    };
    let copy = |config: &Config, file: &str| {
        fs::copy(config.keys.join("rotation/new").join(file), config.keys.join(file)).unwrap();
    };
    let copy_all = |config: &Config| {
        for name in NAMES {
            copy(config, &format!("{name}.key.pem"));
            copy(config, &format!("{name}.pem"));
        }
    };
    let retire = |config: &Config| {
        fs::create_dir(config.keys.join("retired")).unwrap();
        fs::rename(config.keys.join("rotation/old"), config.keys.join("retired/001")).unwrap();
    };
    let crashes: [&dyn Fn(&Config); 5] = [
        &decide,
        &|config| {
            decide(config);
            copy(config, "root.pem");
            copy(config, "credential.key.pem");
        },
        &|config| {
            decide(config);
            copy_all(config);
        },
        &|config| {
            decide(config);
            copy_all(config);
            retire(config);
        },
        &|config| {
            decide(config);
            copy_all(config);
            retire(config);
            fs::rename(config.keys.join("rotation"), config.keys.join("rotation.done")).unwrap();
        },
    ];
    for crash in crashes {
        let (_directory, config, now) = party();
        let old_root = fingerprints(&root_only(&config));
        let (before, _) = leaves(&config);
        rotate::prepare(&config, Some(What::Root), now).unwrap();
        assert_eq!(leaves(&config), (before, vec![]), "nothing is decided");
        crash(&config);
        for again in [false, true] {
            let (after, retired) = leaves(&config);
            assert!(after[0] != before[0] && after[1] != before[1], "again: {again}");
            assert_eq!(retired, [before[0]]);
        }
        let anchors = fingerprints(&anchors(&config, now).unwrap());
        assert!(anchors.len() == 2 && anchors[1] == old_root[0]);
        assert!(!config.keys.join("rotation").exists());
        rotate::rotate(&config, Some(What::Credential), now).unwrap();
        assert_eq!(leaves(&config).1.len(), 2);
        assert!(!config.keys.join("rotation.done").exists());
    }
}

#[test]
fn a_rotation_that_cannot_be_changes_nothing() {
    let (_directory, config, now) = party();
    let before = leaves(&config);
    let refusal = |what| rotate::rotate(&config, what, now).unwrap_err().code;
    let (key, elsewhere) = (config.keys.join("root.key.pem"), config.keys.with_file_name("elsewhere"));
    fs::rename(&key, &elsewhere).unwrap();
    assert_eq!(refusal(None), "keys");
    assert_eq!(refusal(Some(What::Credential)), "keys");
    fs::rename(&elsewhere, &key).unwrap();
    let lock = files::lock(&config.keys.join("lock")).unwrap();
    assert_eq!(refusal(None), "keys");
    assert_eq!(leaves(&config), before);
    drop(lock);
    rotate::rotate(&config, None, now).unwrap();
    assert_ne!(leaves(&config), before);
    // A new root needs nothing of the old one's key.
    fs::remove_file(&key).unwrap();
    rotate::rotate(&config, Some(What::Root), now).unwrap();
    assert_eq!(leaves(&config).1.len(), 2);
}

#[test]
fn other_issuers_have_keys_of_their_own() {
    let (directory, config, now) = party();
    let file = directory.path().join("config.toml");
    let text = format!(
        "{}[issue]\n[[issue.issuer]]\nidentifier = \"http://localhost:8000/university\"\n{NAME}\n\
         organisation = \"B\"\nkeys = \"b\"\ntypes = [\"diploma\"]\n",
        fs::read_to_string(&file).unwrap()
    );
    fs::write(&file, text).unwrap();
    let before = leaves(&config);
    let with_issuer = Config::read(&file).unwrap();
    init_missing(&with_issuer).unwrap();
    let (.., university) = with_issuer.issuers().next().unwrap();
    let leaf = load(&university, Use::Credential).unwrap();
    assert_eq!(leaf.leaf().common_name.as_deref(), Some("B"));
    assert_eq!(leaves(&config), before, "what was there stays");
    let at_issuer = |issuer: &str| {
        let issuer = Some(issuer.to_owned());
        KeysCommand::Rotate { config: file.clone(), what: None, issuer }.run()
    };
    at_issuer("university").unwrap();
    assert_eq!(retired(&university, Use::Credential).unwrap()[0].leaf_sha256(), leaf.leaf_sha256());
    assert_eq!(leaves(&config), before);
    assert_eq!(at_issuer("clinic").unwrap_err().code, "no_such_issuer");
    assert_eq!(init_missing(&with_issuer).unwrap_err().code, "keys_exist");
    assert_ne!(
        fingerprints(&anchors(&university, now).unwrap()),
        fingerprints(&anchors(&config, now).unwrap())
    );
    assert_eq!(list_all(&with_issuer).unwrap().as_array().unwrap().len(), 8);
}
