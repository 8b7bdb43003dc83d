//! Inputs that could not be read.

use crate::source::Place;

/// An input that mesh.yaml names and that could not be read.
#[derive(Debug, Clone)]
pub struct Absent {
    /// Where mesh.yaml names it.
    pub place: Place,
    /// What it names, as written.
    pub input: String,
    /// Why it could not be read.
    pub kind: AbsentKind,
    /// The facts that it would have given: `dumps`, `ca.cert`, ...
    pub fact: &'static str,
    /// The cluster concerned; `None` for the mesh's own CA.
    pub cluster: Option<usize>,
    /// The reason for the message, such as `it is not there`.
    pub reason: String,
}

/// Why an input could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbsentKind {
    /// The file, folder or variable is not there, or is none that meshgen reads.
    Missing,
    /// The folder that dump.sh will make and fill is not there yet.
    NotDumpedYet,
    /// The file is encrypted.
    Encrypted(FileEncryption),
}

/// What a file is encrypted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileEncryption {
    /// SOPS: a document with a top-level `sops` key.
    Sops,
    /// A SealedSecret: only the controller in the cluster can open it.
    SealedSecret,
    /// age, binary or armored.
    Age,
    /// ansible-vault.
    AnsibleVault,
    /// git-crypt, in a repository that is locked.
    GitCrypt,
    /// OpenPGP, armored.
    Pgp,
}

impl FileEncryption {
    /// The predicate for a message: `is encrypted with SOPS`.
    pub fn predicate(self) -> &'static str {
        match self {
            Self::Sops => "is encrypted with SOPS",
            Self::SealedSecret => "is a SealedSecret",
            Self::Age => "is encrypted with age",
            Self::AnsibleVault => "is encrypted with ansible-vault",
            Self::GitCrypt => "is encrypted with git-crypt",
            Self::Pgp => "is encrypted with OpenPGP",
        }
    }
}
