//! From tokens to nodes.

use super::lex::{KEYWORDS, TemplateToken};
use super::number::Number;
use super::{Analysis, Stop, names};

#[derive(Debug, Clone)]
pub(super) enum TemplateNode {
    Text(String),
    Action(Pipeline),
    If(Branch),
    With(Branch),
    Range(Branch),
    Break,
    Continue,
}

#[derive(Debug, Clone)]
pub(super) struct Branch {
    pub(super) pipeline: Pipeline,
    pub(super) then: Vec<TemplateNode>,
    pub(super) otherwise: Vec<TemplateNode>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Pipeline {
    /// The variables that it sets.
    pub(super) variables: Vec<String>,
    /// Whether these are there already.
    pub(super) assigns: bool,
    pub(super) commands: Vec<Vec<Operand>>,
}

#[derive(Debug, Clone)]
pub(super) enum Operand {
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    Str(String),
    Field(Vec<String>),
    Variable(String, Vec<String>),
    Function(String),
    Chain(Box<Operand>, Vec<String>),
    Pipeline(Pipeline),
}

/// How a list of nodes ends.
#[derive(PartialEq)]
enum BlockEnd {
    Text,
    Closed,
    Else,
}

#[derive(Clone, Copy, PartialEq)]
enum BlockKind {
    If,
    With,
    Range,
}

const DEEPEST: usize = 40;
const UNEXPECTED: Stop = Stop::Fails("something in a template stands where it cannot");

pub(super) fn template(tokens: Vec<TemplateToken>) -> Analysis<Vec<TemplateNode>> {
    let mut parser = Parser {
        tokens,
        at: 0,
        variables: vec!["$".to_owned()],
        ranges: 0,
        depth: 0,
    };
    match parser.list()? {
        (nodes, BlockEnd::Text) => Ok(nodes),
        _ => Err(Stop::Fails(
            "`end` or `else` stands without an `if`, `with` or `range`",
        )),
    }
}

struct Parser {
    tokens: Vec<TemplateToken>,
    at: usize,
    /// Those that are in scope.
    variables: Vec<String>,
    ranges: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&TemplateToken> {
        self.tokens.get(self.at)
    }

    fn skip_space(&mut self) {
        while self.peek() == Some(&TemplateToken::Space) {
            self.at += 1;
        }
    }

    fn peek_beyond_space(&mut self) -> Option<&TemplateToken> {
        self.skip_space();
        self.peek()
    }

    fn next(&mut self) -> Option<TemplateToken> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn expect_close(&mut self) -> Analysis<()> {
        self.skip_space();
        match self.next() {
            Some(TemplateToken::Close) => Ok(()),
            _ => Err(UNEXPECTED),
        }
    }

    fn list(&mut self) -> Analysis<(Vec<TemplateNode>, BlockEnd)> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Stop::Undecided("templates in it are nested deeply"));
        }
        let mut nodes = Vec::new();
        let end = loop {
            match self.next() {
                None => break BlockEnd::Text,
                Some(TemplateToken::Text(text)) => nodes.push(TemplateNode::Text(text)),
                Some(TemplateToken::Open) => match self.action()? {
                    Ok(node) => nodes.push(node),
                    Err(end) => break end,
                },
                Some(_) => return Err(UNEXPECTED),
            }
        };
        self.depth -= 1;
        Ok((nodes, end))
    }

    fn action(&mut self) -> Analysis<Result<TemplateNode, BlockEnd>> {
        let keyword = match self.peek_beyond_space() {
            Some(TemplateToken::Word(word)) if KEYWORDS.contains(&word.as_str()) => word.clone(),
            _ => return self.command_action().map(Ok),
        };
        self.at += 1;
        match keyword.as_str() {
            "if" => self
                .control(BlockKind::If)
                .map(|branch| Ok(TemplateNode::If(branch))),
            "with" => self
                .control(BlockKind::With)
                .map(|branch| Ok(TemplateNode::With(branch))),
            "range" => self
                .control(BlockKind::Range)
                .map(|branch| Ok(TemplateNode::Range(branch))),
            "end" => self.expect_close().map(|()| Err(BlockEnd::Closed)),
            "else" => {
                // `else if` and `else with` are told apart by whoever began the branch.
                if !self.is_word("if") && !self.is_word("with") {
                    self.expect_close()?;
                }
                Ok(Err(BlockEnd::Else))
            }
            "break" | "continue" => {
                self.expect_close()?;
                if self.ranges == 0 {
                    return Err(Stop::Fails(
                        "`break` or `continue` stands outside of a `range`",
                    ));
                }
                Ok(Ok(if keyword == "break" {
                    TemplateNode::Break
                } else {
                    TemplateNode::Continue
                }))
            }
            _ => Err(Stop::Undecided("it defines or calls templates by name")),
        }
    }

    fn is_word(&mut self, word: &str) -> bool {
        matches!(self.peek_beyond_space(), Some(TemplateToken::Word(is)) if is == word)
    }

    fn command_action(&mut self) -> Analysis<TemplateNode> {
        let pipeline = self.pipeline(false, &TemplateToken::Close)?;
        check_escapers(&pipeline)?;
        Ok(TemplateNode::Action(pipeline))
    }

    fn control(&mut self, kind: BlockKind) -> Analysis<Branch> {
        let scope = self.variables.len();
        let pipeline = self.pipeline(kind == BlockKind::Range, &TemplateToken::Close)?;
        self.ranges += usize::from(kind == BlockKind::Range);
        let (then, end) = self.list()?;
        self.ranges -= usize::from(kind == BlockKind::Range);
        let otherwise = match end {
            BlockEnd::Text => {
                return Err(Stop::Fails("an `if`, `with` or `range` in it has no `end`"));
            }
            BlockEnd::Closed => Vec::new(),
            BlockEnd::Else => self.otherwise(kind)?,
        };
        self.variables.truncate(scope);
        Ok(Branch {
            pipeline,
            then,
            otherwise,
        })
    }

    fn otherwise(&mut self, kind: BlockKind) -> Analysis<Vec<TemplateNode>> {
        if kind == BlockKind::If && self.is_word("if") {
            self.at += 1;
            return Ok(vec![TemplateNode::If(self.control(kind)?)]);
        }
        if kind == BlockKind::With && self.is_word("with") {
            self.at += 1;
            return Ok(vec![TemplateNode::With(self.control(kind)?)]);
        }
        match self.list()? {
            (nodes, BlockEnd::Closed) => Ok(nodes),
            _ => Err(Stop::Fails("an `else` in it has no `end`")),
        }
    }

    fn pipeline(&mut self, is_range: bool, end: &TemplateToken) -> Analysis<Pipeline> {
        let mut pipeline = Pipeline::default();
        self.declarations(is_range, &mut pipeline)?;
        if end == &TemplateToken::RightParen && !pipeline.variables.is_empty() {
            return Err(Stop::Undecided("it sets a variable inside parentheses"));
        }
        loop {
            match self.peek_beyond_space() {
                Some(token) if token == end => {
                    self.at += 1;
                    break;
                }
                Some(token) if begins_operand(token) => {
                    let command = self.command()?;
                    pipeline.commands.push(command);
                }
                _ => return Err(UNEXPECTED),
            }
        }
        let Some((_, later)) = pipeline.commands.split_first() else {
            return Err(Stop::Fails("a template in it is empty"));
        };
        let is_constant = |command: &Vec<Operand>| {
            use Operand as O;
            matches!(
                command.first(),
                Some(O::Bool(_) | O::Dot | O::Nil | O::Number(_) | O::Str(_))
            )
        };
        if later.iter().any(is_constant) {
            return Err(Stop::Fails(
                "something that is no function stands behind a `|`",
            ));
        }
        Ok(pipeline)
    }

    fn declarations(&mut self, is_range: bool, pipeline: &mut Pipeline) -> Analysis<()> {
        while let Some(TemplateToken::Variable(name)) = self.peek_beyond_space() {
            let (name, start) = (name.clone(), self.at);
            self.at += 1;
            match self.peek_beyond_space() {
                Some(token @ (TemplateToken::Assign | TemplateToken::Declare)) => {
                    pipeline.assigns = token == &TemplateToken::Assign;
                    self.at += 1;
                    self.declare(name, pipeline);
                    return Ok(());
                }
                Some(TemplateToken::Comma) if is_range && pipeline.variables.is_empty() => {
                    self.at += 1;
                    self.declare(name, pipeline);
                    if !matches!(self.peek_beyond_space(), Some(TemplateToken::Variable(_))) {
                        return Err(UNEXPECTED);
                    }
                }
                Some(TemplateToken::Comma) => return Err(UNEXPECTED),
                _ => {
                    self.at = start;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn declare(&mut self, name: String, pipeline: &mut Pipeline) {
        self.variables.push(name.clone());
        pipeline.variables.push(name);
    }

    fn command(&mut self) -> Analysis<Vec<Operand>> {
        let mut operands = Vec::new();
        loop {
            self.skip_space();
            operands.extend(self.operand()?);
            match self.peek() {
                Some(TemplateToken::Space) => self.at += 1,
                Some(TemplateToken::Close | TemplateToken::RightParen) => break,
                Some(TemplateToken::Pipe) => {
                    self.at += 1;
                    break;
                }
                _ => return Err(UNEXPECTED),
            }
        }
        match operands.is_empty() {
            true => Err(UNEXPECTED),
            false => Ok(operands),
        }
    }

    fn operand(&mut self) -> Analysis<Option<Operand>> {
        let Some(term) = self.term()? else {
            return Ok(None);
        };
        let mut fields = Vec::new();
        while let Some(TemplateToken::Field(name)) = self.peek() {
            fields.push(name.clone());
            self.at += 1;
        }
        if fields.is_empty() {
            return Ok(Some(term));
        }
        Ok(Some(match term {
            Operand::Field(mut names) => {
                names.extend(fields);
                Operand::Field(names)
            }
            Operand::Variable(name, mut names) => {
                names.extend(fields);
                Operand::Variable(name, names)
            }
            Operand::Function(_) | Operand::Pipeline(_) => Operand::Chain(Box::new(term), fields),
            _ => return Err(Stop::Fails("a constant in a template has no fields")),
        }))
    }

    fn term(&mut self) -> Analysis<Option<Operand>> {
        let Some(token) = self.peek().filter(|token| begins_operand(token)) else {
            return Ok(None);
        };
        let operand = match token.clone() {
            TemplateToken::Dot => Operand::Dot,
            TemplateToken::Nil => Operand::Nil,
            TemplateToken::Bool(value) => Operand::Bool(value),
            TemplateToken::Number(number) => Operand::Number(number),
            TemplateToken::Str(text) => Operand::Str(text),
            TemplateToken::Field(name) => Operand::Field(vec![name]),
            TemplateToken::Variable(name) if self.variables.contains(&name) => {
                Operand::Variable(name, Vec::new())
            }
            TemplateToken::Variable(_) => {
                return Err(Stop::Fails("a variable in a template is not set"));
            }
            TemplateToken::Word(name) if names::is_function(&name) => Operand::Function(name),
            TemplateToken::Word(_) => {
                return Err(Stop::Fails(
                    "it calls a function that KKP's templates do not have",
                ));
            }
            TemplateToken::LeftParen => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(Stop::Undecided("templates in it are nested deeply"));
                }
                self.at += 1;
                let inner = self.pipeline(false, &TemplateToken::RightParen)?;
                self.depth -= 1;
                return Ok(Some(Operand::Pipeline(inner)));
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(operand))
    }
}

fn begins_operand(token: &TemplateToken) -> bool {
    match token {
        TemplateToken::Word(word) => !KEYWORDS.contains(&word.as_str()),
        TemplateToken::Dot
        | TemplateToken::Nil
        | TemplateToken::Bool(_)
        | TemplateToken::Number(_)
        | TemplateToken::Str(_)
        | TemplateToken::Field(_)
        | TemplateToken::Variable(_)
        | TemplateToken::LeftParen => true,
        _ => false,
    }
}

/// html/template escapes what comes out. Two functions do so by themselves, and may only at the end.
fn check_escapers(pipeline: &Pipeline) -> Analysis<()> {
    let commands = &pipeline.commands;
    let early = &commands[..commands.len().saturating_sub(1)];
    let escapes = |command: &Vec<Operand>| matches!(command.first(), Some(Operand::Function(name)) if matches!(name.as_str(), "html" | "urlquery"));
    if pipeline.variables.is_empty() && early.iter().any(escapes) {
        return Err(Stop::Fails(
            "`html` or `urlquery` is not the last step in a template",
        ));
    }
    Ok(())
}
