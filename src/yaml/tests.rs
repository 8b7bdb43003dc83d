//! Tests of the module as a whole.

mod go_corpus;
mod line_index;
mod objects;
mod parsing;
mod round_trip;
mod writing;

use serde_json::Value;

use super::stream::Stream;
use super::stream::SyntaxError;
use super::{ScalarRules, parse};

fn read(text: &str, rules: ScalarRules) -> Stream {
    parse(text, rules).expect("the text is valid")
}

fn json(text: &str, rules: ScalarRules) -> Value {
    let documents = read(text, rules).documents;
    assert_eq!(documents.len(), 1, "one document in {text:?}");
    documents[0].to_json()
}

fn refused(text: &str, rules: ScalarRules) -> SyntaxError {
    parse(text, rules).expect_err("the text is not valid")
}
