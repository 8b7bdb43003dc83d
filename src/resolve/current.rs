//! The dumped ApplicationInstallation, read as KKP reads it.

use super::Reading;
use crate::finding::Finding;
use crate::input::dumps::Object;
use crate::model::{Current, Fact};
use crate::profile::releases::ValuesField;
use crate::source::Place;
use crate::yaml::{self, Node, ScalarRules};

impl Reading<'_> {
    /// What a dumped ApplicationInstallation says; `None` where its values cannot be read at all.
    pub(super) fn current(&mut self, object: &Object) -> Option<Current> {
        let input = self.input;
        let node = input.sources.node(&object.place)?;
        let block_place = object.place.dotted("spec.valuesBlock");
        let values_place = object.place.dotted("spec.values");
        let block = text(input.sources.node(&block_place)).filter(|block| !block.trim().is_empty());
        let values = input.sources.node(&values_place).and_then(Node::entries);
        let has_values = values.is_some_and(|values| !values.is_empty());
        let mut block_node = None;
        let (form, values_place) = match &block {
            Some(block) => {
                block_node = self.block(block, &block_place)?;
                (Some(ValuesField::Block), block_place)
            }
            None => (has_values.then_some(ValuesField::Values), values_place),
        };
        let version_place = object.place.dotted("spec.applicationRef.version");
        Some(Current {
            place: object.place.clone(),
            uid: text(input.sources.node(&object.place.dotted("metadata.uid")))
                .filter(|uid| is_uid(uid)),
            generation: input
                .sources
                .node(&object.place.dotted("metadata.generation"))
                .and_then(Node::as_i64),
            form,
            block,
            block_values: block_node.as_ref().map(Node::to_json),
            block_node,
            values_place,
            object: node.to_json(),
            version: text(input.sources.node(&version_place))
                .map(|version| Fact::new(version, version_place)),
        })
    }

    /// The values in a block (`Some(None)` if it is empty). KKP takes the first document and the last
    /// of equal keys, silently.
    fn block(&mut self, block: &str, place: &Place) -> Option<Option<Node>> {
        let stream = match yaml::parse(block, ScalarRules::Go) {
            Ok(stream) => stream,
            Err(error) => {
                let at = place.clone().within(error.span.clone());
                let message = format!("the current valuesBlock is not YAML: {}", error.message);
                self.findings.push(
                    crate::input::codes::SYNTAX.finding(at, message)
                        .label("reading stopped here")
                        .help("KKP cannot read it either: mend the ApplicationInstallation, then dump it again"),
                );
                return None;
            }
        };
        for duplicate in &stream.duplicates {
            let at = place.clone().within(duplicate.span.clone());
            self.findings.push(
                dropped(
                    at,
                    "the current valuesBlock has this key twice; KKP keeps only the last",
                )
                .label("again here")
                .related(place.clone().within(duplicate.first.clone()), "first here"),
            );
        }
        let mut others = stream.documents.iter().skip(1);
        // An empty one holds nothing that could be lost.
        if let Some(second) = others.find(|document| !document.is_null()) {
            let at = place.clone().within(second.span.clone());
            self.findings.push(
                dropped(at, "the current valuesBlock holds a second document, which KKP drops without a word")
                    .label("never read"),
            );
        }
        let values = stream
            .documents
            .into_iter()
            .next()
            .filter(|node| !node.is_null());
        if values.as_ref().is_some_and(|node| node.entries().is_none()) {
            self.findings.push(
                crate::input::codes::WRONG_TYPE
                    .finding(place.clone(), "the current valuesBlock is no mapping")
                    .help("mend the ApplicationInstallation, then dump it again"),
            );
            return None;
        }
        Some(values)
    }
}

fn dropped(place: Place, message: &str) -> Finding {
    super::codes::VALUES_DROPPED.finding(place, message).help(
        "put what is meant into the ApplicationInstallation, remove the rest, then dump it again",
    )
}

fn text(node: Option<&Node>) -> Option<String> {
    node.and_then(Node::as_str).map(str::to_owned)
}

/// Whether the API server may have given this uid: it makes a UUID. Any other text would go into scripts and patches, and is
/// taken for none.
fn is_uid(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
