//! Whatever a saved output holds, its parsers end and nothing panics: real outputs of all kinds, changed at random.

use meshgen::testing::verify::recognised;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::common::{files, root};

/// Pieces that mean something to one of the parsers, or to what a terminal adds.
const PIECES: [&[u8]; 26] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"null",
    b"-1",
    b"18446744073709551616",
    b"\n",
    b"\r\n",
    b"\x1b[1;31m",
    b"\x1b]0;",
    b"\xff\xfe",
    b"\0",
    b"   ",
    b"/",
    b"0/0",
    b"9/3 reachable",
    b"Nodes:\n",
    b"Cluster health: 1/0 reachable\n",
    b"ClusterMesh: 0/0 remote clusters ready\n",
    b"KVStoreMesh: 1/1 remote clusters ready\n",
    b"apiVersion: v1\n",
    b"Cluster \"x\":\n",
    "\u{2514}  ".as_bytes(),
    "\u{274c} ".as_bytes(),
];

/// A change at a place: what goes away there, and which piece comes.
type Change = (Index, u8, Option<Index>);

fn saved() -> Vec<Vec<u8>> {
    let folder = root().join("fixtures/verify");
    let mut texts = Vec::new();
    for file in files(&folder) {
        if file.contains("/checks/") {
            texts.push(std::fs::read(folder.join(&file)).unwrap());
        }
    }
    assert!(texts.len() > 100, "only {} saved outputs", texts.len());
    texts
}

fn changed(mut text: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for (at, less, piece) in changes {
        let from = at.index(text.len() + 1);
        let to = (from + usize::from(*less)).min(text.len());
        let piece = piece.map_or(&b""[..], |piece| PIECES[piece.index(PIECES.len())]);
        text.splice(from..to, piece.iter().copied());
    }
    text
}

#[test]
fn no_changed_output_makes_a_parser_panic() {
    let texts = saved();
    let changes = prop::collection::vec(any::<Change>(), 0..12);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(2000));
    let two = (
        any::<Index>(),
        any::<Index>(),
        changes,
        any::<Option<Index>>(),
    );
    runner
        .run(&two, |(first, second, changes, cut)| {
            // Two outputs in one file, as a loop over agents saves them.
            let mut text = texts[first.index(texts.len())].clone();
            text.extend_from_slice(&texts[second.index(texts.len())]);
            text.truncate(cut.map_or(text.len(), |cut| cut.index(text.len() + 1)));
            recognised(&changed(text, &changes));
            Ok(())
        })
        .unwrap();
}
