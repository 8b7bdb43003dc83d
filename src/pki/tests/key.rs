use rcgen::{KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};

use super::{cert, fixture, key};
use crate::pki::key::KeyError;
use crate::pki::mistake::EncodingError;
use crate::pki::{Certificate, Fit, PrivateKey};

#[test]
fn every_form_fits_its_certificate() {
    for (key_name, cert_name) in [
        ("ca-p256", "ca-p256"),
        ("ca-p256.pkcs8", "ca-p256"),
        ("ca-p256.no-public", "ca-p256"),
        ("ca-p384", "ca-p384"),
        ("ca-p384.pkcs8", "ca-p384"),
        ("ca-p521", "ca-p521"),
        ("ca-p521.pkcs8", "ca-p521"),
        ("ca-rsa", "ca-rsa"),
        ("ca-rsa.pkcs8", "ca-rsa"),
        ("ca-rsa1024", "ca-rsa1024"),
        ("ca-ed25519", "ca-ed25519"),
        ("remote-sha1", "remote-sha1"),
    ] {
        assert_eq!(key(key_name).fits(&cert(cert_name)), Fit::Yes, "{key_name}");
    }
}

#[test]
fn no_key_fits_another_certificate() {
    let names = [
        "p256",
        "p256-other",
        "p384",
        "p521",
        "rsa",
        "rsa1024",
        "ed25519",
    ];
    for (key_name, cert_name) in names.iter().flat_map(|key| names.map(|cert| (*key, cert))) {
        let expected = Fit::from(key_name == cert_name);
        let found = key(&format!("ca-{key_name}")).fits(&cert(&format!("ca-{cert_name}")));
        assert_eq!(found, expected, "{key_name} and {cert_name}");
    }
    assert_eq!(key("ca-rsa").fits(&cert("remote-sha1")), Fit::No);
}

/// The public key beside an EC key is not looked at; fixtures/x509 has EC keys, and what Go says of each.
#[test]
fn an_rsa_key_with_a_changed_character_fits_nothing() {
    let text = fixture("ca-rsa.key");
    let body = text.find("-----\n").unwrap() + 6;
    let end = text.find("\n-----END").unwrap() - 4;
    for at in (body..end).step_by(11) {
        let mut changed = text.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        let fit = PrivateKey::parse(&changed).map(|key| key.fits(&cert("ca-rsa")));
        assert_ne!(fit, Ok(Fit::Yes), "{at}");
    }
}

#[test]
fn rcgens_keys_of_version_one_and_two() {
    for algorithm in [&PKCS_ED25519, &PKCS_ECDSA_P384_SHA384] {
        let pair = KeyPair::generate_for(algorithm).unwrap();
        let cert = rcgen::CertificateParams::default()
            .self_signed(&pair)
            .unwrap();
        let cert = Certificate::parse(&cert.pem()).unwrap();
        let key = PrivateKey::parse(&pair.serialize_pem()).unwrap();
        assert_eq!(key.fits(&cert), Fit::Yes);
    }
}

#[test]
fn things_that_are_no_key() {
    let refused = |text: &str| PrivateKey::parse(text).unwrap_err();
    assert_eq!(refused(&fixture("ca-p256.crt")), KeyError::Certificate);
    let chain = fixture("remote-p256.crt") + &fixture("ca-p256.crt");
    assert_eq!(refused(&chain), KeyError::Certificate);
    let encrypted = refused(&fixture("ca-p256.encrypted-sec1.key"));
    assert_eq!(encrypted, KeyError::Encoding(EncodingError::EncryptedKey));
    let disguised = fixture("ca-p256.crt").replace("CERTIFICATE", "PRIVATE KEY");
    assert_eq!(refused(&disguised), KeyError::Malformed);
    // Go looks at what is inside, whatever the label says.
    for label in ["RSA PRIVATE KEY", "PRIVATE KEY", "ANY PRIVATE KEY"] {
        let relabelled = fixture("ca-p256.key").replace("EC PRIVATE KEY", label);
        let key = PrivateKey::parse(&relabelled).unwrap();
        assert_eq!(key.fits(&cert("ca-p256")), Fit::Yes);
        let written = PrivateKey::parse(key.pem_base64().expose()).unwrap();
        assert_eq!(written.pem_base64(), self::key("ca-p256").pem_base64());
    }
}

#[test]
fn debug_shows_the_kind_alone() {
    assert_eq!(
        format!("{:?}", key("ca-p256")),
        "PrivateKey(EC P-256, [hidden])"
    );
    assert_eq!(
        format!("{:?}", key("ca-rsa")),
        "PrivateKey(RSA 2048, [hidden])"
    );
}
