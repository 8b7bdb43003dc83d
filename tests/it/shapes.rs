//! Values as people keep them, pasted into the block of an ApplicationInstallation: umbrella charts, objects of Flux and
//! Argo CD, comments, anchors, odd line ends. `fixtures/shapes/<shape>/values.yaml` is what was pasted, `read.json` what Go's
//! sigs.k8s.io/yaml reads of it, `expected` what `validate` finds. Patched, nothing of it may be lost.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::applied::{apply, block_values, not_owned, patch_of};
use crate::common::{NOW, meshgen, root, run};
use meshgen::testing::yaml;
use serde_json::{Value, json};

/// How the values stand in the dump.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    /// As one quoted text, which holds every character.
    Quoted,
    /// As the text that kubectl prints where it can.
    Printed,
    /// As data, on KKP versions before the block.
    Values,
}

const FORMS: [Form; 3] = [Form::Quoted, Form::Printed, Form::Values];

#[test]
fn nothing_that_was_pasted_is_lost() {
    let mut patched = 0;
    for shape in shapes() {
        for form in FORMS {
            let folder = tempfile::tempdir().unwrap();
            write_mesh(folder.path(), &shape, form);
            let out = folder.path().join("out");
            let done = run(meshgen()
                .current_dir(&folder)
                .args(["render", "-o"])
                .arg(&out));
            let about = format!("{} as {form:?}: {}", shape.display(), done.stderr);
            if found(folder.path())
                .iter()
                .any(|line| line.starts_with("error"))
            {
                assert_eq!(done.code, 1, "{about}");
                assert!(!out.exists(), "{about}");
                continue;
            }
            assert_eq!(done.code, 0, "{about}");
            assert_kept(
                &shape,
                form,
                &folder.path().join("dumps/cluster-1/cilium.json"),
                &out,
                &about,
            );
            patched += 1;
        }
    }
    assert!(patched >= 55, "only {patched} patches were looked at");
}

fn assert_kept(shape: &Path, form: Form, dump: &Path, out: &Path, about: &str) {
    let (patch, kind) = patch_of(out, "cluster-1");
    assert_eq!(
        kind,
        if form == Form::Values {
            "merge"
        } else {
            "json"
        },
        "{about}"
    );
    let dumped = dumped(dump);
    let after = apply(&dumped, &patch, kind);
    let values = match after["spec"]["valuesBlock"].as_str() {
        Some(block) => block_values(block).expect("KKP reads the new block"),
        None => after["spec"]["values"].clone(),
    };
    let read = match form {
        Form::Values => dumped["spec"]["values"].clone(),
        _ => read(shape),
    };
    assert_eq!(not_owned(&values), not_owned(&read), "{about}");
    // What mesh.yaml does not say of the Service stays too, though a patch may own it.
    let service = "/clustermesh/apiserver/service";
    if let Some(before) = read.pointer(service) {
        assert_eq!(values.pointer(service), Some(before), "{about}");
    }
}

#[test]
fn what_stands_around_them_is_told() {
    let mut faults = Vec::new();
    for shape in shapes() {
        let folder = tempfile::tempdir().unwrap();
        write_mesh(folder.path(), &shape, Form::Quoted);
        let seen: String = found(folder.path())
            .iter()
            .map(|line| format!("{line}\n"))
            .collect();
        let path = shape.join("expected");
        if std::env::var_os("MESHGEN_UPDATE").is_some() {
            fs::write(&path, &seen).unwrap();
        } else if seen != fs::read_to_string(&path).unwrap_or_default() {
            faults.push(format!("{}:\n{seen}", shape.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn shapes() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("fixtures/shapes")).unwrap();
    let mut shapes: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    shapes.sort();
    assert!(shapes.len() >= 20, "the shapes were not found");
    shapes
}

fn read(shape: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(shape.join("read.json")).unwrap()).unwrap()
}

/// A mesh of two clusters, of which the first has the values.
fn write_mesh(folder: &Path, shape: &Path, form: Form) {
    let (kkp, cilium) = if form == Form::Values {
        ("2.25.8", "1.14.9")
    } else {
        ("2.30.5", "1.18.10")
    };
    let shared = root().join("fixtures/rules/shared");
    let mesh = format!(
        "apiVersion: meshgen/v1\nca: {{cert: {{file: {0}/ca.crt}}, key: {{file: {0}/ca.key}}}}\ndefaults: {{kkp: \"{kkp}\", cilium: {cilium}}}\nclusters:\n  - {{name: cluster-1, id: 1, podCIDRs: [172.25.0.0/16], nodeCIDRs: [10.0.1.0/24], apiserver: {{ips: [203.0.113.10]}}}}\n  - {{name: cluster-2, id: 2, podCIDRs: [172.26.0.0/16], nodeCIDRs: [10.0.2.0/24], apiserver: {{ips: [203.0.113.20]}}}}\n",
        shared.display()
    );
    fs::write(folder.join("mesh.yaml"), mesh).unwrap();
    let dumps = folder.join("dumps/cluster-1");
    fs::create_dir_all(&dumps).unwrap();
    let object = object(shape, form, cilium);
    let text = if form == Form::Printed {
        yaml::write(&object)
    } else {
        object.to_string()
    };
    fs::write(dumps.join("cilium.json"), text).unwrap();
}

fn object(shape: &Path, form: Form, cilium: &str) -> Value {
    let mut spec = json!({
        "applicationRef": {"name": "cilium", "version": cilium},
        "namespace": {"name": "kube-system", "create": false},
    });
    if form == Form::Values {
        spec["values"] = read(shape);
        spec["values"]["kubeProxyReplacement"] = Value::from("disabled"); // a word of these charts
    } else {
        spec["values"] = json!({});
        spec["valuesBlock"] = Value::from(fs::read_to_string(shape.join("values.yaml")).unwrap());
    }
    json!({
        "apiVersion": "apps.kubermatic.k8c.io/v1",
        "kind": "ApplicationInstallation",
        "metadata": {
            "name": "cilium", "namespace": "kube-system", "uid": "5f1d0000-0000-4000-8000-000000000001",
            "labels": {"apps.kubermatic.k8c.io/managed-by": "kkp", "apps.kubermatic.k8c.io/type": "cni"},
        },
        "spec": spec,
    })
}

fn dumped(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|_| block_values(&text).expect("the dump is YAML"))
}

/// What is more than a note: severity, code and the first line of the message.
fn found(folder: &Path) -> Vec<String> {
    let args = ["validate", "--format", "json", "--now", NOW];
    let done = run(meshgen().current_dir(folder).args(args));
    let report: Value = serde_json::from_str(&done.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", done.stdout));
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .filter(|finding| finding["severity"] != "note" && finding["code"] != "key-file-readable")
        .map(|finding| {
            format!(
                "{} {} {}",
                text(&finding["severity"]),
                text(&finding["code"]),
                text(&finding["message"])
            )
        })
        .collect()
}
