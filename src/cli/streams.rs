//! Standard output and standard error.
//!
//! Styled text loses its styles where they are not wanted: on anything but a terminal, or under
//! `NO_COLOR`.

use std::io::{self, Write};

use super::USAGE;
use crate::source::{escaped, redacted};

/// Writes to standard output.
pub(super) fn print(text: &str) -> u8 {
    outcome(write(&mut io::stdout().lock(), text))
}

/// Writes styled text to standard output.
pub(super) fn print_styled(text: &str) -> u8 {
    outcome(write(&mut anstream::stdout().lock(), text))
}

/// Says on standard error why something cannot be done. A fault of standard error itself is ignored.
pub(super) fn complain(text: &str) {
    let text = redacted(text.trim_end());
    let mut stderr = io::stderr().lock();
    for line in text.split('\n') {
        let _ = writeln!(stderr, "{}", escaped(line));
    }
}

/// Writes styled text to standard error.
pub(super) fn complain_styled(text: &str) {
    let _ = write(&mut anstream::stderr().lock(), text);
}

fn write(stream: &mut impl Write, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

/// A reader that has gone away is no fault.
fn outcome(result: io::Result<()>) -> u8 {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("cannot write the output: {error}"));
            USAGE
        }
        _ => 0,
    }
}
