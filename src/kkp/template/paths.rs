//! The ways through a template that differ by what is not known.

use super::data::{AbstractValue, Item, Sure};

/// The ways through what is not known, one after another.
#[derive(Default)]
pub(super) struct Paths {
    /// What was chosen, and among how many.
    choices: Vec<(usize, usize)>,
    at: usize,
}

impl Paths {
    pub(super) fn choose(&mut self, among: usize) -> usize {
        if self.at == self.choices.len() {
            self.choices.push((0, among));
        }
        let (chosen, _) = self.choices[self.at];
        self.at += 1;
        chosen
    }

    /// Goes on to the next way; false after the last.
    pub(super) fn advance(&mut self) -> bool {
        self.choices.truncate(self.at);
        self.at = 0;
        while let Some((chosen, among)) = self.choices.pop() {
            if chosen + 1 < among {
                self.choices.push((chosen + 1, among));
                return true;
            }
        }
        false
    }

    /// Goes both ways where it is not known.
    pub(super) fn truth(&mut self, item: &Item) -> bool {
        let known = match &item.value {
            AbstractValue::Missing => Some(false),
            AbstractValue::Fields(_) => Some(true),
            AbstractValue::Map(_) => None,
            _ if item.sure == Sure::NotEmpty => Some(true),
            _ if !item.is_sure() => None,
            AbstractValue::Bool(value) => Some(*value),
            AbstractValue::Int(value) => Some(*value != 0),
            AbstractValue::Float(value) => Some(*value != 0.0),
            AbstractValue::Str(text) => Some(!text.is_empty()),
        };
        known.unwrap_or_else(|| self.either())
    }

    pub(super) fn either(&mut self) -> bool {
        self.choose(2) == 0
    }
}
