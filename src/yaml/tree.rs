//! Builds trees from parser events: nesting, anchors, limits.

use std::collections::HashMap;
use std::ops::Range;

use super::mapping::{Mapping, MappingKey};
use super::most::Most;
use super::node::{Kind, Node};
use super::scalar::{self, ScalarRules};
use super::stream::{Stream, SyntaxError};
use super::style::ScalarStyle;

/// Far beyond any values file, and shallow enough for functions that recurse over a tree.
const MAX_DEPTH: usize = 128;
/// What copies behind anchors and aliases may cost in all, counted in nodes and in pieces of text of 32 bytes.
const COPY_BUDGET: usize = 250_000;

pub(super) const TOO_DEEP: &str = "values are nested too deeply";

/// A scalar as the parser saw it.
pub(super) struct Scalar<'e> {
    pub(super) text: &'e str,
    pub(super) style: ScalarStyle,
    pub(super) tag: Option<&'e str>,
    /// Zero if it has none.
    pub(super) anchor: usize,
    pub(super) span: Range<usize>,
}

/// The trees so far, and the way down to where the next value belongs.
pub(super) struct Tree {
    rules: ScalarRules,
    stream: Stream,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    budget: usize,
    /// How many values there are.
    values: usize,
    most: Most,
}

/// A collection that is still being read.
struct Open {
    anchor: usize,
    span: Range<usize>,
    content: OpenContent,
}

enum OpenContent {
    Sequence(Vec<Node>),
    Mapping(Mapping),
}

impl Tree {
    pub(super) fn new(rules: ScalarRules, most: Most) -> Self {
        Self {
            rules,
            stream: Stream::default(),
            open: Vec::new(),
            anchors: HashMap::new(),
            budget: COPY_BUDGET,
            values: 0,
            most,
        }
    }

    pub(super) fn finish(self) -> Stream {
        self.stream
    }

    /// Anchors do not reach across documents.
    pub(super) fn start_document(&mut self) {
        self.anchors.clear();
    }

    pub(super) fn scalar(&mut self, scalar: Scalar<'_>) -> Result<(), SyntaxError> {
        let rules = self.rules;
        let Scalar {
            text,
            style,
            tag,
            anchor,
            span,
        } = scalar;
        let error = |message| SyntaxError::new(message, span.clone());
        let value = || rules.value(text, style, tag).map_err(error);
        let Some(mapping) = self.mapping_awaiting_key() else {
            let node = Node {
                kind: value()?,
                span: span.clone(),
                style,
                source: span,
            };
            return self.value(anchor, node);
        };
        mapping.key = Some(if is_merge(text, style, tag) {
            MappingKey::Merge
        } else {
            MappingKey::Text(rules.key(text, style, tag).map_err(error)?, span.clone())
        });
        if anchor == 0 {
            return Ok(());
        }
        let node = Node {
            kind: value()?,
            span: span.clone(),
            style,
            source: span,
        };
        self.remember(anchor, &node)
    }

    pub(super) fn open_sequence(
        &mut self,
        anchor: usize,
        span: Range<usize>,
    ) -> Result<(), SyntaxError> {
        self.open(anchor, span, OpenContent::Sequence(Vec::new()))
    }

    pub(super) fn open_mapping(
        &mut self,
        anchor: usize,
        span: Range<usize>,
    ) -> Result<(), SyntaxError> {
        self.open(anchor, span, OpenContent::Mapping(Mapping::default()))
    }

    fn open(
        &mut self,
        anchor: usize,
        span: Range<usize>,
        content: OpenContent,
    ) -> Result<(), SyntaxError> {
        if self.mapping_awaiting_key().is_some() {
            return Err(SyntaxError::new(scalar::STRING_KEY, span));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(SyntaxError::new(TOO_DEEP, span));
        }
        self.open.push(Open {
            anchor,
            span,
            content,
        });
        Ok(())
    }

    pub(super) fn close(&mut self, end: Range<usize>) -> Result<(), SyntaxError> {
        let Some(Open {
            anchor,
            mut span,
            content,
        }) = self.open.pop()
        else {
            return Ok(());
        };
        // Only a closing bracket has a width; a block ends with its last value.
        if !end.is_empty() {
            span.end = end.end;
        }
        let kind = match content {
            OpenContent::Sequence(mut items) => {
                items.shrink_to_fit();
                Kind::Sequence(items)
            }
            OpenContent::Mapping(mapping) => Kind::Mapping(mapping.into_entries()),
        };
        let node = Node {
            kind,
            span: span.clone(),
            style: ScalarStyle::None,
            source: span,
        };
        self.value(anchor, node)
    }

    pub(super) fn alias(&mut self, id: usize, span: Range<usize>) -> Result<(), SyntaxError> {
        let error = |message| SyntaxError::new(message, span.clone());
        let target = self
            .anchors
            .get(&id)
            .ok_or_else(|| error("this alias stands inside the value that it names"))?;
        let weight = Weight::of(target, self.budget);
        if self.open.len() + weight.height > MAX_DEPTH {
            return Err(error(TOO_DEEP));
        }
        self.budget = weight
            .pay(self.budget)
            .ok_or_else(|| error(TOO_MANY_COPIES))?;
        let node = Node {
            span: span.clone(),
            ..target.clone()
        };
        match self.mapping_awaiting_key() {
            Some(mapping) => {
                let key = scalar::key_of(node.kind).map_err(error)?;
                mapping.key = Some(MappingKey::Text(key, span));
                Ok(())
            }
            None => self.value(0, node),
        }
    }

    /// Puts a finished value where it belongs.
    fn value(&mut self, anchor: usize, node: Node) -> Result<(), SyntaxError> {
        self.values += 1;
        if self.values > self.most.values() {
            return Err(SyntaxError::new(self.most.message, node.span));
        }
        if anchor != 0 {
            self.remember(anchor, &node)?;
        }
        let Some(open) = self.open.last_mut() else {
            self.stream.documents.push(node);
            return Ok(());
        };
        open.span.end = open.span.end.max(node.span.end);
        match &mut open.content {
            OpenContent::Sequence(items) => items.push(node),
            OpenContent::Mapping(mapping) => {
                mapping.value(node, self.rules, &mut self.stream.duplicates)?;
            }
        }
        Ok(())
    }

    fn remember(&mut self, anchor: usize, node: &Node) -> Result<(), SyntaxError> {
        self.budget = Weight::of(node, self.budget)
            .pay(self.budget)
            .ok_or_else(|| SyntaxError::new(TOO_MANY_COPIES, node.span.clone()))?;
        self.anchors.insert(anchor, node.clone());
        Ok(())
    }

    fn mapping_awaiting_key(&mut self) -> Option<&mut Mapping> {
        match &mut self.open.last_mut()?.content {
            OpenContent::Mapping(mapping) if mapping.key.is_none() => Some(mapping),
            _ => None,
        }
    }
}

const TOO_MANY_COPIES: &str = "aliases multiply the values too far";

/// Only a bare `<<` merges; a quoted one is a key like any other.
fn is_merge(text: &str, style: ScalarStyle, tag: Option<&str>) -> bool {
    text == "<<"
        && match tag {
            None => style == ScalarStyle::Plain,
            Some(tag) => matches!(tag, "!" | "tag:yaml.org,2002:merge"),
        }
}

/// What copying a value costs, and how deep it is.
#[derive(Default)]
struct Weight {
    cost: usize,
    height: usize,
}

impl Weight {
    /// Stops counting beyond `limit`.
    fn of(node: &Node, limit: usize) -> Self {
        let mut weight = Self { cost: 1, height: 0 };
        let mut add = |text: usize, child: Option<&Node>| {
            weight.cost += text / 32;
            if let Some(child) = child
                && weight.cost <= limit
            {
                let inner = Self::of(child, limit - weight.cost);
                weight.cost += inner.cost;
                weight.height = weight.height.max(inner.height + 1);
            }
        };
        match &node.kind {
            Kind::String(text) => add(text.len(), None),
            Kind::Sequence(items) => items.iter().for_each(|item| add(0, Some(item))),
            Kind::Mapping(entries) => entries
                .iter()
                .for_each(|entry| add(entry.key.len(), Some(&entry.value))),
            _ => {}
        }
        weight
    }

    fn pay(&self, budget: usize) -> Option<usize> {
        budget.checked_sub(self.cost)
    }
}
