//! Opening a file that the user names: a regular file of a bounded size, and nothing else.

use std::fs::{self, File, FileType, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// The most bytes that an input file may have: 64 MiB.
pub(crate) const LIMIT: u64 = 64 << 20;

/// The file name that stands for standard input, for a mesh file alone.
pub(crate) const STANDARD_INPUT: &str = "-";

/// The bytes of a regular file.
///
/// A FIFO could wait for ever and a device has no end, so neither is opened.
///
/// # Errors
/// If it cannot be read, is no regular file, or has more than [`LIMIT`] bytes.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    // Opening a FIFO blocks, so the first look is at the path; the second is at what was opened.
    regular(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    let found = file.metadata()?;
    regular(&found)?;
    let expected = usize::try_from(found.len().min(LIMIT)).unwrap_or_default();
    bounded(file, expected)
}

/// The bytes of standard input, up to [`LIMIT`].
///
/// # Errors
/// If it cannot be read or has more bytes.
pub(crate) fn read_standard_input() -> io::Result<Vec<u8>> {
    bounded(io::stdin().lock(), 0)
}

/// Why a file could not be read, in a few words without the system's error number.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it is not there".to_owned(),
        io::ErrorKind::PermissionDenied => "reading it is not permitted".to_owned(),
        // Errors of this module.
        _ if error.get_ref().is_some() => error.to_string(),
        kind => kind.to_string(),
    }
}

/// `/proc` gives files that say a size of 0, so what counts is what comes out.
fn bounded(source: impl Read, expected: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(expected);
    source.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        let message = "it is larger than 64 MiB, the most that an input may have";
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

fn regular(found: &Metadata) -> io::Result<()> {
    if found.is_file() {
        return Ok(());
    }
    let kind = kind(found.file_type());
    let message = format!("it is {kind}, and only a regular file is read");
    Err(io::Error::new(io::ErrorKind::InvalidInput, message))
}

fn kind(found: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if found.is_dir() {
        "a folder"
    } else if found.is_fifo() {
        "a FIFO"
    } else if found.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_up_to_the_limit_are_read() {
        let folder = tempfile::tempdir().expect("folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("small"), "text").expect("write");
        let large = File::create(path("large")).expect("create");
        large.set_len(LIMIT + 1).expect("length");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            path("fifo"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .expect("fifo");
        assert_eq!(read(&path("small")).expect("read"), b"text");
        let refused = |path: &Path| reason(&read(path).expect_err("no file"));
        assert_eq!(refused(&path("none")), "it is not there");
        assert!(refused(&path("large")).starts_with("it is larger than 64 MiB"));
        assert!(refused(&path("fifo")).starts_with("it is a FIFO"));
        assert!(refused(folder.path()).starts_with("it is a folder"));
        assert!(refused(Path::new("/dev/zero")).starts_with("it is a device"));
    }
}
