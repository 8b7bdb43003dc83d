//! What several test programs share: the fixture meshes, the built binary, and masking.

pub(crate) mod applied;

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use sha2::{Digest, Sha256};

/// The time that all fixtures are checked against.
pub(crate) const NOW: &str = "2026-11-23T00:00:00Z";

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The built binary, run in the repository.
pub(crate) fn meshgen() -> Command {
    let mut command = Command::new(program());
    command.current_dir(root());
    command
}

/// How often something is tried: `MESHGEN_LONG=1` asks for the long series of docs/security.md.
pub(crate) fn rounds(quick: usize, long: usize) -> usize {
    if std::env::var_os("MESHGEN_LONG").is_some() {
        long
    } else {
        quick
    }
}

/// The binary that is attacked: the built one, or the release that `MESHGEN_BIN` names.
pub(crate) fn program() -> PathBuf {
    let named = std::env::var_os("MESHGEN_BIN").map(PathBuf::from);
    named.unwrap_or_else(|| env!("CARGO_BIN_EXE_meshgen").into())
}

/// Numbers without a pattern, the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// The next number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

/// One folder of fixtures/meshes.
pub(crate) struct Fixture {
    /// Name of the folder.
    pub(crate) name: String,
    /// The folder.
    pub(crate) folder: PathBuf,
    /// mesh.yaml, relative to the repository.
    pub(crate) mesh: String,
    /// More arguments for `render`.
    pub(crate) args: Vec<String>,
}

/// All folders of fixtures/meshes that hold a mesh.yaml, by name.
pub(crate) fn fixtures() -> Vec<Fixture> {
    let entries = std::fs::read_dir(root().join("fixtures/meshes")).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("mesh.yaml").is_file());
    folders.sort();
    folders.into_iter().map(fixture).collect()
}

fn fixture(folder: PathBuf) -> Fixture {
    let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
    let args = std::fs::read_to_string(folder.join("args")).unwrap_or_default();
    Fixture {
        mesh: format!("fixtures/meshes/{name}/mesh.yaml"),
        args: args.split_whitespace().map(str::to_owned).collect(),
        name,
        folder,
    }
}

/// What a run of the binary gave.
pub(crate) struct Run {
    /// The exit status.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Run {
    let output = command.output().expect("the binary runs");
    Run {
        code: output.status.code().expect("the binary ends by itself"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Renders a fixture into a folder.
pub(crate) fn render(fixture: &Fixture, out: &Path) -> Run {
    run(meshgen()
        .args(["render", &fixture.mesh, "-o"])
        .arg(out)
        .args(&fixture.args))
}

/// All files below a folder, relative to it, sorted.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    collect(folder, folder, &mut found);
    found.sort();
    found
}

fn collect(base: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(base, &path, found);
        } else {
            let relative = path.strip_prefix(base).unwrap();
            found.push(relative.to_str().unwrap().to_owned());
        }
    }
}

/// Replaces certificates and keys, in PEM or in base64 of PEM, by the beginning of their SHA-256.
pub(crate) fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((start, end)) = next_secret(rest) {
        out.push_str(&rest[..start]);
        out.push_str(&format!("<sha256:{}>", &sha256(&rest[start..end])[..8]));
        rest = &rest[end..];
    }
    out.push_str(rest);
    assert!(
        !out.contains("-----BEGIN") && !out.contains("LS0tLS1CRUdJTi"),
        "key material was left in a snapshot"
    );
    out
}

fn next_secret(text: &str) -> Option<(usize, usize)> {
    let base64 = text.find("LS0tLS1CRUdJTi").map(|start| {
        let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
        let length = text[start..].find(|c| !is_base64(c));
        (start, length.map_or(text.len(), |length| start + length))
    });
    let pem = text.find("-----BEGIN ").map(|start| {
        let end = text[start..].find("-----END ").map_or(text.len(), |at| {
            let label = start + at + "-----END ".len();
            text[label..]
                .find("-----")
                .map_or(text.len(), |at| label + at + 5)
        });
        (start, end)
    });
    [base64, pem].into_iter().flatten().min()
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The entries of a recording: gzip of one JSON value a line.
pub(crate) fn recorded<T: serde::de::DeserializeOwned>(packed: &[u8]) -> Vec<T> {
    let mut text = String::new();
    let mut unpacked = flate2::read::GzDecoder::new(packed);
    std::io::Read::read_to_string(&mut unpacked, &mut text).expect("gzip");
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}
