//! The overlaps that are found are those that brute force finds, each once and at its two places.

use std::fmt::Write;

use meshgen::testing::compile::plan::Request;
use meshgen::testing::finding::Finding;
use meshgen::testing::pipeline::{check, load};
use proptest::prelude::*;

/// A range among sixteen neighbouring addresses of one family: which family, its first address, and
/// how many times it is halved.
#[derive(Debug, Clone, Copy)]
struct Small {
    is_v6: bool,
    first: u8,
    halved: u8,
}

impl Small {
    fn text(self) -> String {
        let first = self.addresses().start;
        if self.is_v6 {
            format!("fd00::{first:x}/{}", 124 + self.halved)
        } else {
            format!("10.9.8.{first}/{}", 28 + self.halved)
        }
    }

    fn addresses(self) -> std::ops::Range<u8> {
        let size = 16 >> self.halved;
        let first = self.first / size * size;
        first..first + size
    }

    /// Whether the two share an address, told address by address.
    fn meets(self, other: Self) -> bool {
        self.is_v6 == other.is_v6 && self.addresses().any(|a| other.addresses().contains(&a))
    }
}

fn small() -> impl Strategy<Value = Small> {
    (any::<bool>(), 0..16u8, 0..=4u8).prop_map(|(is_v6, first, halved)| Small {
        is_v6,
        first,
        halved,
    })
}

fn mesh(clusters: &[Vec<Small>]) -> String {
    let mut text =
        "apiVersion: meshgen/v1\ndefaults: {kkp: \"2.30\", cilium: 1.18.10}\nclusters:\n"
            .to_owned();
    for (at, ranges) in clusters.iter().enumerate() {
        let ranges: Vec<String> = ranges
            .iter()
            .map(|range| format!("{:?}", range.text()))
            .collect();
        let (id, list) = (at + 1, ranges.join(", "));
        writeln!(text, "  - {{name: c{id}, id: {id}, podCIDRs: [{list}]}}").unwrap();
    }
    text
}

fn findings(text: &str) -> Vec<Finding> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mesh.yaml");
    std::fs::write(&path, text).unwrap();
    let loaded = load(&path).unwrap();
    let mesh = loaded.mesh.unwrap();
    let request = Request::default();
    check(&loaded.input, &mesh, loaded.findings, &request, None).findings
}

/// The pairs of places of a finding, in each the one that stands first in the file first. Findings of one place with the same
/// words are one finding with several related places.
fn places(finding: &Finding) -> Vec<[String; 2]> {
    let route = |label: &meshgen::testing::finding::Label| label.place.route.to_string();
    let pair = |related| {
        let mut places = [route(related), route(&finding.primary)];
        places.sort();
        places
    };
    finding.related.iter().map(pair).collect()
}

proptest! {
    #[test]
    fn findings_are_those_of_brute_force(
        clusters in prop::collection::vec(prop::collection::vec(small(), 0..4), 1..7),
    ) {
        let mut expected = Vec::new();
        for (a, first) in clusters.iter().enumerate() {
            for (b, second) in clusters.iter().enumerate().skip(a + 1) {
                for (i, x) in first.iter().enumerate() {
                    for (j, y) in second.iter().enumerate().filter(|(_, y)| x.meets(**y)) {
                        let _ = y;
                        expected.push([format!("clusters[{a}].podCIDRs[{i}]"), format!("clusters[{b}].podCIDRs[{j}]")]);
                    }
                }
            }
        }
        let all = findings(&mesh(&clusters));
        let overlaps = all.iter().filter(|finding| finding.code == "pod-cidr-overlap");
        let mut found: Vec<[String; 2]> = overlaps.flat_map(places).collect();
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected);
    }
}
