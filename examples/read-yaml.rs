//! What meshgen makes of texts by the rules for KKP's values: `cargo run --example read-yaml -- TEXTS`.
//!
//! Reads a JSON string a line; prints for each the value of the first document as JSON, or `!` and why it is refused. The judge
//! `yaml` of the conformance suite compares it with what Go's library prints.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};

use meshgen::testing::yaml::{ScalarRules, parse};
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: read-yaml TEXTS")?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in BufReader::new(File::open(path)?).lines() {
        let text: String = serde_json::from_str(&line?)?;
        match parse(&text, ScalarRules::Go) {
            Ok(stream) => {
                let value = stream
                    .documents
                    .first()
                    .map_or(Value::Null, |first| first.to_json());
                writeln!(out, "{value}")?;
            }
            Err(error) => writeln!(out, "!{}", Value::String(error.to_string()))?,
        }
    }
    Ok(out.flush()?)
}
