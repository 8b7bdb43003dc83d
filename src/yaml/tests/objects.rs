//! Objects as KKP 2.22 to 2.31 left them on a cluster.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::{json, read};
use crate::yaml::{LineIndex, Position, ScalarRules, parse, write};

/// Blocks that differ from KKP's spelling because of a string that only Go leaves bare.
const QUOTED_BY_US_ONLY: &[&str] = &[];

fn objects() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/kkp-objects");
    let mut objects: Vec<_> = fs::read_dir(folder)
        .expect("the fixtures are there")
        .map(|entry| {
            let path = entry.expect("a folder can be listed").path();
            let name = path.file_name().expect("a file has a name");
            let text = fs::read_to_string(&path).expect("a fixture is text");
            (name.to_string_lossy().into_owned(), text)
        })
        .collect();
    objects.sort();
    objects
}

#[test]
fn all_objects_are_read() {
    let objects = objects();
    assert_eq!(objects.len(), 60);
    for (name, text) in objects {
        let stream = read(&text, ScalarRules::Go);
        assert_eq!(stream.documents.len(), 1, "{name}");
        assert_eq!(stream.duplicates, [], "{name}");
        let kind = stream.documents[0]
            .get("kind")
            .and_then(|kind| kind.as_str());
        assert_eq!(kind, Some("ApplicationInstallation"), "{name}");
    }
}

#[test]
fn blocks_are_written_as_kkp_wrote_them() {
    let mut blocks = 0;
    for (name, text) in objects() {
        let document = json(&text, ScalarRules::Go);
        let Some(block) = document["spec"]["valuesBlock"].as_str() else {
            continue;
        };
        blocks += 1;
        let same = write(&json(block, ScalarRules::Go)) == block;
        assert_eq!(same, !QUOTED_BY_US_ONLY.contains(&name.as_str()), "{name}");
    }
    assert_eq!(blocks, 36);
}

#[test]
fn whole_objects_are_written_as_kubectl_printed_them() {
    for (name, text) in objects() {
        assert_eq!(write(&json(&text, ScalarRules::Go)), text, "{name}");
    }
}

#[test]
fn places_in_a_block_lead_to_the_same_line_of_the_dump() {
    for (name, text) in objects() {
        let stream = read(&text, ScalarRules::Go);
        let node = stream.documents[0]
            .get("spec")
            .and_then(|spec| spec.get("valuesBlock"));
        let Some((node, block)) = node.and_then(|node| Some((node, node.as_str()?))) else {
            continue;
        };
        let inner = read(block, ScalarRules::Go);
        let cluster = inner.documents[0].get("cluster");
        let Some(cluster_name) = cluster.and_then(|cluster| cluster.get("name")) else {
            continue;
        };
        let place = node.range_within(&text, &node.marks(&text), cluster_name.span.clone());
        assert_eq!(text.get(place.clone()), cluster_name.as_str(), "{name}");
        let line = text
            .lines()
            .position(|line| line.starts_with("    cluster:"));
        let position = LineIndex::new(&text).position(place.start);
        let line = line.expect("the key is in the dump") + 3;
        assert_eq!(position, Position { line, column: 13 }, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_objects_never_panic(
        which in 0..60_usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..8),
        go in any::<bool>(),
    ) {
        let mut bytes = objects().swap_remove(which).1.into_bytes();
        for (at, byte, how) in damage {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, b"\t\n:-&*!|>{}[]'\"%<#\r"[usize::from(byte) % 19]),
                _ => {
                    bytes.remove(at);
                }
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        let rules = if go { ScalarRules::Go } else { ScalarRules::Yaml12 };
        match parse(&text, rules) {
            Ok(stream) => {
                for document in &stream.documents {
                    prop_assert!(text.get(document.span.clone()).is_some());
                    write(&document.to_json());
                }
            }
            Err(error) => prop_assert!(text.get(error.span).is_some()),
        }
    }
}
