//! A text with a list in it whose items many files share: it is put together only while a file is written.

use std::fmt::{self, Write};
use std::sync::Arc;

use minijinja::value::{Object, Value};

/// Text before a list, the items of the list, and text behind it.
pub(crate) struct Spliced {
    before: String,
    items: Vec<Arc<str>>,
    after: String,
    quoting: Quoting,
}

/// How a [`Spliced`] text stands in its file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quoting {
    /// As it is.
    Plain,
    /// As a JSON string. The items are the inside of such a string already, since they are made once for many files.
    Json,
}

impl Spliced {
    /// A value for a template's context.
    pub(crate) fn value(
        [before, after]: [String; 2],
        items: Vec<Arc<str>>,
        quoting: Quoting,
    ) -> Value {
        Value::from_object(Self {
            before,
            items,
            after,
            quoting,
        })
    }

    /// Writes the whole of it.
    ///
    /// # Errors
    /// If `out` fails.
    pub(super) fn write(&self, out: &mut impl Write) -> fmt::Result {
        match self.quoting {
            Quoting::Plain => {
                out.write_str(&self.before)?;
                self.items.iter().try_for_each(|item| out.write_str(item))?;
                out.write_str(&self.after)
            }
            Quoting::Json => {
                out.write_char('"')?;
                out.write_str(&json_body(&self.before))?;
                self.items.iter().try_for_each(|item| out.write_str(item))?;
                out.write_str(&json_body(&self.after))?;
                out.write_char('"')
            }
        }
    }
}

/// Says nothing of the text, which may hold keys.
impl fmt::Debug for Spliced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spliced").finish_non_exhaustive()
    }
}

impl Object for Spliced {
    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

/// A text as it stands between the quotes of a JSON string.
pub(crate) fn json_body(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}
