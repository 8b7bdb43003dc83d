use std::net::IpAddr;

use rcgen::{BasicConstraints, ExtendedKeyUsagePurpose, IsCa, SanType, date_time_ymd};

use super::{cert, fixture, made_ca};
use crate::pki::certificate::CertificateError;
use crate::pki::facts::ExtendedUsage;
use crate::pki::public_key::Curve;
use crate::pki::signature::Signature;
use crate::pki::{Certificate, KeyKind, Validity, Weakness};

#[test]
fn facts_of_a_ca_like_certgens() {
    let cert = cert("ca-p256");
    let facts = cert.facts();
    assert_eq!(cert.common_name(), Some("Cilium CA"));
    assert_eq!(facts.subject, facts.issuer);
    assert!(facts.is_ca && facts.self_signed && !cert.is_intermediate());
    assert_eq!((facts.path_len, facts.cert_sign), (None, Some(true)));
    assert_eq!(facts.public_key.kind(), KeyKind::Ec(Curve::P256));
    assert_eq!(facts.usage, ExtendedUsage::Absent);
    assert_eq!(cert.to_pem(), fixture("ca-p256.crt"));
}

#[test]
fn identifiers_are_those_that_openssl_prints() {
    let cert = cert("ca-p256");
    let facts = cert.facts();
    let said = fixture("ca-p256.facts").replace(':', "").to_lowercase();
    assert!(said.contains(&format!("fingerprint={}\n", facts.fingerprint)));
    assert!(said.contains(&format!(" {}\n", facts.subject_key_id.as_deref().unwrap())));
    assert_eq!(facts.subject_key_id, facts.authority_key_id);
}

#[test]
fn facts_of_a_leaf() {
    let cert = cert("remote-p256");
    let facts = cert.facts();
    let usage = ExtendedUsage::Listed {
        client: true,
        server: true,
        any: false,
    };
    assert_eq!(cert.common_name(), Some("remote"));
    assert_eq!(facts.issuer.common_name.as_deref(), Some("Cilium CA"));
    assert!(!facts.is_ca && !facts.self_signed && !cert.is_intermediate());
    assert_eq!((facts.cert_sign, facts.usage), (Some(false), usage));
}

#[test]
fn kinds_of_key() {
    let kinds = [
        ("ca-p256", "EC P-256"),
        ("ca-p384", "EC P-384"),
        ("ca-p521", "EC P-521"),
        ("ca-rsa", "RSA 2048"),
        ("ca-rsa1024", "RSA 1024"),
        ("ca-ed25519", "Ed25519"),
    ];
    for (name, kind) in kinds {
        assert_eq!(cert(name).facts().public_key.kind().to_string(), kind);
        assert!(cert(name).facts().self_signed, "{name}");
    }
}

#[test]
fn only_the_signer_signed_it() {
    let names = [
        "p256",
        "p256-other",
        "p384",
        "p521",
        "rsa",
        "rsa1024",
        "ed25519",
    ];
    for (leaf, ca) in names.iter().flat_map(|leaf| names.map(|ca| (*leaf, ca))) {
        let expected = match (leaf, ca) {
            _ if leaf == ca => Signature::Valid,
            _ => Signature::Invalid,
        };
        let (remote, issuer) = (cert(&format!("remote-{leaf}")), cert(&format!("ca-{ca}")));
        assert_eq!(remote.signature_by(&issuer), expected, "{leaf} by {ca}");
        assert_eq!(remote.signed_by(&issuer), expected == Signature::Valid);
    }
}

#[test]
fn a_signature_under_another_name_is_not_the_cas() {
    let ca = made_ca(|_| {});
    let other_name = made_ca(|params| {
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "Other CA");
    });
    assert!(ca.leaf(|_| {}).cert().signed_by(&ca.cert()));
    assert!(!ca.leaf(|_| {}).cert().signed_by(&other_name.cert()));
}

#[test]
fn intermediates() {
    let cert = cert("intermediate");
    assert!(cert.is_intermediate());
    assert_eq!(cert.facts().path_len, Some(0));
}

#[test]
fn things_that_are_no_certificate() {
    let refused = |text: &str| Certificate::parse(text).unwrap_err();
    assert_eq!(
        refused(&fixture("ca-p256.key")),
        CertificateError::PrivateKey
    );
    assert_eq!(
        refused(&fixture("ca-p256.encrypted.key")),
        CertificateError::PrivateKey
    );
    let disguised = fixture("ca-p256.key").replace("EC PRIVATE KEY", "CERTIFICATE");
    let position = 1;
    assert_eq!(
        refused(&disguised),
        CertificateError::Malformed { position }
    );
    // Go knows no curve of 192 bits.
    assert_eq!(
        refused(&fixture("ca-p192.crt")),
        CertificateError::Malformed { position }
    );
    let chain = fixture("remote-p256.crt") + &disguised;
    let position = 2;
    assert_eq!(refused(&chain), CertificateError::Malformed { position });
}

#[test]
fn validity_includes_both_ends() {
    let leaf = made_ca(|_| {}).leaf(|params| {
        params.not_before = date_time_ymd(2026, 11, 1);
        params.not_after = date_time_ymd(2029, 11, 1);
    });
    let cert = leaf.cert();
    let (from, to) = (cert.facts().not_before, cert.facts().not_after);
    assert_eq!((from, to), (1_793_491_200, 1_888_185_600));
    let moments = [from - 1, from, to, to + 1].map(|unix| cert.valid_at(unix));
    assert_eq!(
        moments,
        [
            Validity::NotYet,
            Validity::Ok,
            Validity::Ok,
            Validity::Expired
        ]
    );
}

#[test]
fn weak_ones() {
    let rsa = KeyKind::Rsa { bits: 1024 };
    assert_eq!(cert("ca-rsa1024").weakness(), Some(Weakness::Key(rsa)));
    assert_eq!(
        cert("remote-sha1").weakness(),
        Some(Weakness::Hash("SHA-1"))
    );
    for good in ["ca-p256", "ca-p521", "ca-rsa", "ca-ed25519", "remote-p256"] {
        assert_eq!(cert(good).weakness(), None, "{good}");
    }
}

#[test]
fn names_and_addresses() {
    let dns = |name: &str| SanType::DnsName(name.try_into().unwrap());
    let ip = |text: &str| text.parse::<IpAddr>().unwrap();
    let server = made_ca(|_| {}).leaf(|params| {
        params.subject_alt_names = vec![
            dns("clustermesh-apiserver.cilium.io"),
            dns("*.mesh.cilium.io"),
            SanType::IpAddress(ip("127.0.0.1")),
            SanType::IpAddress(ip("::1")),
        ];
    });
    let cert = server.cert();
    for host in [
        "cluster-1.mesh.cilium.io",
        "CLUSTER-1.Mesh.cilium.io.",
        "clustermesh-apiserver.cilium.io",
    ] {
        assert!(cert.covers_name(host), "{host}");
    }
    for host in [
        "",
        ".mesh.cilium.io",
        "mesh.cilium.io",
        "a.b.mesh.cilium.io",
        "127.0.0.1",
        "remote",
    ] {
        assert!(!cert.covers_name(host), "{host}");
    }
    assert!(cert.covers_ip(ip("127.0.0.1")) && cert.covers_ip(ip("::1")));
    assert!(cert.covers_ip(ip("::ffff:127.0.0.1")) && !cert.covers_ip(ip("127.0.0.2")));
}

#[test]
fn usages() {
    let ca = made_ca(|params| params.is_ca = IsCa::Ca(BasicConstraints::Constrained(3)));
    assert_eq!(ca.cert().facts().path_len, Some(3));
    let with = |usages: Vec<ExtendedKeyUsagePurpose>| {
        let leaf = ca.leaf(|params| params.extended_key_usages = usages);
        let usage = leaf.cert().facts().usage;
        (usage.allows_client(), usage.allows_server())
    };
    assert_eq!(with(vec![]), (true, true));
    assert_eq!(with(vec![ExtendedKeyUsagePurpose::Any]), (true, true));
    assert_eq!(
        with(vec![ExtendedKeyUsagePurpose::ClientAuth]),
        (true, false)
    );
    assert_eq!(
        with(vec![ExtendedKeyUsagePurpose::ServerAuth]),
        (false, true)
    );
    assert_eq!(
        with(vec![ExtendedKeyUsagePurpose::CodeSigning]),
        (false, false)
    );
}
