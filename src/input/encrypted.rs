//! Which files are encrypted, and with what.

use crate::model::FileEncryption;
use crate::yaml::{self, Node, ScalarRules};

/// What a file begins with. Sources: the formats' own descriptions (age-encryption.org/v1, `lib/ansible/parsing/vault`,
/// `git-crypt/crypto.hpp`, RFC 9580 6.2).
const BEGINNINGS: [(&[u8], FileEncryption); 5] = [
    (b"age-encryption.org/v1", FileEncryption::Age),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", FileEncryption::Age),
    (b"$ANSIBLE_VAULT;", FileEncryption::AnsibleVault),
    (b"\0GITCRYPT\0", FileEncryption::GitCrypt),
    (b"-----BEGIN PGP MESSAGE-----", FileEncryption::Pgp),
];

/// What a file is encrypted with, by its first bytes; editors of Windows put a byte order mark before them.
pub(super) fn of_bytes(bytes: &[u8]) -> Option<FileEncryption> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let bytes = bytes.trim_ascii_start();
    let found = BEGINNINGS
        .iter()
        .find(|(start, _)| bytes.starts_with(start));
    found.map(|(_, encryption)| *encryption)
}

/// What a parsed document is encrypted with.
pub(super) fn of_document(document: &Node) -> Option<FileEncryption> {
    let text = |key: &str| document.get(key).and_then(Node::as_str).unwrap_or_default();
    let is_sealed =
        text("kind") == "SealedSecret" && text("apiVersion").starts_with("bitnami.com/");
    let items = document.get("items").and_then(Node::items);
    let items = items.unwrap_or_default();
    let of_items = || items.iter().map(of_document);
    if document.get("sops").is_some() {
        Some(FileEncryption::Sops)
    } else if is_sealed {
        Some(FileEncryption::SealedSecret)
    } else if of_items().all(|found| found.is_some()) {
        of_items().next().flatten()
    } else {
        None
    }
}

/// What a text is encrypted with, be it YAML or not.
pub(super) fn of_text(text: &str) -> Option<FileEncryption> {
    if let Some(found) = of_bytes(text.trim_start().as_bytes()) {
        return Some(found);
    }
    if !text.contains("sops") && !text.contains("SealedSecret") {
        return None;
    }
    let stream = yaml::parse(text, ScalarRules::Yaml12).ok()?;
    stream.documents.iter().find_map(of_document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_known_by_its_text() {
        let cases = [
            ("a: 1\nsops: {version: 3.9.0}\n", Some(FileEncryption::Sops)),
            (
                "kind: List\nitems:\n- {apiVersion: bitnami.com/v1alpha1, kind: SealedSecret}\n",
                Some(FileEncryption::SealedSecret),
            ),
            (
                "kind: List\nitems:\n- {apiVersion: bitnami.com/v1alpha1, kind: SealedSecret}\n- {kind: Node}\n",
                None,
            ),
            (
                "\u{feff}\n$ANSIBLE_VAULT;1.1;AES256\n",
                Some(FileEncryption::AnsibleVault),
            ),
            (
                "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n",
                Some(FileEncryption::SealedSecret),
            ),
            (
                "age-encryption.org/v1\n-> X25519 x\n",
                Some(FileEncryption::Age),
            ),
            (
                "-----BEGIN AGE ENCRYPTED FILE-----\n",
                Some(FileEncryption::Age),
            ),
            (
                "$ANSIBLE_VAULT;1.1;AES256\n",
                Some(FileEncryption::AnsibleVault),
            ),
            ("\0GITCRYPT\0x", Some(FileEncryption::GitCrypt)),
            ("-----BEGIN PGP MESSAGE-----\n", Some(FileEncryption::Pgp)),
            ("kind: SealedSecret\napiVersion: v1\n", None),
            ("a: sops\n", None),
        ];
        for (text, expected) in cases {
            assert_eq!(of_text(text), expected, "{text}");
        }
    }
}
