//! Whatever mesh.yaml holds, the program ends by itself: with 0, 1 or 2, never with a panic.

use std::path::{Path, PathBuf};

use crate::common::root;
use assert_cmd::Command;
use proptest::prelude::*;
use proptest::sample::Index;

/// Fixtures that between them use most of what mesh.yaml can say.
const SEEDS: [&str; 4] = [
    "fixtures/guide",
    "fixtures/meshes/every-setting",
    "fixtures/meshes/node-port",
    "fixtures/meshes/secrets-elsewhere",
];

/// Pieces that have a meaning somewhere in YAML, in the schema or in Rust's number types.
const PIECES: [&[u8]; 28] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b": ",
    b"- ",
    b"\n",
    b"  ",
    b"\t",
    b"\"",
    b"'",
    b"#",
    b"|\n",
    b">-\n",
    b"&a ",
    b"*a",
    b"<<: *a\n",
    b"!!binary ",
    b"---\n",
    b"...\n",
    b"? ",
    b"~",
    b"99999999999999999999",
    b"-1",
    b"1e999",
    b"\xff",
    b"\0",
    "é\u{feff}\u{2028}".as_bytes(),
];

/// One change of a text.
#[derive(Debug, Clone)]
enum Change {
    Insert(Index, usize),
    Overwrite(Index, u8),
    Remove(Index, u8),
    RepeatLine(Index, Index),
    Truncate(Index),
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (any::<Index>(), 0..PIECES.len()).prop_map(|(at, piece)| Change::Insert(at, piece)),
        2 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Overwrite(at, byte)),
        4 => (any::<Index>(), 1..40u8).prop_map(|(at, length)| Change::Remove(at, length)),
        4 => (any::<Index>(), any::<Index>()).prop_map(|(line, to)| Change::RepeatLine(line, to)),
        1 => any::<Index>().prop_map(Change::Truncate),
    ]
}

fn change(text: &mut Vec<u8>, change: &Change) {
    if text.is_empty() {
        return;
    }
    match change {
        Change::Insert(at, piece) => {
            let at = at.index(text.len());
            text.splice(at..at, PIECES[*piece].iter().copied());
        }
        Change::Overwrite(at, byte) => {
            let at = at.index(text.len());
            text[at] = *byte;
        }
        Change::Remove(at, length) => {
            let at = at.index(text.len());
            text.drain(at..text.len().min(at + usize::from(*length)));
        }
        Change::RepeatLine(line, to) => {
            let mut lines: Vec<Vec<u8>> = text
                .split_inclusive(|b| *b == b'\n')
                .map(<[u8]>::to_vec)
                .collect();
            let copy = lines[line.index(lines.len())].clone();
            lines.insert(to.index(lines.len()), copy);
            *text = lines.concat();
        }
        Change::Truncate(at) => text.truncate(at.index(text.len())),
    }
}

/// Copies a folder, so that the dumps are there for the changed mesh.yaml.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target: PathBuf = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(seed in 0..SEEDS.len(), changes in prop::collection::vec(any_change(), 1..6)) {
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join(SEEDS[seed]), folder.path());
        let mesh = folder.path().join("mesh.yaml");
        let mut text = std::fs::read(&mesh).unwrap();
        changes.iter().for_each(|one| change(&mut text, one));
        std::fs::write(&mesh, &text).unwrap();
        for arguments in ["validate mesh.yaml --format json", "render mesh.yaml -o out"] {
            let mut command = Command::cargo_bin("meshgen").unwrap();
            let output = command.current_dir(folder.path()).args(arguments.split(' ')).output().unwrap();
            let shown = String::from_utf8_lossy(&output.stderr);
            prop_assert!(matches!(output.status.code(), Some(0..=2)), "{}: {}", arguments, shown);
            prop_assert!(!shown.contains("panicked"), "{}: {}", arguments, shown);
            let both = [output.stdout.as_slice(), &output.stderr].concat();
            let both = String::from_utf8_lossy(&both);
            prop_assert!(!both.contains("LS0tLS1CRUdJTiBFQyBQUklW"), "a key is shown");
        }
    }
}
