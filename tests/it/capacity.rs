//! The predicted sizes, on generated meshes.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::common::{meshgen, run};
use serde_json::Value;

/// A mesh of so many clusters, whose certificates are of one kind (`p256` or `rsa`) and one CA.
struct Mesh {
    clusters: usize,
    trust: &'static str,
    cilium: &'static str,
    kkp: &'static str,
    kind: &'static str,
}

impl Mesh {
    fn text(&self) -> String {
        let pki = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pki");
        let pki = pki.display();
        let (ca, leaf) = match self.kind {
            "rsa" => (
                "../rules/capacity/bad/ca.crt",
                "../rules/capacity/bad/remote",
            ),
            _ => ("ca-p256.crt", "remote-p256"),
        };
        let mut text = format!(
            "apiVersion: meshgen/v1\ntrust: {}\nmaxConnectedClusters: 511\ndefaults:\n  kkp: \"{}\"\n  cilium: {}\n  ca: {{cert: {{file: {pki}/{ca}}}}}\n  remoteCert: {{cert: {{file: {pki}/{leaf}.crt}}, key: {{file: {pki}/{leaf}.key}}}}\nclusters:\n",
            self.trust, self.kkp, self.cilium
        );
        for id in 1..=self.clusters {
            let (high, low) = (id / 256, id % 256);
            writeln!(
                text,
                "  - {{name: c{id}, id: {id}, podCIDRs: [10.{low}.{}.0/17], apiserver: {{ips: [203.0.{high}.{low}]}}}}",
                high * 128
            )
            .unwrap();
        }
        text
    }

    /// What is said about its size, if anything.
    fn said(&self) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mesh.yaml");
        fs::write(&file, self.text()).unwrap();
        let mut command = meshgen();
        command.args([
            "validate",
            "--format",
            "json",
            "--now",
            "2026-12-01T00:00:00Z",
        ]);
        let report: Value = serde_json::from_str(&run(command.arg(&file)).stdout).unwrap();
        let mut findings = report["findings"].as_array().unwrap().iter();
        let found = findings.find(|finding| finding["code"] == "capacity")?;
        assert_eq!(found["severity"], "warning");
        Some(found["message"].as_str().unwrap().to_owned())
    }
}

const NEW: Mesh = Mesh {
    clusters: 0,
    trust: "inline",
    cilium: "1.19.4",
    kkp: "2.31.0",
    kind: "p256",
};

#[test]
fn meshes_that_fit_are_left_alone() {
    for mesh in [
        Mesh {
            clusters: 2,
            kind: "rsa",
            ..NEW
        },
        Mesh {
            clusters: 64,
            kind: "rsa",
            ..NEW
        },
        Mesh {
            clusters: 255,
            ..NEW
        },
        Mesh {
            clusters: 255,
            trust: "bundle",
            ..NEW
        },
        Mesh {
            clusters: 511,
            trust: "sharedCA",
            ..NEW
        },
    ] {
        assert_eq!(mesh.said(), None, "{} {}", mesh.trust, mesh.clusters);
    }
}

/// Measured with real Helm: RSA breaks at 70 clusters on 1.19.4 and at 81 on 1.16.9, P-256 at 309 and 358.
#[test]
fn meshes_that_do_not_fit_are_told_from_where_on() {
    for (mesh, breaks_at) in [
        (
            Mesh {
                clusters: 75,
                kind: "rsa",
                ..NEW
            },
            70..=72,
        ),
        (
            Mesh {
                clusters: 85,
                kind: "rsa",
                cilium: "1.16.9",
                kkp: "2.28.0",
                ..NEW
            },
            80..=82,
        ),
        (
            Mesh {
                clusters: 400,
                ..NEW
            },
            300..=315,
        ),
        (
            Mesh {
                clusters: 400,
                cilium: "1.16.9",
                kkp: "2.28.0",
                ..NEW
            },
            345..=365,
        ),
    ] {
        let message = mesh.said().unwrap();
        let number = message
            .split("from about ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next())
            .and_then(|number| number.parse().ok())
            .unwrap();
        assert!(breaks_at.contains(&number), "{message}");
        assert!(
            message.contains("Secret of the Helm release") && message.contains("1048576"),
            "{message}"
        );
    }
}
