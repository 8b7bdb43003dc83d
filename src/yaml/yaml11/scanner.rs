//! From characters to tokens: indentation becomes brackets, and what turns out to be a key gets its mark afterwards.

use std::collections::VecDeque;

use super::cursor::{Cursor, Mark};
use super::message;
use super::token::{Token, TokenKind};
use crate::yaml::stream::SyntaxError;

type Scanned<T> = Result<T, SyntaxError>;

/// A key must end on its line, and within so many characters.
const LONGEST_KEY: usize = 1024;

/// Something that is a key if a `:` follows.
#[derive(Clone, Copy, Default)]
struct SimpleKey {
    is_possible: bool,
    /// Nothing but a key can stand there.
    is_required: bool,
    token: usize,
    mark: Mark,
}

pub(super) struct Scanner<'t> {
    pub(super) cursor: Cursor<'t>,
    tokens: VecDeque<Token>,
    /// How many tokens were taken.
    taken: usize,
    pub(super) flow_level: usize,
    pub(super) indent: isize,
    indents: Vec<isize>,
    /// One for each level of brackets, and one outside.
    keys: Vec<SimpleKey>,
    pub(super) is_key_allowed: bool,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            cursor: Cursor::new(text),
            tokens: VecDeque::new(),
            taken: 0,
            flow_level: 0,
            indent: -1,
            indents: Vec::new(),
            keys: vec![SimpleKey::default()],
            is_key_allowed: true,
        }
    }

    /// The next token, which stays.
    pub(super) fn peek(&mut self) -> Scanned<&Token> {
        while self.tokens.is_empty() || self.may_become_key()? {
            self.fetch()?;
        }
        self.tokens
            .front()
            .ok_or_else(|| SyntaxError::new(message::CONTENT, 0..0))
    }

    /// Takes the token that was looked at.
    pub(super) fn take(&mut self) -> Option<Token> {
        self.taken += 1;
        self.tokens.pop_front()
    }

    /// Whether the next token is a key if a `:` comes, so that more must be read first.
    fn may_become_key(&mut self) -> Scanned<bool> {
        let next = self.taken;
        let key = |key: &SimpleKey| key.is_possible && key.token == next;
        match self.keys.iter().position(key) {
            Some(at) => self.is_valid(at),
            None => Ok(false),
        }
    }

    fn is_valid(&mut self, at: usize) -> Scanned<bool> {
        let key = &mut self.keys[at];
        let now = self.cursor.mark;
        let is_stale = key.mark.line < now.line || key.mark.index + LONGEST_KEY < now.index;
        if key.is_possible && is_stale {
            if key.is_required {
                return Err(SyntaxError::new(message::COLON, key.mark.at..key.mark.at));
            }
            key.is_possible = false;
        }
        Ok(key.is_possible)
    }

    fn key(&mut self) -> &mut SimpleKey {
        if self.keys.is_empty() {
            self.keys.push(SimpleKey::default());
        }
        let last = self.keys.len() - 1;
        &mut self.keys[last]
    }

    fn save_key(&mut self) -> Scanned<()> {
        if !self.is_key_allowed {
            return Ok(());
        }
        self.remove_key()?;
        let mark = self.cursor.mark;
        *self.key() = SimpleKey {
            is_possible: true,
            is_required: self.flow_level == 0 && self.indent == mark.column,
            token: self.taken + self.tokens.len(),
            mark,
        };
        Ok(())
    }

    fn remove_key(&mut self) -> Scanned<()> {
        let key = self.key();
        if key.is_possible && key.is_required {
            return Err(SyntaxError::new(message::COLON, key.mark.at..key.mark.at));
        }
        key.is_possible = false;
        Ok(())
    }

    fn roll_indent(&mut self, column: isize, number: Option<usize>, kind: TokenKind, mark: Mark) {
        if self.flow_level > 0 || self.indent >= column {
            return;
        }
        self.indents.push(self.indent);
        self.indent = column;
        let token = Token::new(kind, mark, mark);
        match number {
            Some(number) => self.insert(number, token),
            None => self.tokens.push_back(token),
        }
    }

    fn insert(&mut self, number: usize, token: Token) {
        let at = number.saturating_sub(self.taken).min(self.tokens.len());
        self.tokens.insert(at, token);
    }

    fn unroll_indent(&mut self, column: isize) {
        while self.flow_level == 0 && self.indent > column {
            let mark = self.cursor.mark;
            self.tokens
                .push_back(Token::new(TokenKind::BlockEnd, mark, mark));
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn error(&self, message: &'static str) -> SyntaxError {
        let at = self.cursor.mark.at;
        SyntaxError::new(message, at..at)
    }

    /// Reads one token, or a few that belong together.
    fn fetch(&mut self) -> Scanned<()> {
        self.skip_to_token();
        self.unroll_indent(self.cursor.mark.column);
        if self.cursor.is_end() {
            return self.end_of_stream();
        }
        let column = self.cursor.mark.column;
        let is_flow = self.flow_level > 0;
        match self.cursor.byte(0) {
            b'%' if column == 0 => self.directive(),
            b'-' if self.cursor.is_document_marker(b"---") => {
                self.document_marker(TokenKind::DocumentStart)
            }
            b'.' if self.cursor.is_document_marker(b"...") => {
                self.document_marker(TokenKind::DocumentEnd)
            }
            b'[' => self.open_flow(TokenKind::FlowSequenceStart),
            b'{' => self.open_flow(TokenKind::FlowMappingStart),
            b']' => self.close_flow(TokenKind::FlowSequenceEnd),
            b'}' => self.close_flow(TokenKind::FlowMappingEnd),
            b',' => self.indicator(TokenKind::FlowEntry, true),
            b'-' if self.cursor.is_gap(1) => self.block_entry(),
            b'?' if is_flow || self.cursor.is_gap(1) => self.explicit_key(),
            b':' if is_flow || self.cursor.is_gap(1) => self.value(),
            b'*' | b'&' => self.anchor(),
            b'!' => {
                self.begin_scalar()?;
                let tag = super::tag::tag(&mut self.cursor)?;
                self.tokens.push_back(tag);
                Ok(())
            }
            b'|' | b'>' if !is_flow => self.block_scalar(),
            quote @ (b'\'' | b'"') => {
                self.begin_scalar()?;
                let scalar = super::flow_scalar::read(&mut self.cursor, quote)?;
                self.tokens.push_back(scalar);
                Ok(())
            }
            _ if self.is_plain() => {
                self.begin_scalar()?;
                let indent = self.indent + 1;
                let (scalar, ends_line) =
                    super::plain_scalar::read(&mut self.cursor, is_flow, indent)?;
                self.tokens.push_back(scalar);
                self.is_key_allowed = ends_line;
                Ok(())
            }
            _ => Err(self.error(message::TOKEN)),
        }
    }

    fn is_plain(&self) -> bool {
        match self.cursor.byte(0) {
            b'-' => !self.cursor.is_blank(1),
            b'?' | b':' => self.flow_level == 0 && !self.cursor.is_gap(1),
            b'#' | b'|' | b'>' | b'%' | b'@' | b'`' => false,
            _ => !self.cursor.is_gap(0),
        }
    }

    /// A tab counts as a blank only where no key can begin.
    fn skip_to_token(&mut self) {
        loop {
            let with_tabs = self.flow_level > 0 || !self.is_key_allowed;
            while self.cursor.byte(0) == b' ' || with_tabs && self.cursor.byte(0) == b'\t' {
                self.cursor.skip();
            }
            self.cursor.skip_comment();
            if !self.cursor.is_break(0) {
                return;
            }
            self.cursor.skip_line();
            if self.flow_level == 0 {
                self.is_key_allowed = true;
            }
        }
    }

    fn end_of_stream(&mut self) -> Scanned<()> {
        if self.cursor.mark.column != 0 {
            self.cursor.mark.column = 0;
            self.cursor.mark.line += 1;
        }
        self.end_block()?;
        let mark = self.cursor.mark;
        self.tokens
            .push_back(Token::new(TokenKind::StreamEnd, mark, mark));
        Ok(())
    }

    fn end_block(&mut self) -> Scanned<()> {
        self.unroll_indent(-1);
        self.remove_key()?;
        self.is_key_allowed = false;
        Ok(())
    }

    fn directive(&mut self) -> Scanned<()> {
        self.end_block()?;
        let token = super::tag::directive(&mut self.cursor)?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn document_marker(&mut self, kind: TokenKind) -> Scanned<()> {
        self.end_block()?;
        let start = self.cursor.mark;
        self.cursor.skip_many(3);
        self.tokens
            .push_back(Token::new(kind, start, self.cursor.mark));
        Ok(())
    }

    /// A token of one character.
    fn push(&mut self, kind: TokenKind) {
        let start = self.cursor.mark;
        self.cursor.skip();
        self.tokens
            .push_back(Token::new(kind, start, self.cursor.mark));
    }

    fn indicator(&mut self, kind: TokenKind, key_may_follow: bool) -> Scanned<()> {
        self.remove_key()?;
        self.is_key_allowed = key_may_follow;
        self.push(kind);
        Ok(())
    }

    fn open_flow(&mut self, kind: TokenKind) -> Scanned<()> {
        self.save_key()?;
        self.keys.push(SimpleKey::default());
        self.flow_level += 1;
        self.is_key_allowed = true;
        self.push(kind);
        Ok(())
    }

    fn close_flow(&mut self, kind: TokenKind) -> Scanned<()> {
        self.remove_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            self.keys.pop();
        }
        self.is_key_allowed = false;
        self.push(kind);
        Ok(())
    }

    fn block_entry(&mut self) -> Scanned<()> {
        if self.flow_level == 0 {
            if !self.is_key_allowed {
                return Err(self.error(message::ENTRY));
            }
            let mark = self.cursor.mark;
            self.roll_indent(mark.column, None, TokenKind::BlockSequenceStart, mark);
        }
        self.indicator(TokenKind::BlockEntry, true)
    }

    fn explicit_key(&mut self) -> Scanned<()> {
        if self.flow_level == 0 {
            if !self.is_key_allowed {
                return Err(self.error(message::KEY));
            }
            let mark = self.cursor.mark;
            self.roll_indent(mark.column, None, TokenKind::BlockMappingStart, mark);
        }
        self.indicator(TokenKind::Key, self.flow_level == 0)
    }

    fn value(&mut self) -> Scanned<()> {
        if self.is_valid(self.keys.len().saturating_sub(1))? {
            let SimpleKey { token, mark, .. } = *self.key();
            self.insert(token, Token::new(TokenKind::Key, mark, mark));
            let start = TokenKind::BlockMappingStart;
            self.roll_indent(mark.column, Some(token), start, mark);
            self.key().is_possible = false;
            self.is_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.is_key_allowed {
                    return Err(self.error(message::VALUE));
                }
                let mark = self.cursor.mark;
                self.roll_indent(mark.column, None, TokenKind::BlockMappingStart, mark);
            }
            self.is_key_allowed = self.flow_level == 0;
        }
        self.push(TokenKind::Value);
        Ok(())
    }

    fn begin_scalar(&mut self) -> Scanned<()> {
        self.save_key()?;
        self.is_key_allowed = false;
        Ok(())
    }

    fn anchor(&mut self) -> Scanned<()> {
        self.begin_scalar()?;
        let start = self.cursor.mark;
        let is_alias = self.cursor.byte(0) == b'*';
        self.cursor.skip();
        let mut name = String::new();
        while self.cursor.is_word() {
            self.cursor.read(&mut name);
        }
        let ends = self.cursor.is_gap(0) || b"?:,]}%@`".contains(&self.cursor.byte(0));
        if name.is_empty() || !ends {
            return Err(SyntaxError::new(
                message::NAME,
                start.at..self.cursor.mark.at,
            ));
        }
        let kind = if is_alias {
            TokenKind::Alias
        } else {
            TokenKind::Anchor
        };
        self.tokens
            .push_back(Token::new(kind(name), start, self.cursor.mark));
        Ok(())
    }

    fn block_scalar(&mut self) -> Scanned<()> {
        self.remove_key()?;
        self.is_key_allowed = true;
        let scalar = super::block_scalar::read(&mut self.cursor, self.indent)?;
        self.tokens.push_back(scalar);
        Ok(())
    }
}
