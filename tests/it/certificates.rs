//! Every wrong thing in the place of a certificate or key has its own words, and one fault one code.

use std::fs;

use crate::common::{meshgen, root, run};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// When the certificates of fixtures/pki are valid.
const NOW: &str = "2026-12-01T00:00:00Z";

fn pki(name: &str) -> String {
    fs::read_to_string(root().join("fixtures/pki").join(name)).unwrap()
}

/// What stands in the four places of the second of two clusters, each with a CA of its own.
struct Given {
    ca_cert: String,
    ca_key: String,
    cert: String,
    key: String,
}

impl Given {
    fn sound() -> Self {
        Self {
            ca_cert: pki("ca-p256.crt"),
            ca_key: pki("ca-p256.key"),
            cert: pki("remote-p256.crt"),
            key: pki("remote-p256.key"),
        }
    }

    /// What `validate` finds, apart from notes: code, field, message and help.
    fn found(&self, now: &str) -> Vec<(String, String, String)> {
        let folder = tempfile::tempdir().unwrap();
        let fields = [
            ("ca.crt", &self.ca_cert),
            ("ca.key", &self.ca_key),
            ("remote.crt", &self.cert),
            ("remote.key", &self.key),
        ];
        for (name, text) in fields {
            let file = folder.path().join(name);
            fs::write(&file, text).unwrap();
            make_private(&file);
        }
        let sound = root().join("fixtures/pki");
        let sound = sound.display();
        let mesh = format!(
            "apiVersion: meshgen/v1
trust: inline
defaults: {{kkp: \"2.24\", cilium: 1.14.16}}
clusters:
  - name: cluster-1
    id: 1
    podCIDRs: [172.25.0.0/16]
    apiserver: {{ips: [203.0.113.10]}}
    ca: {{cert: {{file: {sound}/ca-p384.crt}}}}
    remoteCert: {{cert: {{file: {sound}/remote-p384.crt}}, key: {{file: {sound}/remote-p384.key}}}}
  - name: cluster-2
    id: 2
    podCIDRs: [172.26.0.0/16]
    apiserver: {{ips: [203.0.113.20]}}
    ca: {{cert: {{file: ca.crt}}, key: {{file: ca.key}}}}
    remoteCert: {{cert: {{file: remote.crt}}, key: {{file: remote.key}}}}
"
        );
        findings(folder.path(), &mesh, now)
    }
}

#[cfg(unix)]
fn make_private(file: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn make_private(_: &std::path::Path) {}

fn findings(folder: &std::path::Path, mesh: &str, now: &str) -> Vec<(String, String, String)> {
    let file = folder.join("mesh.yaml");
    fs::write(&file, mesh).unwrap();
    let args = ["validate", "--format", "json", "--now", now];
    let report: Value = serde_json::from_str(&run(meshgen().args(args).arg(&file)).stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = report["findings"].as_array().unwrap().iter();
    // The key files of the fixtures themselves are readable by all after a checkout.
    all.filter(|finding| finding["severity"] != "note" && finding["code"] != "key-file-readable")
        .map(|finding| {
            let said = format!("{}; {}", text(&finding["message"]), text(&finding["help"]));
            (text(&finding["code"]), text(&finding["route"]), said)
        })
        .collect()
}

/// Exactly one finding, at one field, with these words in it.
fn expect(given: &Given, now: &str, code: &str, route: &str, words: &str) {
    let found = given.found(now);
    assert_eq!(found.len(), 1, "{code}: {found:#?}");
    let (found_code, found_route, said) = &found[0];
    let wanted = format!("clusters[1].{route}");
    assert_eq!(
        (found_code.as_str(), found_route),
        (code, &wanted),
        "{said}"
    );
    assert!(said.contains(words), "{code}: {said}");
}

#[test]
fn sound_certificates_are_left_alone() {
    assert_eq!(Given::sound().found(NOW), []);
    let rsa = Given {
        ca_cert: pki("ca-rsa.crt"),
        ca_key: pki("ca-rsa.key"),
        cert: pki("remote-rsa.crt"),
        key: STANDARD.encode(pki("remote-rsa.key")),
    };
    assert_eq!(rsa.found(NOW), []);
}

#[test]
fn every_fault_of_a_ca_has_its_words() {
    let cases = [
        (
            "hello".to_owned(),
            "certificate-unreadable",
            "neither base64 nor PEM",
        ),
        (
            STANDARD.encode(STANDARD.encode(pki("ca-p256.crt"))),
            "certificate-unreadable",
            "encoded twice",
        ),
        (pki("ca-p256.key"), "certificate-unreadable", "private key"),
        (
            pki("ca-p256.crt") + &pki("ca-p384.crt"),
            "ca-not-a-ca",
            "2 certificates",
        ),
        (
            "< contents-of-ca.crt >".to_owned(),
            "template-hazard",
            "placeholder",
        ),
        (
            "apiVersion: v1\nkind: Secret\ndata: {}\n".to_owned(),
            "certificate-unreadable",
            "under `dumps`",
        ),
        (pki("remote-p256.crt"), "ca-not-a-ca", "not one of a CA"),
    ];
    for (ca_cert, code, words) in cases {
        let given = Given {
            ca_cert,
            ..Given::sound()
        };
        expect(&given, NOW, code, "ca.cert", words);
    }
    let intermediate = Given {
        ca_cert: pki("intermediate.crt"),
        ca_key: pki("intermediate.key"),
        ..Given::sound()
    };
    let found = intermediate.found(NOW);
    assert_eq!(found[0].0, "ca-not-a-ca", "{found:#?}");
    assert!(found[0].2.contains("intermediate"), "{found:#?}");
    let other_key = Given {
        ca_key: pki("ca-p384.key"),
        ..Given::sound()
    };
    expect(&other_key, NOW, "ca-key-mismatch", "ca.key", "not the key");
    let weak = Given {
        ca_cert: pki("ca-rsa1024.crt"),
        ca_key: pki("ca-rsa1024.key"),
        cert: pki("remote-rsa1024.crt"),
        key: pki("remote-rsa1024.key"),
    };
    expect(&weak, NOW, "key-weak", "ca.cert", "RSA 1024");
}

#[test]
fn every_fault_of_a_remote_certificate_has_its_words() {
    let cases = [
        (
            pki("remote-p256.key"),
            "certificate-unreadable",
            "private key",
        ),
        (
            "{{ .Values.cert }}".to_owned(),
            "template-hazard",
            "placeholder",
        ),
        (
            pki("ca-p256.crt"),
            "remote-cert-not-a-client",
            "cannot be used by a client",
        ),
        (
            pki("remote-p256.crt").replace("END CERT", "END"),
            "certificate-unreadable",
            "PEM",
        ),
    ];
    for (cert, code, words) in cases {
        let given = Given {
            cert,
            ..Given::sound()
        };
        expect(&given, NOW, code, "remoteCert.cert", words);
    }
    let key_is_a_cert = Given {
        key: pki("remote-p256.crt"),
        ..Given::sound()
    };
    expect(
        &key_is_a_cert,
        NOW,
        "key-unreadable",
        "remoteCert.key",
        "certificate",
    );
    let other_key = Given {
        key: pki("remote-p384.key"),
        ..Given::sound()
    };
    expect(
        &other_key,
        NOW,
        "remote-cert-key-mismatch",
        "remoteCert.key",
        "not the key",
    );
    let other_ca = Given {
        cert: pki("remote-p256-other.crt"),
        key: pki("remote-p256-other.key"),
        ..Given::sound()
    };
    expect(
        &other_ca,
        NOW,
        "remote-cert-wrong-ca",
        "remoteCert.cert",
        "not signed by",
    );
    let sha1 = Given {
        ca_cert: pki("ca-rsa.crt"),
        ca_key: pki("ca-rsa.key"),
        cert: pki("remote-sha1.crt"),
        key: pki("remote-sha1.key"),
    };
    expect(&sha1, NOW, "key-weak", "remoteCert.cert", "SHA-1");
}

/// The leaves of fixtures/pki end on 2126-07-22, its CAs on 2126-10-30.
#[test]
fn dates_are_told_as_they_are() {
    let sound = Given::sound();
    let codes = |now: &str| -> Vec<String> {
        let mut codes: Vec<String> = sound
            .found(now)
            .into_iter()
            .filter(|(_, route, _)| route.contains("clusters[1]"))
            .map(|(code, _, said)| format!("{code}: {}", said.split(';').next().unwrap()))
            .collect();
        codes.sort();
        codes
    };
    assert_eq!(
        codes("2020-01-01T00:00:00Z"),
        ["ca-expired: the CA of cluster-2 is valid only from 2026-11-23 on"]
    );
    assert_eq!(codes("2126-04-01T00:00:00Z"), Vec::<String>::new());
    assert_eq!(
        codes("2126-07-01T00:00:00Z"),
        [
            "cert-expiring: the CA of cluster-2 ends on 2126-10-30, in 121 days",
            "cert-expiring: the remote certificate of cluster-2 ends on 2126-07-22, in 21 days",
        ]
    );
    assert_eq!(
        codes("2126-08-01T00:00:00Z"),
        [
            "cert-expiring: the CA of cluster-2 ends on 2126-10-30, in 90 days",
            "remote-cert-expired: the remote certificate of cluster-2 ended on 2126-07-22",
        ]
    );
    assert_eq!(
        codes("2127-01-01T00:00:00Z"),
        ["ca-expired: the CA of cluster-2 ended on 2126-10-30"]
    );
}

/// `data` of a Secret holds base64, `stringData` plain text.
#[test]
fn a_secret_holds_each_thing_where_it_belongs() {
    let pem = |name: &str| pki(name).replace('\n', "\\n");
    let coded = |name: &str| STANDARD.encode(pki(name));
    for (section, cert, fault) in [
        ("data", coded("ca-p256.crt"), None),
        ("stringData", pem("ca-p256.crt"), None),
        ("data", pem("ca-p256.crt"), Some("base64")),
        ("stringData", coded("ca-p256.crt"), Some("plain text")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let secret = format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: cilium-ca, namespace: kube-system}}\n{section}: {{ca.crt: \"{cert}\"}}\n"
        );
        let file = folder.path().join("secret.yaml");
        fs::write(&file, secret).unwrap();
        make_private(&file);
        let mesh = "apiVersion: meshgen/v1\ndefaults: {kkp: \"2.24\", cilium: 1.14.16}\nclusters:\n  - {name: c, id: 1, podCIDRs: [172.25.0.0/16], dumps: secret.yaml}\n";
        let found = findings(folder.path(), mesh, NOW);
        let codes: Vec<&str> = found.iter().map(|(code, ..)| code.as_str()).collect();
        match fault {
            None => assert!(codes.is_empty(), "{section}: {found:?}"),
            Some(words) => {
                assert_eq!(codes, ["certificate-unreadable"], "{section}");
                assert!(found[0].2.contains(words), "{found:?}");
            }
        }
    }
}

#[test]
fn what_cannot_be_read_is_not_missing_as_well() {
    let guide = root().join("fixtures/guide");
    let mesh = fs::read_to_string(guide.join("mesh.yaml")).unwrap();
    for (secret, entry, code) in [
        ("cilium-ca", "ca.crt", "certificate-unreadable"),
        ("cilium-ca", "ca.key", "key-unreadable"),
        (
            "clustermesh-apiserver-remote-cert",
            "tls.crt",
            "certificate-unreadable",
        ),
        (
            "clustermesh-apiserver-remote-cert",
            "tls.key",
            "key-unreadable",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for cluster in ["cluster-1", "cluster-2"] {
            let own = format!("dumps/{cluster}");
            fs::create_dir_all(folder.path().join(&own)).unwrap();
            for name in ["cilium-ca", "clustermesh-apiserver-remote-cert"] {
                let file = format!("{own}/{name}.secret.yaml");
                let mut text = fs::read_to_string(guide.join(&file)).unwrap();
                if cluster == "cluster-1" && name == secret {
                    text = cut_off(&text, entry);
                }
                fs::write(folder.path().join(file), text).unwrap();
            }
        }
        fs::write(folder.path().join("mesh.yaml"), &mesh).unwrap();
        let mut command = meshgen();
        command.current_dir(folder.path());
        command.args([
            "validate",
            "--format",
            "json",
            "--now",
            "2026-11-23T00:00:00Z",
        ]);
        let report: Value = serde_json::from_str(&run(&mut command).stdout).unwrap();
        let codes: Vec<&str> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["code"].as_str().unwrap())
            .collect();
        assert_eq!(codes, [code], "{secret} {entry}");
    }
}

/// A Secret of which one value was pasted in part only.
fn cut_off(secret: &str, entry: &str) -> String {
    let prefix = format!("  {entry}: ");
    let lines = secret.lines().map(|line| match line.strip_prefix(&prefix) {
        Some(value) => format!("{prefix}{}\n", &value[..60]),
        None => format!("{line}\n"),
    });
    lines.collect()
}
