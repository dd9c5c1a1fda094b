//! Metadata of credential issuers (section 12.2, appendices A and I.1).

use super::*;

fn display(of: &Value, name: &str, locale: &str) -> Value {
    let mut display = of.clone();
    display["name"] = name.into();
    display["locale"] = locale.into();
    display
}

/// `credential_configurations_supported` of section 12.2.4 and appendix A.3.2, which differ in the picture only.
fn sd_jwt_vc_configuration() -> Value {
    let bare = |name: &str| json!({ "path": [name] });
    let named = |path: &str, en: &str, de: &str| {
        json!({ "path": [path], "display": [
            { "name": en, "locale": "en-US" }, { "name": de, "locale": "de-DE" },
        ] })
    };
    let of_address = |name: &str| json!({ "path": ["address", name] });
    json!({
        "format": "dc+sd-jwt",
        "scope": "SD_JWT_VC_example_in_OpenID4VCI",
        "credential_signing_alg_values_supported": ["ES256"],
        "cryptographic_binding_methods_supported": ["jwk"],
        "proof_types_supported": { "jwt": {
            "proof_signing_alg_values_supported": ["ES256"],
            "key_attestations_required": {
                "key_storage": ["iso_18045_moderate"],
                "user_authentication": ["iso_18045_moderate"],
            },
        } },
        "vct": "SD_JWT_VC_example_in_OpenID4VCI",
        "credential_metadata": {
            "display": [{
                "name": "IdentityCredential",
                "locale": "en-US",
                "logo": {
                    "uri": "https://university.example.edu/public/logo_credential.png",
                    "alt_text": "a square logo of a university credential",
                },
                "description": "A credential that signals the membership of a university",
                "background_color": "#12107c",
                "text_color": "#FFFFFF",
            }],
            "claims": [
                named("given_name", "Given Name", "Vorname"),
                named("family_name", "Surname", "Nachname"),
                bare("email"), bare("phone_number"),
                named("address", "Place of residence", "Wohnsitz"),
                of_address("street_address"), of_address("locality"), of_address("region"), of_address("country"),
                bare("birthdate"), bare("is_over_18"), bare("is_over_21"), bare("is_over_65"),
            ],
        },
    })
}

pub(super) fn issuer_metadata(examples: &mut Examples) {
    examples.seen("12.2.2");
    let url = well_known_url("https://server.example.com", WELL_KNOWN_ISSUER).unwrap();
    assert_eq!(url, "https://server.example.com/.well-known/openid-credential-issuer");

    examples.seen("12.2.4, I.1");
    let logo = |alt: &str| json!({ "logo": { "uri": "https://university.example.edu/public/logo.png", "alt_text": alt } });
    let at = |path: &str| format!("{STANDARD_ISSUER}/{path}");
    let body = json!({
        "credential_issuer": STANDARD_ISSUER,
        "authorization_servers": ["https://server.example.com"],
        "credential_endpoint": at("credential"),
        "nonce_endpoint": at("nonce"),
        "deferred_credential_endpoint": at("deferred_credential"),
        "notification_endpoint": at("notification"),
        "credential_request_encryption": {
            "jwks": { "keys": [{
                "kty": "EC", "kid": "ac", "use": "enc", "crv": "P-256", "alg": "ECDH-ES",
                "x": "YO4epjifD-KWeq1sL2tNmm36BhXnkJ0He-WqMYrp9Fk",
                "y": "Hekpm0zfK7C-YccH5iBjcIXgf6YdUvNUac_0At55Okk",
            }] },
            "enc_values_supported": ["A128GCM"],
            "zip_values_supported": ["DEF"],
            "encryption_required": true,
        },
        "credential_response_encryption": {
            "alg_values_supported": ["ECDH-ES"],
            "enc_values_supported": ["A128GCM"],
            "zip_values_supported": ["DEF"],
            "encryption_required": true,
        },
        "batch_credential_issuance": { "batch_size": 10 },
        "display": [
            display(&logo("a square logo of a university"), "Example University", "en-US"),
            display(&logo("Un logo universitaire carré"), "Example Université", "fr-FR"),
        ],
        "credential_configurations_supported": {
            "SD_JWT_VC_example_in_OpenID4VCI": sd_jwt_vc_configuration(),
        },
    });
    let metadata = IssuerMetadata::parse(body.to_string().as_bytes(), STANDARD_ISSUER).unwrap();
    assert_eq!(metadata.credential_endpoint, at("credential"));
    assert_eq!(metadata.nonce_endpoint, Some(at("nonce")));
    assert_eq!(metadata.batch_credential_issuance.unwrap().batch_size, 10);
    assert_eq!(metadata.authorization_server(None).unwrap(), "https://server.example.com");
    let names: Vec<_> = metadata.display.iter().map(|d| d.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["Example University", "Example Université"]);
    // What we write of it has no member that is not in it.
    let written = serde_json::to_value(&metadata).unwrap();
    assert!(written.as_object().unwrap().iter().all(|(name, _)| body.get(name).is_some()));
    assert_eq!(
        IssuerMetadata::parse(body.to_string().as_bytes(), "https://other.example"),
        Err(Error::OtherIssuer)
    );

    // Signed metadata are asked for by their media type, which we never do.
    examples.seen("12.2.3, I.1");
    let signed = "eyJhbGciOiJFUzI1NiIsInR5cCI6Im9wZW5pZHZjaS1pc3N1ZXItbWV0YWRhdGErand0Iiwie";
    let refused = IssuerMetadata::parse(signed.as_bytes(), STANDARD_ISSUER);
    assert!(matches!(refused, Err(Error::Json(_))));
}

/// Configurations of all formats are read, so that an issuer who has others too is no stranger.
pub(super) fn metadata_of_formats(examples: &mut Examples) {
    let mut read = |section: &str, id: &str, configuration: Value| {
        examples.seen(section);
        let body = json!({
            "credential_issuer": STANDARD_ISSUER,
            "credential_endpoint": format!("{STANDARD_ISSUER}/credential"),
            "credential_configurations_supported": { id: configuration },
        });
        let mut metadata = IssuerMetadata::parse(body.to_string().as_bytes(), STANDARD_ISSUER).unwrap();
        metadata.credential_configurations_supported.remove(id).unwrap()
    };
    let looks = json!({ "logo": {}, "background_color": "#12107c", "text_color": "#FFFFFF" });
    let named =
        |path: Value, name: &str| json!({ "path": path, "display": [{ "name": name, "locale": "en-US" }] });
    let degree = json!({
        "claims": [
            named(json!(["credentialSubject", "given_name"]), "Given Name"),
            named(json!(["credentialSubject", "family_name"]), "Surname"),
            { "path": ["credentialSubject", "degree"] },
            { "path": ["credentialSubject", "gpa"], "mandatory": true, "display": [{ "name": "GPA" }] },
        ],
        "display": [display(&looks, "University Credential", "en-US")],
    });
    let jwt = read(
        "A.1.1.2",
        "UniversityDegreeCredential",
        json!({
            "format": "jwt_vc_json",
            "scope": "UniversityDegree",
            "cryptographic_binding_methods_supported": ["did:example"],
            "credential_signing_alg_values_supported": ["ES256"],
            "credential_definition": { "type": ["VerifiableCredential", "UniversityDegreeCredential"] },
            "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
            "credential_metadata": degree,
        }),
    );
    assert_eq!((jwt.format.as_str(), jwt.vct.as_deref()), ("jwt_vc_json", None));
    let claims = jwt.credential_metadata.unwrap().claims;
    assert_eq!(claims.iter().map(|c| c.mandatory).collect::<Vec<_>>(), [false, false, false, true]);

    // This one and the next name no proof types beside their binding methods, which section 12.2.4 demands; of formats
    // that we do not speak that is not our business.
    let ldp = read(
        "A.1.2.2",
        "UniversityDegree_LDP_VC",
        json!({
            "format": "ldp_vc",
            "cryptographic_binding_methods_supported": ["did:example"],
            "credential_signing_alg_values_supported": ["Ed25519Signature2018"],
            "credential_definition": { "type": ["VerifiableCredential", "UniversityDegreeCredential"] },
            "credential_metadata": degree,
        }),
    );
    assert!(ldp.proof_types_supported.is_empty());

    let mdl = read(
        "A.2.2",
        "org.iso.18013.5.1.mDL",
        json!({
            "format": "mso_mdoc",
            "doctype": "org.iso.18013.5.1.mDL",
            "cryptographic_binding_methods_supported": ["cose_key"],
            "credential_signing_alg_values_supported": [-7, -9],
            "credential_metadata": {
                "display": [
                    display(&looks, "Mobile Driving License", "en-US"),
                    display(&looks, "モバイル運転免許証", "ja-JP"),
                ],
                "claims": [
                    named(json!(["org.iso.18013.5.1", "given_name"]), "Given Name"),
                    named(json!(["org.iso.18013.5.1", "family_name"]), "Surname"),
                    { "path": ["org.iso.18013.5.1", "birth_date"], "mandatory": true },
                    { "path": ["org.iso.18013.5.1.aamva", "organ_donor"] },
                ],
            },
        }),
    );
    let algs = &mdl.credential_signing_alg_values_supported;
    assert_eq!(algs, &[SigningAlg::Cose(-7), SigningAlg::Cose(-9)]);
    assert_eq!(mdl.credential_metadata.unwrap().display[1].name, "モバイル運転免許証");

    let ours = read("A.3.2", "SD_JWT_VC_example_in_OpenID4VCI", sd_jwt_vc_configuration());
    assert_eq!(ours.format, FORMAT_SD_JWT_VC);
    assert_eq!(ours.vct.as_deref(), Some("SD_JWT_VC_example_in_OpenID4VCI"));
    assert_eq!(ours.scope, ours.vct);
    assert!(ours.proof_types_supported["jwt"].key_attestations_required.is_some());
    let metadata = ours.credential_metadata.unwrap();
    assert_eq!(metadata.display[0].background_color.as_deref(), Some("#12107c"));
    assert_eq!(
        (metadata.claims.len(), metadata.claims[1].display[1].name.as_deref()),
        (13, Some("Nachname"))
    );
    let [object, member] = ["address", "region"].map(|name| PathElement::Name(name.to_owned()));
    assert_eq!(metadata.claims[7].path, [object, member]);
}
