//! Whether git tracks a file, told from the repository's index: git itself need not be there.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Whether the file is in the index of the repository that it lies in. What cannot be read counts as no.
pub(crate) fn is_tracked(file: &Path) -> bool {
    search(file).unwrap_or(false)
}

/// The top of the repository that a folder lies in.
pub(crate) fn repository(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|dir| dir.join(".git").exists())
}

/// The paths of the files that git tracks in the repository with this top, as it writes them. What cannot be read gives none.
pub(crate) fn paths(top: &Path) -> HashSet<Vec<u8>> {
    let bytes = git_folder(top).and_then(|git| super::file::read(&git.join("index")).ok());
    let bytes = bytes.unwrap_or_default();
    let all = [20, 32]
        .into_iter()
        .filter_map(|size| GitIndexEntries::of(&bytes, size));
    all.flat_map(|mut entries| std::iter::from_fn(move || entries.next_path()))
        .collect()
}

fn search(file: &Path) -> Option<bool> {
    let file = file.canonicalize().ok()?;
    let top = repository(file.parent()?)?;
    let index = super::file::read(&git_folder(top)?.join("index")).ok()?;
    let path = slashed(file.strip_prefix(top).ok()?)?;
    // An object's name has 20 bytes, or 32 in a repository with SHA-256.
    Some(
        [20, 32]
            .into_iter()
            .any(|size| holds(&index, size, path.as_bytes())),
    )
}

/// The `.git` of a repository; in a worktree or submodule it is a file that names the folder.
fn git_folder(top: &Path) -> Option<PathBuf> {
    let git = top.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let text = String::from_utf8(super::file::read(&git).ok()?).ok()?;
    Some(top.join(text.strip_prefix("gitdir:")?.trim()))
}

/// A path as git writes it.
pub(crate) fn slashed(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

/// Whether an index (version 2, 3 or 4) has an entry of that path.
fn holds(index: &[u8], object_size: usize, wanted: &[u8]) -> bool {
    let Some(mut entries) = GitIndexEntries::of(index, object_size) else {
        return false;
    };
    std::iter::from_fn(|| entries.next_path()).any(|path| path == wanted)
}

/// The entries of an index, read one after the other.
struct GitIndexEntries<'i> {
    rest: &'i [u8],
    left: u32,
    object_size: usize,
    version: u32,
    path: Vec<u8>,
}

impl<'i> GitIndexEntries<'i> {
    fn of(index: &'i [u8], object_size: usize) -> Option<Self> {
        let rest = index.strip_prefix(b"DIRC")?;
        let version = number(rest.get(..4)?)?;
        let left = number(rest.get(4..8)?)?;
        (2..=4).contains(&version).then_some(Self {
            rest: &rest[8..],
            left,
            object_size,
            version,
            path: Vec::new(),
        })
    }

    fn next_path(&mut self) -> Option<Vec<u8>> {
        self.left = self.left.checked_sub(1)?;
        // Times, device, inode, mode, owner and size take 40 bytes.
        let flags_at = 40 + self.object_size;
        let flags = self.rest.get(flags_at..flags_at + 2)?;
        let is_extended = self.version > 2 && flags[0] & 0x40 != 0;
        let start = flags_at + if is_extended { 4 } else { 2 };
        if self.version == 4 {
            self.compressed(start)?;
        } else {
            self.padded(start)?;
        }
        Some(self.path.clone())
    }

    /// A path in full, filled up with zeros to a multiple of eight bytes.
    fn padded(&mut self, start: usize) -> Option<()> {
        let name = until_zero(self.rest.get(start..)?)?;
        self.path = name.to_vec();
        let end = (start + name.len() + 8) & !7;
        self.rest = self.rest.get(end..)?;
        Some(())
    }

    /// A path as what differs from the one before: how many bytes to take off, and what to put on.
    fn compressed(&mut self, start: usize) -> Option<()> {
        let (off, used) = variable_number(self.rest.get(start..)?)?;
        let name = until_zero(self.rest.get(start + used..)?)?;
        let kept = self.path.len().checked_sub(off)?;
        self.path.truncate(kept);
        self.path.extend_from_slice(name);
        self.rest = self.rest.get(start + used + name.len() + 1..)?;
        Some(())
    }
}

fn until_zero(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some(&bytes[..end])
}

fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

/// A number as git writes offsets: seven bits a byte, one added at each continuation. Gives the bytes used too.
fn variable_number(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0usize;
    for (at, byte) in bytes.iter().enumerate().take(5) {
        value = (value << 7) | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
        value += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use std::fs;

    use super::*;

    /// An index as git writes it: entries with that much of the path taken over, in version 4.
    fn index(version: u32, object_size: usize, extended: bool, paths: &[&str]) -> Vec<u8> {
        let mut out = b"DIRC".to_vec();
        out.extend(version.to_be_bytes());
        out.extend(u32::try_from(paths.len()).unwrap_or(0).to_be_bytes());
        let mut before = "";
        for path in paths {
            let start = out.len();
            out.extend(vec![1; 40 + object_size]);
            out.extend([if extended { 0x40 } else { 0 }, path.len() as u8]);
            out.extend(if extended { vec![0, 0] } else { vec![] });
            if version == 4 {
                let same = before.bytes().zip(path.bytes()).take_while(|(a, b)| a == b);
                let same = same.count();
                out.push((before.len() - same) as u8);
                out.extend(&path.as_bytes()[same..]);
                out.push(0);
            } else {
                out.extend(path.as_bytes());
                let padding = 8 - (out.len() - start) % 8;
                out.extend(vec![0; padding]);
            }
            before = path;
        }
        out
    }

    const PATHS: [&str; 4] = [
        ".gitignore",
        "meshes/a/mesh.yaml",
        "meshes/b/mesh.yaml",
        "z",
    ];

    #[test]
    fn every_version_of_an_index_is_read() {
        for (version, extended) in [(2, false), (3, false), (3, true), (4, false), (4, true)] {
            for size in [20, 32] {
                let index = index(version, size, extended, &PATHS);
                for path in PATHS {
                    assert!(
                        holds(&index, size, path.as_bytes()),
                        "{path} in version {version}"
                    );
                }
                assert!(!holds(&index, size, b"mesh.yaml"));
                assert!(!holds(&index, 52 - size, b"meshes/b/mesh.yaml"));
            }
        }
    }

    #[test]
    fn the_index_of_a_worktree_is_where_its_git_file_says() {
        let top = tempfile::tempdir().expect("a folder");
        let write = |path: &str, bytes: &[u8]| {
            let path = top.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, bytes).expect("a file");
        };
        write(
            "main/.git/worktrees/tree/index",
            &index(2, 20, false, &["sub/mesh.yaml"]),
        );
        write("tree/.git", b"gitdir: ../main/.git/worktrees/tree\n");
        write("tree/sub/mesh.yaml", b"");
        write("tree/sub/other.yaml", b"");
        assert!(is_tracked(&top.path().join("tree/sub/mesh.yaml")));
        assert!(!is_tracked(&top.path().join("tree/sub/other.yaml")));
        assert!(!is_tracked(&top.path().join("tree/nothing.yaml")));
    }

    proptest! {
        #[test]
        fn a_broken_index_is_no_panic(
            cut in 0usize..400,
            at in 0usize..400,
            byte: u8,
            version in 2u32..=4,
        ) {
            let mut bytes = index(version, 20, false, &PATHS);
            bytes.truncate(cut);
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            holds(&bytes, 20, b"z");
            holds(&bytes, 32, b"z");
        }
    }
}
