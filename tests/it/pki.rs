//! `meshgen pki`: what it makes proves, is private, and overwrites nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use meshgen::testing::pki::{Certificate, Fit, PrivateKey, prove_ca, prove_remote};

use crate::common::{Run, files, meshgen, run};

const NOW: &str = "2026-11-23T00:00:00Z";

fn pki(folder: &Path, args: &[&str]) -> Run {
    run(meshgen().current_dir(folder).arg("pki").args(args))
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn cert(path: &Path) -> Certificate {
    Certificate::parse(&text(path)).unwrap()
}

fn key(path: &Path) -> PrivateKey {
    PrivateKey::parse(&text(path)).unwrap()
}

/// A mesh where each cluster keeps its CA, with one at the top that none of them takes.
#[test]
fn a_ca_at_the_top_signs_nothing_where_each_cluster_keeps_its_own() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), "inline");
    let path = folder.path().join("mesh.yaml");
    let newer = text(&path).replace("\"2.22\", cilium: 1.13.0", "\"2.24.15\", cilium: 1.14.16");
    fs::write(&path, newer).unwrap();
    let refused = pki(folder.path(), &["remote", "-o", "remote", "--now", NOW]);
    assert_eq!(refused.code, 1);
    for part in ["`ca` at the top", "dump.sh", "`ca` of the cluster"] {
        assert!(refused.stderr.contains(part), "{part}: {}", refused.stderr);
    }
    let checked = run(meshgen()
        .current_dir(folder.path())
        .args(["validate", "--now", NOW]));
    assert!(
        checked.stdout.contains("warning[mesh-ca-unused]"),
        "{}",
        checked.stdout
    );
    // Another CA in the cluster is what this mode means.
    let made = pki(folder.path(), &["ca", "-o", "own", "--now", NOW]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let dumps = folder.path().join("dumps/c1");
    fs::create_dir_all(&dumps).unwrap();
    fs::copy(
        folder.path().join("own/cilium-ca.secret.yaml"),
        dumps.join("ca.yaml"),
    )
    .unwrap();
    let checked = run(meshgen()
        .current_dir(folder.path())
        .args(["validate", "--now", NOW]));
    assert!(
        !checked.stdout.contains("input-disagrees"),
        "{}",
        checked.stdout
    );
}

#[test]
fn it_says_what_to_do_with_what_it_has_made() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), "sharedCA");
    let made = pki(folder.path(), &["remote", "-o", "remote", "--now", NOW]);
    assert!(made.stderr.contains("`remoteCert.cert`"), "{}", made.stderr);
    assert!(
        made.stderr.contains("Keep remote out of Git"),
        "{}",
        made.stderr
    );
    let path = folder.path().join("mesh.yaml");
    let newer = text(&path).replace("\"2.22\", cilium: 1.13.0", "\"2.31.0\", cilium: 1.19.4");
    fs::write(&path, newer).unwrap();
    let idle = pki(folder.path(), &["remote", "-o", "idle", "--now", NOW]);
    assert!(
        idle.stderr.contains("no cluster of this mesh needs them"),
        "{}",
        idle.stderr
    );
}

/// A mesh of 1.13, which has everything in its values, with a CA of its own.
fn mesh(folder: &Path, trust: &str) {
    let made = pki(folder, &["ca", "-o", "ca", "--now", NOW]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let mut text = format!(
        "apiVersion: meshgen/v1\ntrust: {trust}\nca: {{cert: {{file: ca/ca.crt}}, key: {{file: ca/ca.key}}}}\ndefaults: {{kkp: \"2.22\", cilium: 1.13.0}}\nclusters:\n"
    );
    for id in 1..=4 {
        text += &format!(
            "- {{name: c{id}, id: {id}, podCIDRs: [10.{id}.0.0/16], apiserver: {{ips: [203.0.113.{id}]}}, remoteCert: {{cert: {{file: remote/c{id}/tls.crt}}, key: {{file: remote/c{id}/tls.key}}}}}}\n"
        );
    }
    fs::write(folder.join("mesh.yaml"), text).unwrap();
}

#[test]
fn a_ca_is_one_and_private() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        pki(folder.path(), &["ca", "-o", "ca", "--now", NOW]).code,
        0
    );
    let ca = folder.path().join("ca");
    assert_eq!(files(&ca), ["ca.crt", "ca.key", "cilium-ca.secret.yaml"]);
    assert!(prove_ca(&cert(&ca.join("ca.crt")), Some(&key(&ca.join("ca.key")))).is_empty());
    for name in ["ca.key", "cilium-ca.secret.yaml"] {
        let mode = fs::metadata(ca.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
    }
    let before = text(&ca.join("ca.key"));
    let again = pki(folder.path(), &["ca", "-o", "ca"]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("not overwritten"), "{}", again.stderr);
    assert_eq!(text(&ca.join("ca.key")), before);
    fs::remove_file(ca.join("ca.crt")).unwrap();
    assert_eq!(pki(folder.path(), &["ca", "-o", "ca"]).code, 2);
    assert!(
        !ca.join("ca.crt").exists(),
        "nothing is written where one file is there"
    );
}

#[test]
fn a_mesh_of_1_13_is_complete_in_one_render() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), "sharedCA");
    let made = pki(
        folder.path(),
        &["remote", "mesh.yaml", "-o", "remote", "--now", NOW],
    );
    assert_eq!(made.code, 0, "{}", made.stderr);
    let (ca, remote) = (folder.path().join("ca"), folder.path().join("remote"));
    for id in 1..=4 {
        let (cert, key) = (
            cert(&remote.join(format!("c{id}/tls.crt"))),
            key(&remote.join(format!("c{id}/tls.key"))),
        );
        assert_eq!(key.fits(&cert), Fit::Yes);
        let faults = prove_remote(&cert, &key, &self::cert(&ca.join("ca.crt")), "remote", None);
        assert!(faults.is_empty(), "{faults:?}");
    }
    let checked = run(meshgen()
        .current_dir(folder.path())
        .args(["validate", "--now", NOW]));
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    let rendered = run(meshgen()
        .current_dir(folder.path())
        .args(["render", "-q", "-o", "out", "--phase", "mesh"]));
    assert_eq!(rendered.code, 0, "{}", rendered.stderr);
    let index: serde_json::Value =
        serde_json::from_str(&text(&folder.path().join("out/index.json"))).unwrap();
    for cluster in index["clusters"].as_array().unwrap() {
        assert_eq!(cluster["phase"], "mesh", "{cluster:#}");
        assert_eq!(cluster["missing"], serde_json::json!([]));
    }
}

#[test]
fn leaves_chain_to_a_renewed_ca() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), "sharedCA");
    assert_eq!(
        pki(folder.path(), &["remote", "-o", "remote", "--now", NOW]).code,
        0
    );
    let renewed = pki(
        folder.path(),
        &[
            "renew-ca",
            "-o",
            "new",
            "--now",
            "2028-01-01T00:00:00Z",
            "--days",
            "3650",
        ],
    );
    assert_eq!(renewed.code, 0, "{}", renewed.stderr);
    let (old, new) = (
        cert(&folder.path().join("ca/ca.crt")),
        cert(&folder.path().join("new/ca.crt")),
    );
    assert!(
        prove_ca(&new, Some(&key(&folder.path().join("ca/ca.key")))).is_empty(),
        "the key stays"
    );
    assert!(new.facts().not_after > old.facts().not_after);
    let leaf = cert(&folder.path().join("remote/c1/tls.crt"));
    assert!(leaf.signed_by(&new) && leaf.signed_by(&old));
    assert!(
        prove_remote(
            &leaf,
            &key(&folder.path().join("remote/c1/tls.key")),
            &new,
            "remote",
            None
        )
        .is_empty()
    );
}

#[test]
fn nothing_is_made_without_the_key_of_a_ca() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), "inline");
    let refused = pki(folder.path(), &["remote", "-o", "remote", "--now", NOW]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("cilium-ca of c1 is not known"),
        "{}",
        refused.stderr
    );
    assert!(!folder.path().join("remote").exists());
    mesh_without(folder.path());
    assert_eq!(pki(folder.path(), &["renew-ca", "-o", "new"]).code, 1);
}

fn mesh_without(folder: &Path) {
    let text = text(&folder.join("mesh.yaml"));
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("ca:"))
        .collect();
    fs::write(folder.join("mesh.yaml"), kept.join("\n")).unwrap();
}

#[test]
fn dumped_cas_sign_too() {
    let mesh = crate::common::root().join("fixtures/guide/mesh.yaml");
    let folder = tempfile::tempdir().unwrap();
    let made = run(meshgen()
        .args(["pki", "remote"])
        .arg(mesh)
        .arg("-o")
        .arg(folder.path().join("r"))
        .args(["--now", NOW]));
    assert_eq!(made.code, 0, "{}", made.stderr);
}

/// Two clusters that were dumped before they were in any mesh, and a CA that `pki ca` has made for them.
fn dumped_mesh(folder: &Path, ca_is_dumped: bool) -> Run {
    let from = crate::common::root().join("fixtures/meshes/phase-bootstrap");
    for name in files(&from.join("dumps")) {
        if ca_is_dumped || !name.contains("cilium-ca") {
            let to = folder.join("dumps").join(&name);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(from.join("dumps").join(&name), to).unwrap();
        }
    }
    assert_eq!(pki(folder, &["ca", "-o", "ca", "--now", NOW]).code, 0);
    let mesh = text(&from.join("mesh.yaml")).replace(
        "mesh: phases\n",
        "mesh: phases\nca: {cert: {file: ca/ca.crt}, key: {file: ca/ca.key}}\n",
    );
    fs::write(folder.join("mesh.yaml"), mesh).unwrap();
    run(meshgen()
        .current_dir(folder)
        .args(["render", "mesh.yaml", "-o", "out"]))
}

#[test]
fn a_new_ca_reaches_the_first_cluster_too() {
    for ca_is_dumped in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let rendered = dumped_mesh(folder.path(), ca_is_dumped);
        assert_eq!(rendered.code, 0, "{}", rendered.stderr);
        for cluster in ["cluster-1", "cluster-2"] {
            let secret = format!("out/clusters/{cluster}/10-cilium-ca.secret.yaml");
            assert!(
                folder.path().join(secret).is_file(),
                "{cluster}, dumped: {ca_is_dumped}"
            );
        }
    }
}

#[test]
fn a_new_ca_for_a_mesh_that_runs_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let dumps = folder.path().join("dumps");
    let from = crate::common::root().join("fixtures/meshes/phase-mesh/dumps");
    for name in files(&from) {
        fs::create_dir_all(dumps.join(&name).parent().unwrap()).unwrap();
        fs::copy(from.join(&name), dumps.join(&name)).unwrap();
    }
    assert_eq!(
        pki(folder.path(), &["ca", "-o", "ca", "--now", NOW]).code,
        0
    );
    let mesh = text(&crate::common::root().join("fixtures/meshes/phase-mesh/mesh.yaml")).replace(
        "mesh: phases\n",
        "mesh: phases\nca: {cert: {file: ca/ca.crt}, key: {file: ca/ca.key}}\n",
    );
    fs::write(folder.path().join("mesh.yaml"), mesh).unwrap();
    let rendered =
        run(meshgen()
            .current_dir(folder.path())
            .args(["render", "mesh.yaml", "-o", "out"]));
    assert_eq!(rendered.code, 1);
    assert!(
        rendered.stderr.contains("input-disagrees"),
        "{}",
        rendered.stderr
    );
    assert!(rendered.stderr.contains("ca.next"), "{}", rendered.stderr);
}

#[test]
fn it_says_which_clusters_go_on_issuing_their_own() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), "sharedCA");
    let made = pki(folder.path(), &["remote", "-o", "remote", "--now", NOW]);
    assert!(
        made.stderr
            .contains("c1 and 3 more go on issuing a remote certificate of their own"),
        "{}",
        made.stderr
    );
    let file = folder.path().join("mesh.yaml");
    let rests = text(&file).replace(
        "kkp: \"2.22\", cilium: 1.13.0",
        "kkp: \"2.30.5\", cilium: 1.18.10",
    );
    fs::write(&file, rests).unwrap();
    let made = pki(folder.path(), &["remote", "-o", "other", "--now", NOW]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert!(!made.stderr.contains("go on issuing"), "{}", made.stderr);
}

#[test]
fn a_fault_of_the_mesh_file_is_named_where_nothing_can_be_made() {
    let mesh = crate::common::root().join("fixtures/field/own-ca-not-in-the-cluster/mesh.yaml");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("r");
    let refused = run(meshgen()
        .args(["pki", "remote"])
        .arg(mesh)
        .arg("-o")
        .arg(&out));
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("error[input-disagrees]"),
        "{}",
        refused.stderr
    );
    assert!(!out.exists());
}

/// On 1.13 a CA goes into the values, and the `cilium-ca` that the cluster was born with stays beside it.
#[test]
fn a_ca_in_the_values_is_the_one_in_use() {
    use base64::Engine as _;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    mesh(folder, "sharedCA");
    for (what, into) in [("remote", "remote"), ("ca", "born")] {
        assert_eq!(pki(folder, &[what, "-o", into, "--now", NOW]).code, 0);
    }
    let dumps = folder.join("dumps/c1");
    fs::create_dir_all(&dumps).unwrap();
    fs::copy(
        folder.join("born/cilium-ca.secret.yaml"),
        dumps.join("cilium-ca.secret.yaml"),
    )
    .unwrap();
    let render = || {
        run(meshgen()
            .current_dir(folder)
            .args(["render", "mesh.yaml", "-o", "out"]))
    };
    let before = render();
    assert_eq!(before.code, 0, "{}", before.stderr);
    let given = |cert: &str| {
        let cert = base64::engine::general_purpose::STANDARD.encode(text(&folder.join(cert)));
        let object = format!(
            "apiVersion: apps.kubermatic.k8c.io/v1\nkind: ApplicationInstallation\nmetadata: {{name: cilium, namespace: kube-system}}\n\
             spec:\n  applicationRef: {{name: cilium, version: 1.13.0}}\n  namespace: {{name: kube-system, create: false}}\n  values:\n    kubeProxyReplacement: strict\n    operator: {{}}\n    \
             clustermesh: {{useAPIServer: true, apiserver: {{tls: {{ca: {{cert: {cert}}}}}}}}}\n"
        );
        fs::write(dumps.join("cilium.yaml"), object).unwrap();
        render()
    };
    let after = given("ca/ca.crt");
    assert_eq!(after.code, 0, "{}", after.stderr);
    let other = given("born/ca.crt");
    assert_eq!(other.code, 1);
    assert!(
        other.stderr.contains("error[input-disagrees]"),
        "{}",
        other.stderr
    );
}

#[test]
fn a_ca_that_nobody_would_take_signs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    mesh(folder, "sharedCA");
    assert_eq!(
        pki(folder, &["remote", "-o", "remote", "--now", NOW]).code,
        0
    );
    let file = folder.join("mesh.yaml");
    let whole = text(&file);
    let no_ca = whole
        .replace("ca/ca.crt", "remote/c1/tls.crt")
        .replace("ca/ca.key", "remote/c1/tls.key");
    fs::write(&file, no_ca).unwrap();
    for what in ["remote", "renew-ca"] {
        let refused = pki(folder, &[what, "-o", "r", "--now", NOW]);
        assert_eq!(refused.code, 1);
        assert!(
            refused.stderr.contains("cannot sign certificates"),
            "{}",
            refused.stderr
        );
    }
    fs::write(&file, whole).unwrap();
    let ended = pki(
        folder,
        &["remote", "-o", "r", "--now", "2040-01-01T00:00:00Z"],
    );
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.contains("the CA has ended"),
        "{}",
        ended.stderr
    );
    let sooner = pki(
        folder,
        &["renew-ca", "-o", "sooner", "--now", NOW, "--days", "1000"],
    );
    assert_eq!(sooner.code, 0);
    assert!(
        sooner.stderr.contains("ends before the one of today"),
        "{}",
        sooner.stderr
    );
    let late = pki(folder, &["ca", "-o", "r", "--now", "9999-12-30T00:00:00Z"]);
    assert_eq!(late.code, 1, "{}", late.stderr);
    assert!(!folder.join("r").exists());
}

#[test]
fn nothing_is_written_through_a_link_or_into_a_folder_for_all() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    mesh(folder, "sharedCA");
    fs::create_dir_all(folder.join("elsewhere")).unwrap();
    fs::create_dir_all(folder.join("remote")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", folder.join("remote/c2")).unwrap();
    let refused = pki(folder, &["remote", "-o", "remote", "--now", NOW]);
    assert_eq!(refused.code, 2);
    assert!(files(&folder.join("elsewhere")).is_empty() && !folder.join("remote/c1").exists());
    let mut shell = std::process::Command::new("sh");
    let made = shell
        .current_dir(folder)
        .args(["-c", "umask 0; exec \"$0\" pki ca -o new/ca"])
        .arg(assert_cmd::cargo::cargo_bin("meshgen"))
        .output()
        .unwrap();
    assert!(made.status.success());
    for path in ["new", "new/ca"] {
        let mode = fs::metadata(folder.join(path))
            .unwrap()
            .permissions()
            .mode()
            & 0o777;
        assert_eq!(mode, 0o755, "{path}");
    }
}
