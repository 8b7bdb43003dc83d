//! Certificates and keys, from mesh.yaml or from dumped Secrets.

use super::Reading;
use crate::finding::Finding;
use crate::input::dumps::Object;
use crate::input::mesh_file::SecretValue;
use crate::input::secret;
use crate::model::{Absent, Fact, KeyPair};
use crate::pki::{Certificate, KeyText, PrivateKey};
use crate::source::Place;

impl Reading<'_> {
    /// A certificate and key as mesh.yaml gives them. `fact` names them in messages: `ca`, `remoteCert`.
    pub(super) fn key_pair(
        &mut self,
        fact: &'static str,
        cluster: Option<usize>,
        [cert, key]: [Option<&SecretValue>; 2],
        [cert_place, key_place]: [Place; 2],
    ) -> KeyPair {
        let cert = self.secret(cert, &cert_place, fact, cluster);
        let key = self.secret(key, &key_place, fact, cluster);
        KeyPair {
            cert: cert.and_then(|text| self.certificate(text.expose(), cert_place)),
            key: key.and_then(|text| self.private_key(text.expose(), key_place)),
            ca_cert: None,
        }
    }

    /// The certificate and key of a dumped Secret, by the names of its data entries.
    pub(super) fn dumped_pair(
        &mut self,
        object: &Object,
        cert: &str,
        key: &str,
        ca: Option<&str>,
    ) -> KeyPair {
        KeyPair {
            cert: self
                .entry(object, cert)
                .and_then(|(text, at)| self.certificate(&text, at)),
            key: self
                .entry(object, key)
                .and_then(|(text, at)| self.private_key(&text, at)),
            ca_cert: ca
                .and_then(|ca| self.entry(object, ca))
                .and_then(|(text, at)| self.certificate(&text, at)),
        }
    }

    fn entry(&self, object: &Object, name: &str) -> Option<(String, Place)> {
        ["data", "stringData"].iter().find_map(|section| {
            let place = object.place.key(*section).key(name);
            let text = self.input.sources.node(&place)?.as_str()?;
            Some((text.to_owned(), place))
        })
    }

    fn secret(
        &mut self,
        value: Option<&SecretValue>,
        place: &Place,
        fact: &'static str,
        cluster: Option<usize>,
    ) -> Option<KeyText> {
        match secret::read(value?, &self.input.base) {
            Ok(text) => Some(text),
            Err(unavailable) => {
                self.absent.push(Absent {
                    place: place.clone(),
                    input: unavailable.input,
                    kind: unavailable.kind,
                    fact,
                    cluster,
                    reason: unavailable.reason,
                });
                None
            }
        }
    }

    fn certificate(&mut self, text: &str, place: Place) -> Option<Fact<Certificate>> {
        match Certificate::parse(text) {
            Ok(certificate) => Some(Fact::new(certificate, place)),
            Err(error) => {
                let help = error
                    .help()
                    .unwrap_or("give the certificate as `kubectl get secret` prints it");
                let message = format!("this certificate cannot be read: {error}");
                self.findings.push(
                    Finding::error("certificate-unreadable", place, message)
                        .label("not a certificate")
                        .help(help),
                );
                None
            }
        }
    }

    fn private_key(&mut self, text: &str, place: Place) -> Option<Fact<PrivateKey>> {
        match PrivateKey::parse(text) {
            Ok(key) => Some(Fact::new(key, place)),
            Err(error) => {
                let help = error
                    .help()
                    .unwrap_or("give the key as `kubectl get secret` prints it");
                let message = format!("this private key cannot be read: {error}");
                self.findings.push(
                    Finding::error("key-unreadable", place, message)
                        .label("not a private key")
                        .help(help),
                );
                None
            }
        }
    }
}
