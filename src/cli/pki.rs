//! `meshgen pki`.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;

use super::{USAGE, complain, or_exit_status, refuse, rfc_3339, unix_now};
use crate::diagnostics::Report;
use crate::emit::whole;
use crate::model::{Cluster, Fact, Mesh, Trust};
use crate::pipeline::load;
use crate::pki::issue::{self, IssueError, Issued, ValidSpan};
use crate::pki::{Certificate, Fit, PrivateKey, Validity, prove_ca};
use crate::profile::reissues_always;
use crate::render::{self, TemplateError};
use crate::trust::{carries_peer_certs, expected_name};

/// Arguments of `meshgen pki`.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make a new CA for a mesh: ca.crt, ca.key and cilium-ca.secret.yaml
    Ca(IssueArgs),
    /// Make a remote certificate for each cluster of a mesh: <cluster>/tls.crt and tls.key
    Remote(OfMesh),
    /// Give the CA of a mesh new dates; its name and key stay, and what it has signed still chains to it
    RenewCa(OfMesh),
}

#[derive(clap::Args)]
struct IssueArgs {
    /// Folder to write into; nothing in it is overwritten
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Days of validity; default: as Cilium's own certificate Job makes them
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36500))]
    days: Option<u32>,
    /// Time at which validity begins, as RFC 3339 writes it; default: now
    #[arg(long, value_name = "TIME", value_parser = rfc_3339)]
    now: Option<i64>,
}

#[derive(clap::Args)]
struct OfMesh {
    /// The mesh file
    #[arg(default_value = "mesh.yaml")]
    file: PathBuf,
    #[command(flatten)]
    made: IssueArgs,
}

/// A CA of Cilium's own certificate Job lives three years.
const CA_DAYS: u32 = 1095;

impl IssueArgs {
    fn span(&self, usual: u32) -> ValidSpan {
        ValidSpan {
            from: self.now.unwrap_or_else(unix_now),
            days: self.days.unwrap_or(usual),
        }
    }
}

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
enum PkiFailure {
    #[error("{}: {error}; nothing was written", path.display())]
    Write { path: PathBuf, error: io::Error },
    #[error("{}: it is there already and is not overwritten; nothing was written", .0.display())]
    There(PathBuf),
    #[error(transparent)]
    Issue(#[from] IssueError),
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error("{0}")]
    Mesh(String),
}

/// A file to write: its path below the folder, its text, and whether only its owner may read it.
type PkiFile = (PathBuf, String, bool);

pub(super) fn run(args: &Args) -> u8 {
    match &args.what {
        What::Ca(made) => status(made_ca(made)),
        What::Remote(asked) => of_mesh(asked, remotes, |mesh| Some(remote_remark(mesh))),
        What::RenewCa(asked) => of_mesh(asked, renewed, |_| None),
    }
}

fn made_ca(made: &IssueArgs) -> Result<(), PkiFailure> {
    let files = ca_files(issue::new_ca(made.span(CA_DAYS)))?;
    write_all(&made.output, &files)
}

fn status(done: Result<(), PkiFailure>) -> u8 {
    let Err(failure) = done else { return 0 };
    complain(&failure.to_string());
    match failure {
        PkiFailure::Write { .. } | PkiFailure::There(_) => USAGE,
        _ => 1,
    }
}

/// Makes something of a mesh file. Where it cannot be made, what is wrong in the file is often why.
fn of_mesh(
    asked: &OfMesh,
    make: fn(&Mesh, &IssueArgs) -> Result<Vec<PkiFile>, PkiFailure>,
    remark: fn(&Mesh) -> Option<String>,
) -> u8 {
    let loaded = match or_exit_status(load(&asked.file)) {
        Ok(loaded) => loaded,
        Err(status) => return status,
    };
    let report = Report::new(&loaded.findings, &loaded.input.sources);
    let Some(mesh) = &loaded.mesh else {
        return refuse(&report, "");
    };
    let made = make(mesh, &asked.made);
    if made.is_err() && report.summary().errors > 0 {
        refuse(&report, "");
    }
    let done = made.and_then(|files| write_all(&asked.made.output, &files));
    if done.is_ok() {
        remark(mesh).iter().for_each(|remark| complain(remark));
    }
    status(done)
}

/// What is to be done with remote certificates, where peers take them at all.
fn remote_remark(mesh: &Mesh) -> String {
    if !mesh
        .members()
        .any(|one| carries_peer_certs(mesh.trust.value, one))
    {
        return "no cluster of this mesh needs them: with trust: sharedCA a cluster from Cilium 1.14 on has a certificate of its own".to_owned();
    }
    let named = "peers take them once mesh.yaml names them: of each cluster tls.crt as `remoteCert.cert` and tls.key as `remoteCert.key`";
    let reissued = reissued(mesh).map_or_else(String::new, |text| format!("; {text}"));
    format!("{named}{reissued}")
}

/// That certificates made here are not the ones that clusters go on making for themselves.
fn reissued(mesh: &Mesh) -> Option<String> {
    let never_rests = |cluster: &&Cluster| {
        let kkp = cluster.kkp.as_ref().map(|kkp| kkp.value.profile);
        let pair = kkp.zip(cluster.chart());
        pair.is_some_and(|(kkp, chart)| reissues_always(kkp, chart))
    };
    let mut clusters = mesh.members().filter(never_rests);
    let first = clusters.next()?.name();
    let who = match clusters.count() {
        0 => format!("{first} goes"),
        more => format!("{first} and {more} more go"),
    };
    Some(format!(
        "{who} on issuing a remote certificate of their own at every reconcile, as KKP does up to 2.25; peers keep the ones made here until they end or the CA is replaced"
    ))
}

/// Context of `templates/cilium-ca.secret.yaml.j2`.
#[derive(Serialize)]
struct Secret<'a> {
    cert: &'a str,
    key: &'a str,
}

fn ca_files(ca: Result<Issued, IssueError>) -> Result<Vec<PkiFile>, PkiFailure> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let ca = ca?;
    let (cert, key) = (
        STANDARD.encode(&ca.cert),
        STANDARD.encode(ca.key.as_bytes()),
    );
    let secret = render::CA_SECRET.fill(Secret {
        cert: &cert,
        key: &key,
    })?;
    Ok(vec![
        (PathBuf::from("ca.crt"), ca.cert, false),
        (PathBuf::from("ca.key"), ca.key.to_string(), true),
        (PathBuf::from("cilium-ca.secret.yaml"), secret, true),
    ])
}

fn renewed(mesh: &Mesh, made: &IssueArgs) -> Result<Vec<PkiFile>, PkiFailure> {
    let (cert, key) = ca_of_mesh(mesh)?;
    let span = made.span(CA_DAYS);
    if span.end() < cert.facts().not_after {
        complain("the renewed CA ends before the one of today; --days gives it more");
    }
    ca_files(issue::renewed_ca(cert, key, span))
}

fn remotes(mesh: &Mesh, made: &IssueArgs) -> Result<Vec<PkiFile>, PkiFailure> {
    if mesh.trust.value == Trust::Bundle {
        let text =
            "with trust: bundle no cluster gives a certificate to its peers, so none is needed";
        return Err(PkiFailure::Mesh(text.to_owned()));
    }
    let mut files = Vec::new();
    for cluster in &mesh.clusters {
        let ca = match mesh.trust.value {
            Trust::SharedCa => ca_of_mesh(mesh)?,
            _ => own_ca(mesh, cluster)?,
        };
        in_date(ca.0, made)?;
        let chart = cluster.chart().ok_or_else(|| {
            PkiFailure::Mesh(format!(
                "the Cilium version of {} is not known",
                cluster.name()
            ))
        })?;
        let issued = issue::remote(
            ca,
            &expected_name(mesh, cluster),
            chart.remote_has_dns_name,
            made.span(chart.leaf_days),
        )?;
        let folder = folder_of(cluster)?;
        files.push((folder.join("tls.crt"), issued.cert, false));
        files.push((folder.join("tls.key"), issued.key.to_string(), true));
    }
    Ok(files)
}

/// What an ended CA signs is refused from the first moment on.
fn in_date(ca: &Certificate, made: &IssueArgs) -> Result<(), PkiFailure> {
    match ca.valid_at(made.span(1).from) {
        Validity::Ok => Ok(()),
        Validity::Expired => Err(PkiFailure::Mesh(
            "the CA has ended, so nothing that it signs is taken; `meshgen pki renew-ca` gives it new dates".to_owned(),
        )),
        Validity::NotYet => Err(PkiFailure::Mesh(
            "the CA is not valid yet, so nothing that it signs is taken".to_owned(),
        )),
    }
}

/// The name is a folder's, so it must be a legal one.
fn folder_of(cluster: &Cluster) -> Result<PathBuf, PkiFailure> {
    if crate::rules::name_invalid::is_valid(cluster.name()) {
        return Ok(PathBuf::from(cluster.name()));
    }
    Err(PkiFailure::Mesh(
        "a cluster has a name that Cilium does not take; run `meshgen validate`".to_owned(),
    ))
}

fn ca_of_mesh(mesh: &Mesh) -> Result<(&Certificate, &PrivateKey), PkiFailure> {
    pair(&mesh.ca.pair, "the CA of the mesh")
}

/// The CA of one cluster, which signs for it where each keeps its own.
fn own_ca<'p>(
    mesh: &'p Mesh,
    cluster: &'p Cluster,
) -> Result<(&'p Certificate, &'p PrivateKey), PkiFailure> {
    let name = cluster.name();
    if cluster.ca.cert.is_none() || cluster.ca.key.is_none() {
        return Err(PkiFailure::Mesh(format!(
            "the cilium-ca of {name} is not known with its key. With trust: {} it signs the certificate of {name}, and `ca` at the top of \
             mesh.yaml is not used: run the dump.sh that `meshgen render -o` writes, or give `ca` of the cluster",
            mesh.trust.value.as_str()
        )));
    }
    pair(&cluster.ca, &format!("the cilium-ca of {name}"))
}

fn pair<'p>(
    pair: &'p crate::model::KeyPair,
    what: &str,
) -> Result<(&'p Certificate, &'p PrivateKey), PkiFailure> {
    let value = |cert: &'p Fact<Certificate>, key: &'p Fact<PrivateKey>| (&cert.value, &key.value);
    match (&pair.cert, &pair.key) {
        (Some(cert), Some(key)) if key.value.fits(&cert.value) != Fit::Yes => {
            Err(PkiFailure::Mesh(format!(
                "the key of {what} is not the key of its certificate"
            )))
        }
        (Some(cert), Some(key)) if !prove_ca(&cert.value, Some(&key.value)).is_empty() => {
            Err(PkiFailure::Mesh(format!(
                "{what} cannot sign certificates; `meshgen validate` says why"
            )))
        }
        (Some(cert), Some(key)) => Ok(value(cert, key)),
        _ => Err(PkiFailure::Mesh(format!(
            "{what} is not known with its key; give both in mesh.yaml, or dump the Secret cilium-ca"
        ))),
    }
}

/// Writes all files, or none: each is looked for first, and made only where nothing is. Of a run that fails the files are
/// taken away again, and no others: one that somebody has made meanwhile is not this run's.
fn write_all(folder: &Path, files: &[PkiFile]) -> Result<(), PkiFailure> {
    let at = |path: &Path| {
        let path = path.to_path_buf();
        move |error| PkiFailure::Write { path, error }
    };
    for (path, ..) in files {
        // No link is followed below the folder either.
        let below = path.ancestors().skip(1).filter(|one| *one != Path::new(""));
        let is_led_away = |one: &&Path| folder.join(one).is_symlink();
        if let Some(link) = below.into_iter().find(is_led_away) {
            return Err(PkiFailure::There(folder.join(link)));
        }
        let path = folder.join(path);
        if fs::symlink_metadata(&path).is_ok() {
            return Err(PkiFailure::There(path));
        }
    }
    make_folder(folder).map_err(at(folder))?;
    let mut done = Ok(());
    // A signal waits for its end: a certificate without its key would be in the way of the next run.
    let _ = whole(|| {
        done = write_each(folder, files);
        Ok(())
    });
    done?;
    complain(&format!(
        "{}: {} files written; files with a key are readable by their owner alone. Keep {} out of Git: no .gitignore is written",
        folder.display(),
        files.len(),
        folder.display()
    ));
    Ok(())
}

fn write_each(folder: &Path, files: &[PkiFile]) -> Result<(), PkiFailure> {
    let mut made: Vec<PathBuf> = Vec::new();
    for (path, text, private) in files {
        let path = folder.join(path);
        if let Err(error) = write(&path, text, *private, &mut made) {
            made.iter().for_each(|path| drop(fs::remove_file(path)));
            return Err(match error.kind() {
                io::ErrorKind::AlreadyExists => PkiFailure::There(path),
                _ => PkiFailure::Write { path, error },
            });
        }
    }
    Ok(())
}

/// A folder that others cannot write into, whatever the umask: who can, can put another key in the place of one.
fn make_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(path)
}

fn write(path: &Path, text: &str, private: bool, made: &mut Vec<PathBuf>) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        make_folder(parent)?;
    }
    let mode = if private { 0o600 } else { 0o644 };
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)?;
    made.push(path.to_path_buf());
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
