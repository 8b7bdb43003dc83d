//! Secrets by the values that were parsed: exact, whatever the layout of the text.

use std::ops::Range;

use super::lines::{Name, name_of};
use crate::yaml::{Kind, Node};

/// Adds the ranges of all values that stand under a secret's name.
pub(super) fn secrets(documents: &[Node], found: &mut Vec<Range<usize>>) {
    for document in documents {
        visit(document, Name::Other, found);
    }
}

fn visit(node: &Node, above: Name, found: &mut Vec<Range<usize>>) {
    match &node.kind {
        Kind::Mapping(entries) => {
            for entry in entries.iter() {
                visit(&entry.value, below(above, name_of(&entry.key)), found);
            }
        }
        Kind::Sequence(items) => items.iter().for_each(|item| visit(item, above, found)),
        _ if above != Name::Other => found.extend([node.span.clone(), node.written()]),
        _ => {}
    }
}

/// What a value is that stands under `name`, in a mapping that stands under `above`.
fn below(above: Name, name: Name) -> Name {
    match (above, name) {
        (Name::Secret, Name::Reference) | (Name::Other, Name::Reference) => Name::Other,
        (Name::Other, name) => name,
        _ => Name::Secret,
    }
}
