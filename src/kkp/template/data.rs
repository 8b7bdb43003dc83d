//! The values that a template works with, and clusters to try it on.

use crate::profile::releases::{TemplateData, TemplateField};

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum AbstractValue {
    /// Nothing: a label that is not there.
    Missing,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(String),
    Map(MetadataMap),
    Fields(&'static [TemplateField]),
}

/// A map of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MetadataMap {
    Labels,
    Annotations,
}

/// A value, and how sure it is.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) value: AbstractValue,
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
    pub(super) fn sure(value: AbstractValue) -> Self {
        let sure = Sure::Yes;
        Self { value, sure }
    }

    pub(super) fn text(text: String, sure: bool) -> Self {
        let sure = if sure { Sure::Yes } else { Sure::No };
        Self {
            value: AbstractValue::Str(text),
            sure,
        }
    }

    pub(super) fn is_sure(&self) -> bool {
        self.sure == Sure::Yes
    }
}

/// A kind of cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SampleCluster {
    /// Everything is there and harmless.
    Plain,
    /// What may be empty is.
    Empty,
    /// What people type holds all that YAML minds.
    Odd,
}

pub(super) const CLUSTERS: &[SampleCluster] = &[
    SampleCluster::Plain,
    SampleCluster::Empty,
    SampleCluster::Odd,
];

impl SampleCluster {
    pub(super) fn item(self, data: TemplateData) -> Item {
        let (text, sure) = match data {
            TemplateData::Word => ("h7xk2m9pqr", Sure::NotEmpty),
            TemplateData::LateWord => (self.one_of("abc.example.com", "", "a:b/c.d"), Sure::No),
            TemplateData::Free => (self.one_of("prod", "", "it's: \"a\" #b"), Sure::No),
            TemplateData::Number => {
                return Item {
                    value: AbstractValue::Int(if self == Self::Empty { 0 } else { 6443 }),
                    sure: Sure::No,
                };
            }
            TemplateData::Labels => return Item::sure(AbstractValue::Map(MetadataMap::Labels)),
            TemplateData::Annotations => {
                return Item::sure(AbstractValue::Map(MetadataMap::Annotations));
            }
            TemplateData::Fields(fields) => return Item::sure(AbstractValue::Fields(fields)),
        };
        let value = AbstractValue::Str(text.to_owned());
        Item { value, sure }
    }

    /// What stands below a name in a map that has it.
    pub(super) fn entry(self, map: MetadataMap) -> Item {
        let text = match map {
            MetadataMap::Labels => self.one_of("prod", "", "x_1.y-2"),
            MetadataMap::Annotations => self.one_of("net", "", "a: b\n- c: \"d\" #e\nf"),
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
    pub(super) fn printed(self, value: &AbstractValue) -> String {
        match value {
            AbstractValue::Missing => "<nil>".to_owned(),
            AbstractValue::Bool(value) => value.to_string(),
            AbstractValue::Int(value) => value.to_string(),
            AbstractValue::Float(value) => value.to_string(),
            AbstractValue::Str(text) => text.clone(),
            AbstractValue::Map(map) => {
                let entry = self.entry(*map).value;
                format!("map[a:{}]", self.printed(&entry))
            }
            AbstractValue::Fields(fields) => {
                let values = fields
                    .iter()
                    .map(|field| self.printed(&self.item(field.data).value));
                format!("{{{}}}", values.collect::<Vec<_>>().join(" "))
            }
        }
    }
}
