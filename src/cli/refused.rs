//! What clap says of an argument that it refuses. The argument may be a key that was pasted by mistake.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::source::{escaped, looks_like_a_key};

/// The most characters of an argument that are shown.
const MOST: usize = 24;
const HIDDEN: &str = "<hidden>";

/// The error with no more of a refused argument than its first characters.
pub(super) fn shown(mut error: clap::Error) -> clap::Error {
    let refused = match error.kind() {
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        ErrorKind::InvalidSubcommand => ContextKind::InvalidSubcommand,
        _ => ContextKind::InvalidValue,
    };
    let Some(ContextValue::String(text)) = error.get(refused) else {
        return error;
    };
    let short = shortened(text);
    if short != *text {
        error.insert(refused, ContextValue::String(short));
        // What clap proposes repeats the whole argument.
        for repeating in [ContextKind::Suggested, ContextKind::TrailingArg] {
            error.remove(repeating);
        }
    }
    error
}

fn shortened(text: &str) -> String {
    if looks_like_a_key(text) {
        return HIDDEN.to_owned();
    }
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", escaped(&text[..end])),
        None => escaped(text).into_owned(),
    }
}
