//! The values that a template works with, and clusters to try it on.

use crate::profile::kkp::{TemplateData, TemplateField};

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Nothing: a label that is not there.
    Missing,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(String),
    Map(Map),
    Fields(&'static [TemplateField]),
}

/// A map of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Map {
    Labels,
    Annotations,
}

/// A value, and how sure it is.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) value: Value,
    pub(super) sure: Sure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sure {
    /// It is this.
    Yes,
    /// It stands for others of its type, none of which is empty.
    NotEmpty,
    /// It stands for others of its type.
    No,
}

impl Item {
    pub(super) fn sure(value: Value) -> Self {
        let sure = Sure::Yes;
        Self { value, sure }
    }

    pub(super) fn text(text: String, sure: bool) -> Self {
        let sure = if sure { Sure::Yes } else { Sure::No };
        Self {
            value: Value::Str(text),
            sure,
        }
    }

    pub(super) fn is_sure(&self) -> bool {
        self.sure == Sure::Yes
    }
}

/// A kind of cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cluster {
    /// Everything is there and harmless.
    Plain,
    /// What may be empty is.
    Empty,
    /// What people type holds all that YAML minds.
    Odd,
}

pub(super) const CLUSTERS: &[Cluster] = &[Cluster::Plain, Cluster::Empty, Cluster::Odd];

impl Cluster {
    pub(super) fn item(self, data: TemplateData) -> Item {
        let (text, sure) = match data {
            TemplateData::Word => ("h7xk2m9pqr", Sure::NotEmpty),
            TemplateData::LateWord => (self.one_of("abc.example.com", "", "a:b/c.d"), Sure::No),
            TemplateData::Free => (self.one_of("prod", "", "it's: \"a\" #b"), Sure::No),
            TemplateData::Number => {
                return Item {
                    value: Value::Int(if self == Self::Empty { 0 } else { 6443 }),
                    sure: Sure::No,
                };
            }
            TemplateData::Labels => return Item::sure(Value::Map(Map::Labels)),
            TemplateData::Annotations => return Item::sure(Value::Map(Map::Annotations)),
            TemplateData::Fields(fields) => return Item::sure(Value::Fields(fields)),
        };
        let value = Value::Str(text.to_owned());
        Item { value, sure }
    }

    /// What stands below a name in a map that has it.
    pub(super) fn entry(self, map: Map) -> Item {
        let text = match map {
            Map::Labels => self.one_of("prod", "", "x_1.y-2"),
            Map::Annotations => self.one_of("net", "", "a: b\n- c: \"d\" #e\nf"),
        };
        Item::text(text.to_owned(), false)
    }

    fn one_of(self, plain: &'static str, empty: &'static str, odd: &'static str) -> &'static str {
        match self {
            Self::Plain => plain,
            Self::Empty => empty,
            Self::Odd => odd,
        }
    }

    /// As Go prints it.
    pub(super) fn printed(self, value: &Value) -> String {
        match value {
            Value::Missing => "<nil>".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Float(value) => value.to_string(),
            Value::Str(text) => text.clone(),
            Value::Map(map) => {
                let entry = self.entry(*map).value;
                format!("map[a:{}]", self.printed(&entry))
            }
            Value::Fields(fields) => {
                let values = fields
                    .iter()
                    .map(|field| self.printed(&self.item(field.data).value));
                format!("{{{}}}", values.collect::<Vec<_>>().join(" "))
            }
        }
    }
}
