//! STEPS.md as people read and paste it: lines that fit, and broken commands that do what the unbroken ones do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::common::{files, meshgen, root, run};

const WIDEST: usize = 160;

/// A copy of the fixtures in which those meshes that can be rendered have their output beside them, as a person has it;
/// the outputs.
fn rendered(is_asked: impl Fn(&Path) -> bool) -> (tempfile::TempDir, Vec<PathBuf>) {
    let copy = tempfile::tempdir().unwrap();
    for file in files(&root().join("fixtures")) {
        let top = file.split('/').next().unwrap_or_default();
        if ["meshes", "rules", "stories", "shared"].contains(&top) {
            let target = copy.path().join(&file);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(root().join("fixtures").join(&file), target).unwrap();
        }
    }
    let meshes = files(copy.path()).into_iter();
    let folders = meshes.filter_map(|mesh| {
        let folder = mesh.strip_suffix("/mesh.yaml")?;
        Some(copy.path().join(folder))
    });
    let mut outputs = Vec::new();
    for folder in folders.filter(|folder| is_asked(folder)) {
        let rendered = run(meshgen()
            .current_dir(&folder)
            .args(["render", "-q", "-o", "out"]));
        if rendered.code == 0 {
            outputs.push(folder.join("out"));
        }
    }
    (copy, outputs)
}

#[test]
fn no_line_is_too_long_to_be_read() {
    let (_copy, outputs) = rendered(|_| true);
    assert!(
        outputs.len() > 100,
        "only {} meshes rendered",
        outputs.len()
    );
    for out in &outputs {
        let page = fs::read_to_string(out.join("STEPS.md")).unwrap();
        for line in page.lines() {
            let wide = line.chars().count();
            assert!(wide <= WIDEST, "{}: {wide}: {line}", out.display());
        }
    }
}

/// The code blocks of the numbered steps, as they are pasted.
fn blocks(page: &str) -> Vec<String> {
    let inner = page.split("   ```sh\n").skip(1);
    inner
        .map(|rest| rest.split("   ```\n").next().unwrap().to_owned())
        .collect()
}

/// What a shell calls kubectl and sh with, when it runs a text in an output folder of a mesh that has no dumps.
fn calls(out: &Path, text: &str) -> String {
    let stand_in = "kubectl() { printf '[%s]' kubectl \"$@\" >&2; echo answer; }\nsh() { printf '[%s]' sh \"$@\" >&2; }\n";
    let mesh = tempfile::tempdir().unwrap();
    let ran = Command::new("sh")
        .args(["-c", &format!("{stand_in}{text}")])
        .current_dir(out)
        .env("MESHGEN_DIR", mesh.path())
        .output()
        .unwrap();
    String::from_utf8(ran.stderr).unwrap()
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace()
        .filter(|word| *word != "\\")
        .collect()
}

#[test]
fn a_broken_command_calls_what_index_json_has_in_one_line() {
    let chosen = [
        "every-setting",
        "five-clusters",
        "trust-inline",
        "ca-replaced",
    ];
    let (_copy, outputs) = rendered(|folder| {
        let name = folder.file_name().unwrap();
        chosen.iter().any(|chosen| name == *chosen)
    });
    let mut broken = 0;
    for out in &outputs {
        let index: Value =
            serde_json::from_slice(&fs::read(out.join("index.json")).unwrap()).unwrap();
        let blocks = blocks(&fs::read_to_string(out.join("STEPS.md")).unwrap());
        let clusters = index["clusters"].as_array().unwrap().iter();
        for step in clusters.flat_map(|cluster| cluster["steps"].as_array().unwrap()) {
            let command = step["command"].as_str().unwrap();
            let block = blocks.iter().find(|block| words(block) == words(command));
            let block = block.unwrap_or_else(|| panic!("STEPS.md lacks {command}"));
            broken += usize::from(block.contains(" \\\n"));
            assert_eq!(calls(out, block), calls(out, command), "{block}");
        }
    }
    assert!(broken > 20, "only {broken} commands are broken");
}

#[test]
fn ipsec_keys_are_compared_without_being_shown() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = |encryption: &str| {
        format!(
            "apiVersion: meshgen/v1\nencryption: {encryption}\ndefaults: {{kkp: \"2.30.5\", cilium: 1.18.10}}\nclusters:\n- {{name: a, id: 1, podCIDRs: [10.1.0.0/16]}}\n- {{name: b, id: 2, podCIDRs: [10.2.0.0/16]}}\n"
        )
    };
    let steps = |encryption: &str| {
        std::fs::write(folder.path().join("mesh.yaml"), mesh(encryption)).unwrap();
        let rendered = crate::common::run(
            crate::common::meshgen()
                .current_dir(folder.path())
                .args(["render", "-q", "-o", "out"]),
        );
        assert_eq!(rendered.code, 0, "{}", rendered.stderr);
        std::fs::read_to_string(folder.path().join("out/STEPS.md")).unwrap()
    };
    let page = steps("ipsec");
    for context in ["a", "b"] {
        let command = format!(
            "kubectl --context {context} -n kube-system get secret cilium-ipsec-keys -o jsonpath='{{.data.keys}}' |"
        );
        assert!(page.contains(&command), "{page}");
    }
    assert!(page.contains("sha256sum"));
    assert!(!steps("wireguard").contains("cilium-ipsec-keys"));
}
