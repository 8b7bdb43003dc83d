//! Values that a patch keeps and that the chart refuses, or takes no notice of, as data.
//!
//! Sources: every `fail` and `required` in the templates of every stable chart from 1.13.0 to 1.20.0, their
//! `values.schema.json`, and every key that one of them reads and another does not, as far as it is about Cluster Mesh,
//! identities, IPAM, encryption, tunnel, TLS or CNI. Where a row names no other source that is `templates/validate.yaml`.
//! The judge `kept` renders every row with the real charts; it reads the rows from `fixtures/kept-values.json`.

mod keys;
mod kinds;
mod row;

pub(crate) use row::{KeptValue, ValueEffect};

/// All rows.
pub(crate) fn rows() -> impl Iterator<Item = &'static KeptValue> {
    keys::rows().chain(kinds::rows())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::rows;

    #[test]
    fn the_judge_gets_these_rows() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/kept-values.json");
        let lines: Vec<String> = rows().map(|row| row.described().to_string()).collect();
        let text = format!("[\n{}\n]\n", lines.join(",\n"));
        if std::env::var_os("MESHGEN_UPDATE").is_some() {
            fs::write(path, &text).expect("the fixture is written");
        }
        let written = fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == text,
            "{path} is old; run `MESHGEN_UPDATE=1 cargo test --lib kept_values`"
        );
    }
}
