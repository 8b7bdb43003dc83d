//! What is proposed where nothing that was read has it: IDs, pod ranges and versions.

use std::path::Path;

use super::{NewCluster, Proposable, page};
use crate::finding::{Finding, Severity};
use crate::model::Mesh;
use crate::pipeline::{check, load_text};
use crate::profile::{self, releases::ValuesField};
use crate::rules::free_ranges::{FreeRanges, KKP_PODS};

/// The versions that were asked for.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Versions<'v> {
    /// Of KKP.
    pub(crate) kkp: Option<&'v str>,
    /// Of Cilium.
    pub(crate) cilium: Option<&'v str>,
}

/// Fills in what is not known of each cluster; `folder` is where mesh.yaml will be.
pub(crate) fn fill_in(entries: &mut [NewCluster], versions: Versions<'_>, folder: &Path) {
    propose_ids(entries, &[]);
    for at in 0..entries.len() {
        propose_versions(&mut entries[at..=at], versions, folder);
    }
    propose_ranges(entries, folder);
}

/// The lowest IDs that neither an entry nor the mesh has.
pub(super) fn propose_ids(entries: &mut [NewCluster], taken: &[i64]) {
    let mut taken: Vec<i64> = taken.to_vec();
    taken.extend(
        entries
            .iter()
            .flat_map(|entry| &entry.id)
            .map(|id| id.value),
    );
    for entry in entries.iter_mut().filter(|entry| entry.id.is_none()) {
        let free = (1..=511).find(|id| !taken.contains(id));
        taken.extend(free);
        entry.id = free.map(Proposable::proposed);
    }
}

/// What was asked for, else the newest pair that was judged. The KKP version of a cluster that was dumped is not in its
/// dumps: it is the newest one that makes sense with them.
fn propose_versions(entry: &mut [NewCluster], versions: Versions<'_>, folder: &Path) {
    let (kkp, cilium) = profile::NEWEST_JUDGED;
    let is_dumped = entry[0].cilium.is_some();
    let asked = |asked: Option<&str>| asked.map(|text| Proposable::found(text.to_owned()));
    if let Some(asked) = asked(versions.cilium) {
        entry[0].cilium = Some(asked);
    }
    entry[0].kkp = asked(versions.kkp);
    if entry[0].cilium.is_none() {
        let default = versions.kkp.and_then(default_cilium);
        entry[0].cilium = Some(Proposable::proposed(
            default.unwrap_or_else(|| cilium.to_owned()),
        ));
    }
    if entry[0].kkp.is_some() {
        return;
    }
    entry[0].kkp = Some(Proposable::proposed(kkp.to_owned()));
    if is_dumped || versions.cilium.is_some() {
        let fits = profile::releases::newest_first().find(|candidate| {
            entry[0].kkp = Some(Proposable::proposed(candidate.to_string()));
            has_form(*candidate, entry[0].form) && fits_together(entry, folder)
        });
        if fits.is_none() {
            entry[0].kkp = Some(Proposable::proposed(kkp.to_owned()));
        }
    }
}

fn has_form(kkp: profile::Version, form: Option<ValuesField>) -> bool {
    let resolved = profile::kkp_version(&kkp.to_string());
    form.is_none_or(|form| resolved.is_ok_and(|kkp| kkp.profile.form == form))
}

fn default_cilium(kkp: &str) -> Option<String> {
    let resolved = profile::kkp_version(kkp).ok()?;
    Some(resolved.profile.default_cilium.to_string())
}

/// Whether there is no finding about the versions of a cluster.
fn fits_together(entry: &[NewCluster], folder: &Path) -> bool {
    let about_versions = [
        "version-pair",
        "version-unknown",
        "webhook-refusal",
        "cilium-not-offered",
    ];
    let findings = findings(entry, folder);
    !findings.iter().any(|finding| {
        about_versions.contains(&finding.code)
            && matches!(finding.severity, Severity::Error | Severity::Warning)
    })
}

fn findings(entries: &[NewCluster], folder: &Path) -> Vec<Finding> {
    with_mesh(entries, folder, |_, findings| findings).unwrap_or_default()
}

/// What the pipeline makes of the entries as they are now.
fn with_mesh<T>(
    entries: &[NewCluster],
    folder: &Path,
    look: impl FnOnce(&Mesh, Vec<Finding>) -> T,
) -> Option<T> {
    let text = page("draft", entries).ok()?;
    let loaded = load_text(&folder.join("mesh.yaml"), text.into_bytes());
    let mesh = loaded.mesh.as_ref()?;
    let request = Default::default();
    let checked = check(&loaded.input, mesh, loaded.findings, &request, None);
    Some(look(mesh, checked.findings))
}

/// A free range for each cluster whose pod ranges are not known, KKP's default first.
fn propose_ranges(entries: &mut [NewCluster], folder: &Path) {
    let proposed = with_mesh(entries, folder, |mesh, _| proposals(mesh, &[])).unwrap_or_default();
    for (entry, range) in entries.iter_mut().zip(proposed) {
        if entry.pod_cidrs.is_empty() {
            entry.pod_cidrs.extend(range.map(Proposable::proposed));
        }
    }
}

/// A range for each cluster of a mesh that has none; those of `kept` are not free.
pub(super) fn proposals(mesh: &Mesh, kept: &[ipnet::IpNet]) -> Vec<Option<ipnet::IpNet>> {
    let mut free = FreeRanges::beside(mesh, kept);
    let mut default = free.is_free(KKP_PODS.into()).then_some(KKP_PODS.into());
    let clusters = mesh.clusters.iter();
    clusters
        .map(|cluster| {
            let is_known = !cluster.pod_cidrs.is_empty() || cluster.is_unusable("podCIDRs");
            (!is_known).then(|| {
                let family = crate::firewall::cidr::Family::V4;
                default.take().or_else(|| free.for_cluster(cluster, family))
            })?
        })
        .collect()
}
