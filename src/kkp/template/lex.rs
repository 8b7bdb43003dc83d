//! From text to tokens, as text/template splits it.

use super::literal::{self, Literal};
use super::number::{Number, scan};
use super::{Analysis, Stop};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TemplateToken {
    Text(String),
    Open,
    Close,
    Space,
    Assign,
    Declare,
    Pipe,
    Comma,
    LeftParen,
    RightParen,
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    Str(String),
    Field(String),
    Variable(String),
    Word(String),
}

/// Words that are no names of functions.
pub(super) const KEYWORDS: [&str; 10] = [
    "break", "continue", "else", "end", "if", "range", "template", "with", "define", "block",
];

const UNCLOSED: Stop = Stop::Fails("a template in it is not closed");
const CHARACTER: Stop = Stop::Fails("a character cannot stand where it does in a template");

pub(super) fn has_angle(tokens: &[TemplateToken]) -> bool {
    let mut tokens = tokens.iter();
    tokens.any(|token| matches!(token, TemplateToken::Text(text) if text.contains('<')))
}

pub(super) fn tokens(text: &str) -> Analysis<Vec<TemplateToken>> {
    let mut lexer = Lexer {
        rest: text,
        out: Vec::new(),
        depth: 0,
    };
    while let Some(at) = lexer.rest.find("{{") {
        let (before, action) = lexer.rest.split_at(at);
        let action = &action[2..];
        let trims = action.starts_with('-') && action[1..].starts_with(is_space);
        let before = if trims {
            before.trim_end_matches(is_space)
        } else {
            before
        };
        lexer.text(before);
        let comment = if trims { &action[2..] } else { action };
        if let Some(comment) = comment.strip_prefix("/*") {
            let end = comment.find("*/").ok_or(UNCLOSED)?;
            lexer.rest = &comment[end + 2..];
            if !lexer.close() {
                return Err(Stop::Fails(
                    "a comment must end right before the braces close",
                ));
            }
        } else {
            lexer.out.push(TemplateToken::Open);
            lexer.rest = if trims { &action[1..] } else { action };
            lexer.action()?;
        }
    }
    let rest = lexer.rest;
    lexer.text(rest);
    Ok(lexer.out)
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

struct Lexer<'t> {
    rest: &'t str,
    out: Vec<TemplateToken>,
    depth: usize,
}

impl Lexer<'_> {
    fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.out.push(TemplateToken::Text(text.to_owned()));
        }
    }

    /// Passes the closing braces, if they are next.
    fn close(&mut self) -> bool {
        if let Some(rest) = self.rest.strip_prefix("}}") {
            self.rest = rest;
            return true;
        }
        let trimmed = self
            .rest
            .strip_prefix(is_space)
            .and_then(|rest| rest.strip_prefix("-}}"));
        if let Some(rest) = trimmed {
            self.rest = rest.trim_start_matches(is_space);
        }
        trimmed.is_some()
    }

    fn next(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn pass(&mut self, bytes: usize, token: TemplateToken) {
        self.rest = &self.rest[bytes..];
        self.out.push(token);
    }

    fn action(&mut self) -> Analysis<()> {
        self.depth = 0;
        loop {
            let is_closed = self.close();
            if is_closed && self.depth > 0 {
                return Err(Stop::Fails("a parenthesis in a template is not closed"));
            }
            if is_closed {
                self.out.push(TemplateToken::Close);
                return Ok(());
            }
            self.token()?;
        }
    }

    fn token(&mut self) -> Analysis<()> {
        let first = self.next().ok_or(UNCLOSED)?;
        match first {
            c if is_space(c) => {
                self.spaces();
                Ok(())
            }
            '=' => self.one(TemplateToken::Assign),
            ':' if self.rest.starts_with(":=") => {
                self.pass(2, TemplateToken::Declare);
                Ok(())
            }
            '|' => self.one(TemplateToken::Pipe),
            ',' => self.one(TemplateToken::Comma),
            '(' => {
                self.depth += 1;
                self.one(TemplateToken::LeftParen)
            }
            ')' if self.depth > 0 => {
                self.depth -= 1;
                self.one(TemplateToken::RightParen)
            }
            '"' | '\'' | '`' => {
                let (length, literal) = literal::read(self.rest)?;
                let token = match literal {
                    Literal::Text(text) => TemplateToken::Str(text),
                    Literal::Character(number) => TemplateToken::Number(Number::Int(number)),
                };
                self.pass(length, token);
                Ok(())
            }
            '$' => self.named(TemplateToken::Variable),
            '.' if !self.rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                self.named(|name| match name.as_str() {
                    "." => TemplateToken::Dot,
                    _ => TemplateToken::Field(name[1..].to_owned()),
                })
            }
            '.' | '+' | '-' | '0'..='9' => {
                let (length, number) = scan(self.rest)?;
                self.pass(length, TemplateToken::Number(number));
                Ok(())
            }
            c if is_letter(c) => self.named(word),
            _ => Err(CHARACTER),
        }
    }

    fn one(&mut self, token: TemplateToken) -> Analysis<()> {
        self.pass(1, token);
        Ok(())
    }

    /// The last space before `-}}` belongs to the braces.
    fn spaces(&mut self) {
        let count = self.rest.len() - self.rest.trim_start_matches(is_space).len();
        let taken = if self.rest[count..].starts_with("-}}") {
            count - 1
        } else {
            count
        };
        if taken > 0 {
            self.pass(taken, TemplateToken::Space);
        }
    }

    /// One character and the letters behind it, which something must end.
    fn named(&mut self, token: impl Fn(String) -> TemplateToken) -> Analysis<()> {
        let mut chars = self.rest.chars();
        let first = chars.next().map_or(0, char::len_utf8);
        let length = first
            + self.rest[first..]
                .find(|c| !is_letter(c))
                .unwrap_or(self.rest.len() - first);
        let (name, rest) = self.rest.split_at(length);
        let ends = rest.is_empty()
            || rest.starts_with(|c| is_space(c) || ".,|:)(".contains(c))
            || rest.starts_with("}}");
        if !ends {
            return Err(CHARACTER);
        }
        self.out.push(token(name.to_owned()));
        self.rest = rest;
        Ok(())
    }
}

fn is_letter(c: char) -> bool {
    c == '_' || c.is_alphabetic() || c.is_numeric()
}

fn word(name: String) -> TemplateToken {
    match name.as_str() {
        "true" => TemplateToken::Bool(true),
        "false" => TemplateToken::Bool(false),
        "nil" => TemplateToken::Nil,
        _ => TemplateToken::Word(name),
    }
}
