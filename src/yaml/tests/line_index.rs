//! Lines and columns.

use proptest::prelude::*;

use crate::yaml::{LineIndex, Position};

#[test]
fn a_byte_order_mark_is_no_column() {
    let index = LineIndex::new("\u{feff}ab");
    assert_eq!(index.position(3), Position { line: 1, column: 1 });
    assert_eq!(index.position(4), Position { line: 1, column: 2 });
}

#[test]
fn offsets_that_are_none_are_moved_to_the_nearest_before() {
    let index = LineIndex::new("aé\nb");
    assert_eq!(index.position(2), Position { line: 1, column: 2 });
    assert_eq!(index.position(99), Position { line: 2, column: 2 });
}

proptest! {
    #[test]
    fn line_index_agrees_with_counting(text in "(a|é|😀|\n|\r\n){0,40}", offset in 0..200_usize) {
        let index = LineIndex::new(&text);
        let mut at = offset.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        prop_assert_eq!(index.position(at), Position { line, column });
    }
}
