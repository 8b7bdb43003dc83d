//! Certificates and keys, from mesh.yaml or from dumped Secrets.

use super::{Reading, codes};
use crate::code::Code;
use crate::finding::Finding;
use crate::input::dumps::Object;
use crate::input::mesh_file::SecretValue;
use crate::input::secret;
use crate::model::{Absent, Fact, KeyPair};
use crate::pki::{Certificate, KeyText, PrivateKey};
use crate::source::Place;

impl<'a> Reading<'a> {
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
        self.keys.extend(key.clone());
        let given = [cert.is_some(), key.is_some()];
        let cert = cert.and_then(|text| self.certificate(text.expose(), cert_place));
        let key = key.and_then(|text| self.private_key(text.expose(), key_place));
        KeyPair {
            is_unreadable: given != [cert.is_some(), key.is_some()],
            cert,
            key,
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
        if self.entry(object, cert).is_none() {
            self.incomplete(object, cert);
        }
        let mut read = |name| {
            let (text, section, at) = self.entry(object, name)?;
            self.is_as_the_section_wants(text, section, &at)
                .then_some((text, at))
        };
        let (cert_text, key_text, ca_text) = (read(cert), read(key), ca.and_then(read));
        let cert = cert_text.and_then(|(text, at)| self.dumped_certificate(text, at));
        let key_is_given = self.entry(object, key).is_some();
        self.keys
            .extend(key_text.as_ref().map(|(text, _)| KeyText::new(*text)));
        let key = key_text.and_then(|(text, at)| self.private_key(text, at));
        KeyPair {
            is_unreadable: cert.is_none() || key_is_given && key.is_none(),
            cert,
            key,
            ca_cert: ca_text.and_then(|(text, at)| self.dumped_certificate(text, at)),
        }
    }

    fn entry(&self, object: &Object, name: &str) -> Option<(&'a str, &'static str, Place)> {
        ["data", "stringData"].iter().find_map(|section| {
            let place = object.place.key(*section).key(name);
            let text = self.input.sources.node(&place)?.as_str()?;
            Some((text, *section, place))
        })
    }

    /// A Secret under the right name with other entries, such as one that was made by hand.
    fn incomplete(&mut self, object: &Object, cert: &str) {
        let message = format!("the dumped Secret {} has no `{cert}`", object.name);
        let help = format!(
            "dump the Secret that Cilium made: kubectl -n kube-system get secret {} -o yaml",
            object.name
        );
        let place = object.place.key("data").of_key();
        self.findings.push(
            codes::SECRET_INCOMPLETE
                .finding(place, message)
                .label(format!("no `{cert}` here"))
                .help(help),
        );
    }

    /// `data` holds base64 and `stringData` plain text; says so where they do not.
    fn is_as_the_section_wants(&mut self, text: &str, section: &str, place: &Place) -> bool {
        let is_pem = text.contains("-----BEGIN");
        let wants_pem = section == "stringData";
        if is_pem == wants_pem || text.trim().is_empty() {
            return true;
        }
        let (message, help) = if is_pem {
            (
                "this is PEM, and `data` of a Secret holds base64",
                "encode it, or move it to `stringData`; `kubectl get secret -o yaml` prints it right",
            )
        } else {
            (
                "this is not PEM, and `stringData` of a Secret holds plain text: it would be encoded once more",
                "move it to `data`, or decode it",
            )
        };
        self.findings.push(
            codes::CERTIFICATE_UNREADABLE
                .finding(place.clone(), message)
                .label(if is_pem {
                    "expected base64"
                } else {
                    "expected PEM"
                })
                .help(help),
        );
        false
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

    /// A certificate that may be the same as in an earlier dump.
    fn dumped_certificate(&mut self, text: &'a str, place: Place) -> Option<Fact<Certificate>> {
        if let Some(known) = self.certificates.get(text) {
            return Some(Fact::new(known.clone(), place));
        }
        let read = self.certificate(text, place)?;
        self.certificates.insert(text, read.value.clone());
        Some(read)
    }

    fn certificate(&mut self, text: &str, place: Place) -> Option<Fact<Certificate>> {
        match Certificate::parse(text) {
            Ok(certificate) => Some(Fact::new(certificate, place)),
            Err(error) => {
                let finding = unreadable(
                    text,
                    &codes::CERTIFICATE_UNREADABLE,
                    place,
                    "certificate",
                    &error,
                );
                self.findings
                    .push(finding.help(help(text, error.help(), "certificate")));
                None
            }
        }
    }

    fn private_key(&mut self, text: &str, place: Place) -> Option<Fact<PrivateKey>> {
        match PrivateKey::parse(text) {
            Ok(key) => Some(Fact::new(key, place)),
            Err(error) => {
                let finding =
                    unreadable(text, &codes::KEY_UNREADABLE, place, "private key", &error);
                self.findings
                    .push(finding.help(help(text, error.help(), "key")));
                None
            }
        }
    }
}

/// A value that is no certificate or key. What the guide left to be filled in is a fault of its own:
/// KKP lets it pass, and Helm gets it.
fn unreadable(
    text: &str,
    code: &Code,
    place: Place,
    what: &str,
    error: &dyn std::fmt::Display,
) -> Finding {
    if is_left_in(text) {
        let message = format!("this {what} was not filled in: it is a placeholder");
        return codes::TEMPLATE_HAZARD
            .finding(place, message)
            .label("a placeholder");
    }
    code.finding(place, format!("this {what} cannot be read: {error}"))
        .label(format!("not a {what}"))
}

fn is_left_in(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with('<') && text.ends_with('>')) || text.contains("{{")
}

/// The name of a file where its content belongs.
fn looks_like_a_path(text: &str) -> bool {
    let ends = [".crt", ".pem", ".key", ".cer", ".der"];
    text.len() <= 200
        && ends.iter().any(|end| text.ends_with(end))
        && text.bytes().all(|b| b.is_ascii_graphic())
}

fn help(text: &str, known: Option<&'static str>, what: &str) -> String {
    if text.contains("apiVersion:") && text.contains("kind:") {
        return "this is a Kubernetes object: name its file under `dumps` of its cluster"
            .to_owned();
    }
    if looks_like_a_path(text) {
        return format!("if this is the path of a file, write it as `{{file: {text}}}`");
    }
    match known {
        Some(help) => help.to_owned(),
        None => format!("give the {what} as `kubectl get secret` prints it"),
    }
}
