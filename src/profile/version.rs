//! Versions as people write them: `1.18.10`, `2.30`, an optional leading `v`.

use std::fmt;

/// A released version: three numbers. Ordering is by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Major number.
    pub major: u16,
    /// Minor number.
    pub minor: u16,
    /// Patch number.
    pub patch: u16,
}

impl Version {
    /// A version of three numbers.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }

    /// The three numbers.
    pub fn numbers(self) -> (u32, u32, u32) {
        (self.major.into(), self.minor.into(), self.patch.into())
    }

    /// How many minor versions this one is after another, if it is not before it and of the same major.
    pub fn minors_after(self, earlier: Self) -> Option<u16> {
        let same = self.major == earlier.major;
        self.minor.checked_sub(earlier.minor).filter(|_| same)
    }

    /// Major and minor alone: what a release line is called by.
    pub fn line(self) -> (u16, u16) {
        (self.major, self.minor)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// What a version string in mesh.yaml says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WrittenVersion {
    /// All three numbers.
    Full(Version),
    /// A release line alone, such as `2.30`.
    Line(u16, u16),
}

/// Reads `1.18.10`, `v1.18.10` or `2.30`; anything else, pre-releases included, is `None`.
pub(crate) fn read(text: &str) -> Option<WrittenVersion> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let numbers: Option<Vec<u16>> = text.split('.').map(number).collect();
    match *numbers?.as_slice() {
        [major, minor] => Some(WrittenVersion::Line(major, minor)),
        [major, minor, patch] => Some(WrittenVersion::Full(Version::new(major, minor, patch))),
        _ => None,
    }
}

fn number(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_release_lines_are_told_apart() {
        assert_eq!(
            read("1.18.10"),
            Some(WrittenVersion::Full(Version::new(1, 18, 10)))
        );
        assert_eq!(
            read("v2.30.5"),
            Some(WrittenVersion::Full(Version::new(2, 30, 5)))
        );
        assert_eq!(read("2.30"), Some(WrittenVersion::Line(2, 30)));
        for wrong in [
            "",
            "2",
            "1.21.0-pre.0",
            "1..2",
            "+1.2.3",
            "1.2.3.4",
            "99999.1.1",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
