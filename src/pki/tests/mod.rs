//! Unit tests, against OpenSSL's files in `fixtures/pki` and certificates that rcgen makes.
#![allow(clippy::unwrap_used)]

mod certificate;
mod conformance;
mod encoding;
mod hostile;
mod key;
mod proof;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

use super::{Certificate, PrivateKey};

/// The text of a file in `fixtures/pki`.
pub(super) fn fixture(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/pki");
    std::fs::read_to_string(format!("{folder}/{name}")).unwrap()
}

pub(super) fn cert(name: &str) -> Certificate {
    Certificate::parse(&fixture(&format!("{name}.crt"))).unwrap()
}

pub(super) fn key(name: &str) -> PrivateKey {
    PrivateKey::parse(&fixture(&format!("{name}.key"))).unwrap()
}

/// A CA under the usual name, changed by `change`.
pub(super) fn made_ca(change: impl FnOnce(&mut CertificateParams)) -> Made {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
        .distinguished_name
        .push(DnType::CommonName, "Cilium CA");
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let cert = params.self_signed(&key).unwrap().pem();
    Made { params, key, cert }
}

/// A certificate fresh from rcgen.
pub(super) struct Made {
    pub(super) params: CertificateParams,
    pub(super) key: KeyPair,
    pub(super) cert: String,
}

impl Made {
    pub(super) fn cert(&self) -> Certificate {
        Certificate::parse(&self.cert).unwrap()
    }

    pub(super) fn key(&self) -> PrivateKey {
        PrivateKey::parse(&self.key.serialize_pem()).unwrap()
    }

    /// A leaf called `remote` below this CA, changed by `change`.
    pub(super) fn leaf(&self, change: impl FnOnce(&mut CertificateParams)) -> Made {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "remote");
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let issuer = Issuer::from_params(&self.params, &self.key);
        let cert = params.signed_by(&key, &issuer).unwrap().pem();
        Made { params, key, cert }
    }
}
