//! Clusters whose current values differ in how packets travel, through the built binary.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

const MESH: &str = "apiVersion: meshgen/v1
mesh: test
trust: inline
defaults: {kkp: \"2.24.15\", cilium: 1.14.16}
clusters:
- {name: a, id: 1, podCIDRs: [172.25.0.0/16], nodeCIDRs: [10.0.1.0/24], dumps: [a.yaml]}
- {name: b, id: 2, podCIDRs: [172.26.0.0/16], nodeCIDRs: [10.0.2.0/24], dumps: [b.yaml]}
";

/// What `render` says, and how it ends, where cluster a has these values besides KKP's own.
fn render(values: &str) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mesh.yaml"), MESH).unwrap();
    write_dump(&folder.path().join("a.yaml"), values);
    write_dump(&folder.path().join("b.yaml"), "");
    let output = Command::cargo_bin("meshgen")
        .unwrap()
        .current_dir(folder.path())
        .args(["render", "mesh.yaml", "-o", "out"])
        .output()
        .unwrap();
    (
        output.status.success(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn write_dump(path: &Path, values: &str) {
    let text = format!(
        "apiVersion: apps.kubermatic.k8c.io/v1
kind: ApplicationInstallation
metadata: {{name: cilium, namespace: kube-system}}
spec:
  applicationRef: {{name: cilium, version: 1.14.16}}
  namespace: {{name: kube-system, create: false}}
  values:
    kubeProxyReplacement: disabled
    operator: {{replicas: 1}}
{values}"
    );
    fs::write(path, text).unwrap();
}

/// It is switched on cluster by cluster, and plain packets still arrive.
#[test]
fn encryption_may_differ_while_it_is_switched_on() {
    let (rendered, said) = render("    encryption: {enabled: true, type: wireguard}\n");
    assert!(said.contains("warning[datapath-differs]"), "{said}");
    assert!(rendered, "{said}");
}

#[test]
fn another_tunnel_is_no_mesh() {
    let (rendered, said) = render("    tunnel: geneve\n");
    assert!(said.contains("error[datapath-differs]"), "{said}");
    assert!(!rendered, "{said}");
}
