use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyUsagePurpose, date_time_ymd};

use super::{cert, key, made_ca};
use crate::pki::{
    CaFault, RemoteFault, Weakness, ends_later_than_half_lifetime, prove_ca, prove_remote,
};

#[test]
fn openssls_certificates_prove() {
    for name in ["p256", "p256-other", "p384", "p521", "rsa", "ed25519"] {
        let (leaf, ca) = (format!("remote-{name}"), format!("ca-{name}"));
        let faults = prove_remote(&cert(&leaf), &key(&leaf), &cert(&ca), "remote", None);
        assert_eq!(faults, [], "{name}");
        assert_eq!(prove_ca(&cert(&ca), Some(&key(&ca))), [], "{name}");
    }
}

#[test]
fn the_classic_mistake_two_cas_of_one_name() {
    let faults = prove_remote(
        &cert("remote-p256-other"),
        &key("remote-p256-other"),
        &cert("ca-p256"),
        "remote",
        None,
    );
    assert_eq!(
        cert("ca-p256").facts().subject,
        cert("ca-p256-other").facts().subject
    );
    assert_eq!(faults, [RemoteFault::WrongCa]);
}

#[test]
fn every_fault_of_a_remote_certificate() {
    let leaf = made_ca(|_| {}).leaf(|params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    });
    let faults = prove_remote(
        &leaf.cert(),
        &key("ca-rsa"),
        &cert("ca-p256"),
        "remote-cluster-1",
        None,
    );
    let (found, expected) = (Some("remote".to_owned()), "remote-cluster-1".to_owned());
    assert_eq!(
        faults,
        [
            RemoteFault::WrongCa,
            RemoteFault::KeyMismatch,
            RemoteFault::NotClientUsage,
            RemoteFault::WrongCommonName { found, expected },
        ]
    );
}

#[test]
fn a_ca_in_place_of_a_remote_certificate_is_one_fault() {
    let ca = cert("ca-p256");
    assert_eq!(
        prove_remote(&ca, &key("ca-rsa"), &ca, "remote", None),
        [RemoteFault::IsCa]
    );
}

#[test]
fn sha1_is_weak() {
    let faults = prove_remote(
        &cert("remote-sha1"),
        &key("remote-sha1"),
        &cert("ca-rsa"),
        "remote",
        None,
    );
    assert_eq!(faults, [RemoteFault::Weak(Weakness::Hash("SHA-1"))]);
}

#[test]
fn faults_of_a_ca() {
    assert_eq!(
        prove_ca(&cert("remote-p256"), Some(&key("ca-rsa"))),
        [CaFault::NotACa]
    );
    assert_eq!(
        prove_ca(&cert("intermediate"), None),
        [CaFault::Intermediate]
    );
    let mismatch = prove_ca(&cert("ca-p256"), Some(&key("ca-p256-other")));
    assert_eq!(mismatch, [CaFault::KeyMismatch]);
    let no_sign = made_ca(|params| params.key_usages = vec![KeyUsagePurpose::DigitalSignature]);
    assert_eq!(
        prove_ca(&no_sign.cert(), Some(&no_sign.key())),
        [CaFault::NoCertSign]
    );
    let silent = made_ca(|params| params.key_usages = vec![]);
    assert_eq!(prove_ca(&silent.cert(), None), []);
    assert!(matches!(
        prove_ca(&cert("ca-rsa1024"), None)[..],
        [CaFault::WeakKey(_)]
    ));
}

#[test]
fn an_inline_certificate_is_kept_until_half_its_lifetime_is_gained() {
    let ca = made_ca(|_| {});
    let leaf = |from: i32, to: i32| {
        let dates = |params: &mut CertificateParams| {
            params.not_before = date_time_ymd(from, 1, 1);
            params.not_after = date_time_ymd(to, 1, 1);
        };
        ca.leaf(dates).cert()
    };
    // 2021 to 2023 and 2023 to 2024 are 730 and 365 days: exactly half is not more than half.
    let kept = leaf(2021, 2023);
    assert!(!ends_later_than_half_lifetime(&kept, &leaf(2022, 2024)));
    assert!(ends_later_than_half_lifetime(&kept, &leaf(2022, 2025)));
    assert!(!ends_later_than_half_lifetime(&kept, &leaf(2019, 2020)));
}
