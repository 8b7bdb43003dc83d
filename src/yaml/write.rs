//! Writing YAML as `sigs.k8s.io/yaml` does, so that KKP finds its own spelling and leaves the block alone.
//!
//! One thing differs on purpose: a string that any common reader would take for something else, or that holds a character
//! which YAML 1.1 and 1.2 treat differently, is always in double quotes.

mod quote;

use serde_json::{Map, Value};

use super::key_order;
use super::number;
use quote::Style;

/// KKP's library breaks lines at the first space behind this column.
const KKP_WIDTH: usize = 80;
/// A longer key is written after `? `.
const LONGEST_SIMPLE_KEY: usize = 128;

/// A value as KKP writes it into `valuesBlock`, long lines folded as there. Ends with a newline.
pub fn write(value: &Value) -> String {
    let mut writer = Writer::folding(KKP_WIDTH);
    writer.value(value, 0);
    writer.finish()
}

/// A value as whole lines, each indented by `indent` spaces, long lines left alone.
pub(crate) fn write_at(value: &Value, indent: usize) -> String {
    let mut writer = Writer::new();
    writer.value(value, indent);
    writer.finish()
}

/// A value in two parts, with room between them for the items of a list that are written apart: the list at `way`, which
/// is in the value. Items go to the column of the list's key. `indent` and `folds` as in [`write_at`] and [`write`].
pub(crate) fn write_around(
    value: &Value,
    indent: usize,
    folds: bool,
    way: &'static [&'static str],
) -> [String; 2] {
    let mut writer = if folds {
        Writer::folding(KKP_WIDTH)
    } else {
        Writer::new()
    };
    writer.way = Some(way);
    writer.value(value, indent);
    let gap = writer.gap.unwrap_or(writer.out.len());
    let after = writer.out.split_off(gap);
    [writer.out, after]
}

/// A string on one line, in quotes if it needs them: for a template that writes the rest itself.
pub(crate) fn scalar(text: &str) -> String {
    let mut writer = Writer::new();
    writer.string(text, Style::of(text, false), 0, false);
    writer.finish()
}

/// Composes YAML from values, entries and items.
#[derive(Debug, Clone, Default)]
pub(crate) struct Writer {
    out: String,
    /// Characters since the last newline.
    column: usize,
    width: Option<usize>,
    /// What is left of the way to a list whose items are written apart.
    way: Option<&'static [&'static str]>,
    /// Where those items go.
    gap: Option<usize>,
}

/// What stands before a value on its line.
#[derive(Clone, Copy, PartialEq)]
enum After {
    /// `key:`, so a collection begins on the next line.
    Key,
    /// `-` or the `:` of a complex key, so a collection begins on this line.
    Indicator,
}

impl Writer {
    /// An empty text; lines are never folded.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// An empty text whose strings are folded at the first space behind `width`.
    pub(crate) fn folding(width: usize) -> Self {
        Self {
            width: Some(width),
            ..Self::default()
        }
    }

    /// The text.
    pub(crate) fn finish(self) -> String {
        self.out
    }

    /// Adds a value as whole lines.
    pub(crate) fn value(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Object(map) if !map.is_empty() => self.mapping(map, indent, false),
            Value::Array(items) if !items.is_empty() => self.sequence(items, indent, false),
            _ => {
                self.pad(indent);
                self.inline(value, indent + 2);
                self.end_line();
            }
        }
    }

    fn mapping(&mut self, map: &Map<String, Value>, indent: usize, mut begun: bool) {
        for key in key_order::sorted(map.keys().map(String::as_str)) {
            if !std::mem::take(&mut begun) {
                self.pad(indent);
            }
            self.bare_entry(key, &map[key], indent);
        }
    }

    fn sequence(&mut self, items: &[Value], indent: usize, mut begun: bool) {
        // The way leads through mappings alone.
        self.way = None;
        for item in items {
            if !std::mem::take(&mut begun) {
                self.pad(indent);
            }
            self.bare_item(item, indent);
        }
    }

    fn bare_entry(&mut self, key: &str, value: &Value, indent: usize) {
        if key.len() <= LONGEST_SIMPLE_KEY && !key.contains('\n') {
            self.string(key, Style::of(key, false), indent, false);
            self.put(":");
            match self.way.take() {
                Some([last]) if *last == key => {
                    self.newline();
                    self.gap = Some(self.out.len());
                }
                Some([first, rest @ ..]) if *first == key => {
                    self.way = Some(rest);
                    self.below(value, indent, After::Key);
                    self.way = None;
                }
                way => {
                    self.below(value, indent, After::Key);
                    self.way = way;
                }
            }
        } else {
            self.put("? ");
            self.string(key, Style::of(key, true), indent + 2, true);
            self.end_line();
            self.pad(indent);
            self.put(":");
            self.below(value, indent, After::Indicator);
        }
    }

    fn bare_item(&mut self, value: &Value, indent: usize) {
        self.put("-");
        self.below(value, indent, After::Indicator);
    }

    fn below(&mut self, value: &Value, indent: usize, after: After) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                self.descend(after);
                self.mapping(map, indent + 2, after == After::Indicator);
            }
            Value::Array(items) if !items.is_empty() => {
                self.descend(after);
                // A list stands as far left as the key that it belongs to.
                let inner = if after == After::Key {
                    indent
                } else {
                    indent + 2
                };
                self.sequence(items, inner, after == After::Indicator);
            }
            _ => {
                self.put(" ");
                self.inline(value, indent + 2);
                self.end_line();
            }
        }
    }

    fn descend(&mut self, after: After) {
        match after {
            After::Key => self.newline(),
            After::Indicator => self.put(" "),
        }
    }

    /// A scalar or an empty collection; further lines go to `indent`.
    fn inline(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Null => self.put("null"),
            Value::Bool(true) => self.put("true"),
            Value::Bool(false) => self.put("false"),
            Value::Number(number) => self.put(&number::to_yaml(number)),
            Value::String(text) => self.string(text, Style::of(text, true), indent, true),
            Value::Array(_) => self.put("[]"),
            Value::Object(_) => self.put("{}"),
        }
    }

    fn string(&mut self, text: &str, style: Style, indent: usize, may_fold: bool) {
        let fold = self.width.filter(|_| may_fold).map(|width| (width, indent));
        match style {
            Style::Plain => self.plain(text, fold),
            Style::Single => self.single(text, fold),
            Style::Double => self.double(text, fold),
            Style::Literal => self.literal(text, indent),
        }
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn put_char(&mut self, character: char) {
        self.out.push(character);
        self.column += 1;
    }

    fn pad(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.column += indent;
    }

    fn newline(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    /// Nothing to do behind a literal block that ended with a newline of its own.
    fn end_line(&mut self) {
        if self.column > 0 {
            self.newline();
        }
    }
}
