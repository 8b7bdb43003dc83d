//! From tokens to the tree. Nesting is bounded by the tree, which refuses what is too deep before this goes further down.

use std::collections::HashMap;
use std::ops::Range;

use super::message;
use super::scanner::Scanner;
use super::token::TokenKind as T;
use crate::yaml::stream::SyntaxError;
use crate::yaml::style::ScalarStyle;
use crate::yaml::tree::{Scalar, Tree};

type Read<T> = Result<T, SyntaxError>;

pub(super) struct DocumentReader<'t, 'r> {
    text: &'t str,
    scanner: Scanner<'t>,
    tree: &'r mut Tree,
    anchors: HashMap<String, usize>,
    /// Anchors are numbered through the whole stream, beginning with one.
    last_anchor: usize,
    tag_prefixes: Vec<(String, String)>,
}

/// Where a node may stand.
#[derive(Clone, Copy, PartialEq)]
enum NodeContext {
    Flow,
    Block,
    /// Below a key, where a list needs no indentation of its own.
    BelowKey,
}

/// What stands before a value.
#[derive(Default)]
struct Properties {
    anchor: usize,
    tag: Option<String>,
    has_any: bool,
}

impl<'t, 'r> DocumentReader<'t, 'r> {
    pub(super) fn new(text: &'t str, tree: &'r mut Tree) -> Self {
        Self {
            text,
            scanner: Scanner::new(text),
            tree,
            anchors: HashMap::new(),
            last_anchor: 0,
            tag_prefixes: Vec::new(),
        }
    }

    fn kind(&mut self) -> Read<&T> {
        self.scanner.peek().map(|token| &token.kind)
    }

    fn is(&mut self, kind: &T) -> Read<bool> {
        Ok(self.kind()? == kind)
    }

    fn is_any(&mut self, kinds: &[T]) -> Read<bool> {
        self.kind().map(|kind| kinds.contains(kind))
    }

    fn span(&mut self) -> Read<Range<usize>> {
        self.scanner.peek().map(|token| token.span.clone())
    }

    /// Takes the next token; gives its bytes.
    fn take(&mut self) -> Read<Range<usize>> {
        let span = self.span()?;
        self.scanner.take();
        Ok(span)
    }

    fn refuse<X>(&mut self, message: &'static str) -> Read<X> {
        let at = self.span()?.start;
        Err(SyntaxError::new(message, at..at))
    }

    pub(super) fn stream(mut self) -> Read<()> {
        let mut is_first = true;
        loop {
            if !is_first {
                while self.is(&T::DocumentEnd)? {
                    self.take()?;
                }
            }
            if self.is(&T::StreamEnd)? {
                return Ok(());
            }
            self.document(is_first)?;
            is_first = false;
        }
    }

    fn document(&mut self, is_first: bool) -> Read<()> {
        let is_bare = is_first
            && !matches!(
                self.kind()?,
                T::Version(..) | T::TagDirective { .. } | T::DocumentStart
            );
        self.directives()?;
        self.anchors.clear();
        self.tree.start_document();
        if is_bare {
            self.node(NodeContext::Block)?;
        } else {
            if !self.is(&T::DocumentStart)? {
                return self.refuse(message::START);
            }
            let after = self.take()?.end;
            if matches!(
                self.kind()?,
                T::Version(..)
                    | T::TagDirective { .. }
                    | T::DocumentStart
                    | T::DocumentEnd
                    | T::StreamEnd
            ) {
                self.absent(after)?;
            } else {
                self.node(NodeContext::Block)?;
            }
        }
        if self.is(&T::DocumentEnd)? {
            self.take()?;
        }
        self.tag_prefixes.clear();
        Ok(())
    }

    fn directives(&mut self) -> Read<()> {
        let mut has_version = false;
        loop {
            match self.kind()?.clone() {
                T::Version(1, 1) if !has_version => has_version = true,
                T::Version(..) => return self.refuse(message::VERSION),
                T::TagDirective { handle, prefix } => {
                    if self.tag_prefixes.iter().any(|(known, _)| *known == handle) {
                        return self.refuse(message::DIRECTIVE);
                    }
                    self.tag_prefixes.push((handle, prefix));
                }
                _ => break,
            }
            self.take()?;
        }
        for (handle, prefix) in [("!", "!"), ("!!", "tag:yaml.org,2002:")] {
            if !self.tag_prefixes.iter().any(|(known, _)| known == handle) {
                self.tag_prefixes
                    .push((handle.to_owned(), prefix.to_owned()));
            }
        }
        Ok(())
    }

    /// A value that is not written, at `at`.
    fn absent(&mut self, at: usize) -> Read<()> {
        self.scalar("", ScalarStyle::Plain, Properties::default(), at..at)
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        properties: Properties,
        span: Range<usize>,
    ) -> Read<()> {
        let span = match style {
            // A block runs up to the next token; a finding should end with its last line.
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let block = self.text.get(span.clone()).unwrap_or_default();
                span.start..span.start + block.trim_end().len()
            }
            _ => span,
        };
        self.tree.scalar(Scalar {
            text,
            style,
            tag: properties.tag.as_deref(),
            anchor: properties.anchor,
            span,
        })
    }

    fn properties(&mut self) -> Read<Properties> {
        let mut properties = Properties::default();
        let (mut has_anchor, mut has_tag) = (false, false);
        loop {
            match self.kind()?.clone() {
                T::Anchor(name) if !has_anchor => {
                    has_anchor = true;
                    self.last_anchor += 1;
                    properties.anchor = self.last_anchor;
                    self.anchors.insert(name, self.last_anchor);
                }
                T::Tag { handle, suffix } if !has_tag => {
                    has_tag = true;
                    properties.tag = Some(self.tag(&handle, suffix)?).filter(|tag| !tag.is_empty());
                }
                _ => break,
            }
            self.take()?;
        }
        properties.has_any = has_anchor || properties.tag.is_some();
        Ok(properties)
    }

    fn tag(&mut self, handle: &str, suffix: String) -> Read<String> {
        if handle.is_empty() {
            return Ok(suffix);
        }
        let mut known = self.tag_prefixes.iter();
        match known.find(|(known, _)| known == handle) {
            Some((_, prefix)) => Ok(format!("{prefix}{suffix}")),
            None => self.refuse(message::HANDLE),
        }
    }

    fn node(&mut self, context: NodeContext) -> Read<()> {
        if let T::Alias(name) = self.kind()? {
            let name = name.clone();
            let id = self.anchors.get(&name).copied();
            let span = self.take()?;
            let id = id.ok_or_else(|| SyntaxError::new(message::ANCHOR, span.clone()))?;
            return self.tree.alias(id, span);
        }
        let properties = self.properties()?;
        let anchor = properties.anchor;
        let start = self.span()?;
        let is_block = context != NodeContext::Flow;
        match self.kind()?.clone() {
            T::BlockEntry if context == NodeContext::BelowKey => {
                self.tree.open_sequence(anchor, start.start..start.start)?;
                self.unindented_sequence()
            }
            T::Scalar { text, style } => {
                self.take()?;
                self.scalar(&text, style, properties, start)
            }
            T::FlowSequenceStart => {
                self.tree.open_sequence(anchor, start)?;
                self.flow_sequence()
            }
            T::FlowMappingStart => {
                self.tree.open_mapping(anchor, start)?;
                self.flow_mapping()
            }
            T::BlockSequenceStart if is_block => {
                self.tree.open_sequence(anchor, start)?;
                self.block_sequence()
            }
            T::BlockMappingStart if is_block => {
                self.tree.open_mapping(anchor, start)?;
                self.block_mapping()
            }
            _ if properties.has_any => {
                let at = start.start;
                self.scalar("", ScalarStyle::Plain, properties, at..at)
            }
            _ => self.refuse(message::CONTENT),
        }
    }

    /// A node, or nothing where one of `ends` comes.
    fn node_unless(&mut self, ends: &[T], context: NodeContext, at: usize) -> Read<()> {
        if self.is_any(ends)? {
            return self.absent(at);
        }
        self.node(context)
    }

    fn block_sequence(&mut self) -> Read<()> {
        self.take()?;
        while self.is(&T::BlockEntry)? {
            let after = self.take()?.end;
            self.node_unless(&[T::BlockEntry, T::BlockEnd], NodeContext::Block, after)?;
        }
        if !self.is(&T::BlockEnd)? {
            return self.refuse(message::DASH);
        }
        self.close()
    }

    /// Ends a collection at the token that closes it.
    fn close(&mut self) -> Read<()> {
        let span = self.take()?;
        self.tree.close(span)
    }

    fn unindented_sequence(&mut self) -> Read<()> {
        while self.is(&T::BlockEntry)? {
            let after = self.take()?.end;
            let ends = [T::BlockEntry, T::Key, T::Value, T::BlockEnd];
            self.node_unless(&ends, NodeContext::Block, after)?;
        }
        let at = self.span()?.start;
        self.tree.close(at..at)
    }

    fn block_mapping(&mut self) -> Read<()> {
        self.take()?;
        let ends = [T::Key, T::Value, T::BlockEnd];
        while self.is(&T::Key)? {
            let after = self.take()?.end;
            self.node_unless(&ends, NodeContext::BelowKey, after)?;
            if self.is(&T::Value)? {
                let after = self.take()?.end;
                self.node_unless(&ends, NodeContext::BelowKey, after)?;
            } else {
                let at = self.span()?.start;
                self.absent(at)?;
            }
        }
        if !self.is(&T::BlockEnd)? {
            return self.refuse(message::BLOCK_KEY);
        }
        self.close()
    }

    fn flow_sequence(&mut self) -> Read<()> {
        self.take()?;
        let mut is_first = true;
        while !self.is(&T::FlowSequenceEnd)? {
            if !is_first {
                if !self.is(&T::FlowEntry)? {
                    return self.refuse(message::BRACKET);
                }
                self.take()?;
            }
            is_first = false;
            if self.is(&T::Key)? {
                self.flow_pair()?;
            } else if !self.is(&T::FlowSequenceEnd)? {
                self.node(NodeContext::Flow)?;
            }
        }
        self.close()
    }

    /// A mapping of one entry in a list, without braces. A key that is not written swallows the next token, there too.
    fn flow_pair(&mut self) -> Read<()> {
        let start = self.take()?;
        self.tree.open_mapping(0, start)?;
        if self.is_any(&[T::Value, T::FlowEntry, T::FlowSequenceEnd])? {
            let after = self.take()?.end;
            self.absent(after)?;
        } else {
            self.node(NodeContext::Flow)?;
        }
        if self.is(&T::Value)? {
            self.take()?;
            let at = self.span()?.start;
            self.node_unless(&[T::FlowEntry, T::FlowSequenceEnd], NodeContext::Flow, at)?;
        } else {
            let at = self.span()?.start;
            self.absent(at)?;
        }
        let at = self.span()?.start;
        self.tree.close(at..at)
    }

    fn flow_mapping(&mut self) -> Read<()> {
        self.take()?;
        let mut is_first = true;
        let ends = [T::FlowEntry, T::FlowMappingEnd];
        while !self.is(&T::FlowMappingEnd)? {
            if !is_first {
                if !self.is(&T::FlowEntry)? {
                    return self.refuse(message::BRACE);
                }
                self.take()?;
            }
            is_first = false;
            if self.is(&T::Key)? {
                self.take()?;
                let at = self.span()?.start;
                let before_value = [T::Value, T::FlowEntry, T::FlowMappingEnd];
                self.node_unless(&before_value, NodeContext::Flow, at)?;
                if self.is(&T::Value)? {
                    self.take()?;
                    let at = self.span()?.start;
                    self.node_unless(&ends, NodeContext::Flow, at)?;
                } else {
                    let at = self.span()?.start;
                    self.absent(at)?;
                }
            } else if !self.is(&T::FlowMappingEnd)? {
                self.node(NodeContext::Flow)?;
                let at = self.span()?.start;
                self.absent(at)?;
            }
        }
        self.close()
    }
}
