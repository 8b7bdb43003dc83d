//! `meshgen init`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{USAGE, complain, complain_styled};
use crate::diagnostics::{self, Report};
use crate::emit::{hold, replace};
use crate::finding;
use crate::init::{self, InitError, Source, Versions};
use crate::pipeline::{check, load};

/// Arguments of `meshgen init`.
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("source").required(true).args(["clusters", "dumps", "kubeconfig", "add"])))]
pub(super) struct Args {
    /// Folder to write mesh.yaml into
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
    /// Names of the clusters
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = cluster_name)]
    clusters: Vec<String>,
    /// Folder with dumps: a folder for each cluster, or the files of all
    #[arg(long, value_name = "FOLDER")]
    dumps: Option<PathBuf>,
    /// A kubeconfig for each cluster
    #[arg(long, value_name = "FILE")]
    kubeconfig: Vec<PathBuf>,
    /// Add a cluster to the mesh.yaml that is there, with the next free ID and pod range
    #[arg(long, value_name = "NAME", value_parser = cluster_name)]
    add: Option<String>,
    /// KKP version of the clusters
    #[arg(long, value_name = "VERSION")]
    kkp: Option<String>,
    /// Cilium version of the clusters
    #[arg(long, value_name = "VERSION")]
    cilium: Option<String>,
}

impl Args {
    fn source(&self) -> Source<'_> {
        match &self.dumps {
            Some(dumps) => Source::Dumps(dumps),
            None if !self.kubeconfig.is_empty() => Source::Kubeconfigs(&self.kubeconfig),
            None => Source::Names(&self.clusters),
        }
    }

    fn versions(&self) -> Versions<'_> {
        Versions {
            kkp: self.kkp.as_deref(),
            cilium: self.cilium.as_deref(),
        }
    }
}

/// The rule for names that Cilium has on every version.
fn cluster_name(text: &str) -> Result<String, String> {
    let legal = crate::rules::name_invalid::is_valid(text);
    legal.then(|| text.to_owned()).ok_or_else(|| {
        "a cluster's name has 1 to 32 of a-z, 0-9 and hyphen, begins and ends with a letter or digit, and is not `default`"
            .to_owned()
    })
}

pub(super) fn run(args: &Args) -> u8 {
    let written = match &args.add {
        Some(name) => add(args, name),
        None => create(args),
    };
    match written {
        Ok(path) => report(&path),
        Err(error) => {
            complain(&error.to_string());
            USAGE
        }
    }
}

/// mesh.yaml in a folder, named as a person would.
fn mesh_file(folder: &Path) -> PathBuf {
    if folder == Path::new(".") {
        return PathBuf::from("mesh.yaml");
    }
    folder.join("mesh.yaml")
}

fn create(args: &Args) -> Result<PathBuf, InitError> {
    let folder = &args.folder;
    let path = mesh_file(folder);
    let at = |path: &Path| {
        let path = path.to_path_buf();
        move |error| InitError::Io { path, error }
    };
    if std::fs::symlink_metadata(&path).is_ok() {
        return Err(at(&path)(io::Error::other(
            "it is there already and was left as it is; `meshgen init --add NAME` adds a cluster to it",
        )));
    }
    std::fs::create_dir_all(folder).map_err(at(folder))?;
    let mut entries = init::read(&args.source(), folder)?;
    init::fill_in(&mut entries, args.versions(), folder);
    let text = init::page("mesh", &entries).map_err(|error| InitError::Empty(error.to_string()))?;
    // First what keeps keys out of Git, then the file that makes people put them there.
    let ignore = folder.join(".gitignore");
    ignore_lines(&ignore, &init::ignored(&entries)).map_err(at(&ignore))?;
    let file = File::create_new(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(at(&path))?;
    Ok(path)
}

/// Adds the lines that a .gitignore lacks at its end.
fn ignore_lines(path: &Path, lines: &[String]) -> io::Result<()> {
    let known = match path.symlink_metadata() {
        Ok(found) if found.is_file() => std::fs::read_to_string(path)?,
        Ok(_) => {
            let what =
                "it is no regular file; add the lines to a .gitignore yourself, or move it away";
            return Err(io::Error::other(what));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let is_there = |line: &&String| known.lines().any(|known| known.trim() == line.as_str());
    let mut missing: String = lines
        .iter()
        .filter(|line| !is_there(line))
        .map(|line| format!("{line}\n"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !known.is_empty() && !known.ends_with('\n') {
        missing.insert(0, '\n');
    }
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(missing.as_bytes())
}

fn add(args: &Args, name: &str) -> Result<PathBuf, InitError> {
    let path = mesh_file(&args.folder);
    let at = |error| InitError::Io {
        path: path.clone(),
        error,
    };
    // Two runs at a time would both read the file of before, and one entry would be lost.
    let folder = File::open(&args.folder).map_err(at)?;
    let _held = hold(folder).map_err(at)?;
    let bytes = crate::input::file::read(&path).map_err(at)?;
    let text = init::add::added(&path, bytes, name, args.versions())?;
    replace(&path, &text).map_err(at)?;
    Ok(path)
}

/// Shows what `validate` says of the new file, and what comes next.
fn report(path: &Path) -> u8 {
    let loaded = match load(path) {
        Ok(loaded) => loaded,
        Err(error) => {
            complain(&error.to_string());
            return USAGE;
        }
    };
    let findings = match &loaded.mesh {
        Some(mesh) => {
            check(
                &loaded.input,
                mesh,
                loaded.findings,
                &Default::default(),
                None,
            )
            .findings
        }
        None => loaded.findings,
    };
    // What is not known yet is what the next commands get.
    let faults: Vec<_> = findings
        .into_iter()
        .filter(|finding| finding.severity != finding::Severity::Note)
        .collect();
    complain_styled(&diagnostics::text::findings(&[Report::new(
        &faults,
        &loaded.input.sources,
    )]));
    let folder = path.parent().unwrap_or(Path::new("."));
    let out = crate::compile::kubectl::quoted(&folder.join("out").display().to_string());
    let file = crate::compile::kubectl::quoted(&path.display().to_string());
    complain(&format!(
        "{}: written. Check what is marked `# proposed`. Next: meshgen render {file} -o {out} && sh {out}/dump.sh",
        path.display()
    ));
    u8::from(finding::has_errors(&faults))
}
