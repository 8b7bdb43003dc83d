//! What a cluster holds today, as its dump tells.

use std::sync::LazyLock;

use serde_json::Value;

use super::{Fact, at_path};
use crate::profile::releases::ValuesField;
use crate::source::{Place, Route, RouteStep};
use crate::yaml::Node;

/// The ApplicationInstallation `cilium` as it was dumped.
#[derive(Debug)]
pub struct Current {
    /// The object in its dump file.
    pub place: Place,
    /// `metadata.uid`.
    pub uid: Option<String>,
    /// `metadata.generation`, which every change of the spec raises.
    pub generation: Option<i64>,
    /// Where the values stand; `None` while both are empty.
    pub form: Option<ValuesField>,
    /// The exact text of `spec.valuesBlock`, if there is one.
    pub block: Option<String>,
    /// The values in the block, as KKP reads them; `None` in the other form.
    pub block_values: Option<Value>,
    /// `spec.values` or `spec.valuesBlock`.
    pub values_place: Place,
    /// The block as parsed, so that findings can point at places inside it; `None` in the other form.
    pub block_node: Option<Node>,
    /// The whole object as data.
    pub object: Value,
    /// `spec.applicationRef.version`.
    pub version: Option<Fact<String>>,
}

impl Current {
    /// The values as KKP reads them.
    pub fn values(&self) -> &Value {
        static NONE: LazyLock<Value> = LazyLock::new(|| Value::Object(serde_json::Map::new()));
        let written = match self.form {
            Some(ValuesField::Block) => self.block_values.as_ref(),
            Some(ValuesField::Values) => at_path(&self.object, "spec.values"),
            None => None,
        };
        written.unwrap_or(&NONE)
    }

    /// Where a value of the Helm values stands in the dump, by dotted path; the values as a whole
    /// where there is no such value.
    pub fn value_place(&self, path: &str) -> Place {
        let steps = Route::root().dotted(path);
        self.place_at(steps.steps())
    }

    /// Where a value of the Helm values stands in the dump.
    pub fn place_at(&self, steps: &[RouteStep]) -> Place {
        let Some(block) = &self.block_node else {
            return self.values_place.below(steps);
        };
        let found = node_at(block, steps);
        let place = self.values_place.clone().inside(Route::root().below(steps));
        match found {
            Some(node) => place.within(node.span.clone()),
            None => place,
        }
    }

    /// Where the key stands that is the last of the steps.
    pub fn key_place_at(&self, steps: &[RouteStep]) -> Place {
        let place = self.place_at(steps);
        let (Some(block), Some((RouteStep::Key(key), above))) =
            (&self.block_node, steps.split_last())
        else {
            return place.of_key();
        };
        match node_at(block, above).and_then(|node| node.entry(key)) {
            Some(entry) => place.within(entry.key_span.clone()),
            None => place,
        }
    }

    /// The peers in the current values, a list or (from 1.19) a mapping by name: name, entry and
    /// where it stands.
    pub fn peers(&self) -> Vec<CurrentPeer<'_>> {
        let path = "clustermesh.config.clusters";
        let route = Route::root().dotted(path);
        match at_path(self.values(), path) {
            Some(Value::Array(items)) => items
                .iter()
                .enumerate()
                .filter_map(|(index, entry)| {
                    let name = entry.get("name")?.as_str()?;
                    Some(CurrentPeer {
                        name,
                        entry,
                        place: self.place_at(route.index(index).key("name").steps()),
                    })
                })
                .collect(),
            Some(Value::Object(entries)) => entries
                .iter()
                .map(|(name, entry)| CurrentPeer {
                    name,
                    entry,
                    place: self.place_at(route.key(name).steps()),
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// A peer that the current values hold.
#[derive(Debug, Clone)]
pub struct CurrentPeer<'c> {
    /// Its name.
    pub name: &'c str,
    /// Its entry.
    pub entry: &'c Value,
    /// Where it stands in the dump.
    pub place: Place,
}

fn node_at<'n>(block: &'n Node, steps: &[RouteStep]) -> Option<&'n Node> {
    steps.iter().try_fold(block, |node, step| match step {
        RouteStep::Key(key) => node.get(key),
        RouteStep::Index(index) => node.at(*index),
    })
}
