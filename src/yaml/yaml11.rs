//! YAML 1.1 as the library below `sigs.k8s.io/yaml` takes it apart, which is libyaml's way.
//!
//! The parser that reads mesh.yaml follows YAML 1.2, and the two differ: a tab before a value, `\/` and surrogates in double
//! quotes, `&a.b`, `[?a]`, `{a:}`, U+2028 as the end of a line. What KKP cannot read must be refused here, and what it reads
//! otherwise must be read as it does, so its objects are taken apart by the same rules. The judge `yaml` of the conformance
//! suite compares both on 100,000 texts.

mod block_scalar;
mod cursor;
mod document;
mod flow_scalar;
mod message;
mod plain_scalar;
mod scanner;
mod tag;
mod token;

use super::stream::SyntaxError;
use super::tree::Tree;

/// Feeds everything in `text` to `tree`.
pub(super) fn read(text: &str, tree: &mut Tree) -> Result<(), SyntaxError> {
    let forbidden = text.char_indices().find(|(_, c)| !is_allowed(*c));
    if let Some((at, c)) = forbidden {
        return Err(SyntaxError::new(message::CONTROL, at..at + c.len_utf8()));
    }
    // With two of them Go's library loses characters all over the text.
    if text.starts_with("\u{feff}\u{feff}") {
        return Err(SyntaxError::new(message::MARKS, 3..6));
    }
    document::DocumentReader::new(text, tree).stream()
}

fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}')
        || matches!(c, '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
