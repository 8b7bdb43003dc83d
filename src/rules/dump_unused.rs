//! A dump file that nothing is taken from was most likely meant to be another one.

use std::collections::BTreeMap;

use super::dump_foreign::contradiction;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::input::dumps::{Object, PassedOver};
use crate::model::{Cluster, ObjectUse};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "dump-unused", Warning,
        what: "Nothing in a dump file is used, or a file in a dumps folder is not read.",
        why: "The file is empty, as one is that a failing command was redirected into, or it holds objects that meshgen does not read, such as a Secret of a similar name or of another namespace, or older copies of objects that another file of the same cluster holds too. meshgen reads, in kube-system, the Secrets cilium-ca, clustermesh-apiserver-remote-cert and clustermesh-apiserver-server-cert, the Service clustermesh-apiserver and the ApplicationInstallation cilium; and the KKP Cluster and Nodes. Objects beside those in one file are no fault. Of a folder it reads the files whose names end in .yaml, .yml or .json, not those of folders in it; what begins with a dot and the folder before/ are left out without a finding.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let dumps = context.input.dumps.iter().zip(&context.mesh.uses);
    for (cluster, (objects, uses)) in context.mesh.clusters.iter().zip(dumps) {
        let mut files: BTreeMap<FileId, Vec<usize>> = BTreeMap::new();
        for (at, object) in objects.iter().enumerate() {
            files.entry(object.place.file).or_default().push(at);
        }
        for positions in files.values() {
            let unused = unused(context, positions, objects, uses);
            out.extend(unused.map(|finding| finding.cluster(cluster.name())));
        }
    }
    for empty in &context.input.empty {
        if let Some(cluster) = context.mesh.clusters.get(empty.cluster) {
            let name = &context.input.sources.file(empty.file).name;
            out.push(
                RULE.finding(Place::bytes(empty.file, 0..0), format!("{name} is empty"))
                    .label("no object")
                    .help("dump the object again, or remove the file: a command that fails leaves such a one behind")
                    .cluster(cluster.name()),
            );
        }
    }
    for passed_over in &context.input.passed_over {
        if let Some(cluster) = context.mesh.clusters.get(passed_over.cluster) {
            out.push(not_read(cluster, passed_over));
        }
    }
}

/// The finding about a file of whose objects none is taken. `dump-foreign` names the KKP Clusters of others.
fn unused(
    context: &Context<'_>,
    positions: &[usize],
    objects: &[Object],
    uses: &[ObjectUse],
) -> Option<Finding> {
    let is_said = |used: &ObjectUse| matches!(used, ObjectUse::Taken | ObjectUse::OtherCluster);
    if positions.iter().any(|at| is_said(&uses[*at])) {
        return None;
    }
    let first = *positions.first()?;
    let object = &objects[first];
    let name = |place: &Place| context.input.sources.file(place.file).name.clone();
    let file = name(&object.place);
    let more = match positions.len() {
        1 => String::new(),
        all => format!(" and {} more", all - 1),
    };
    let what = described(object);
    let at = object.place.dotted("metadata.name");
    let finding = match uses[first] {
        ObjectUse::Taken | ObjectUse::OtherCluster => return None,
        ObjectUse::NotRead => RULE
            .finding(at, format!("nothing in {file} is used: it holds {what}{more}"))
            .label("not read")
            .help("remove the file from the dumps, or dump what was meant; `meshgen explain dump-unused` lists what is read"),
        ObjectUse::OtherNamespace => RULE
            .finding(at, format!("nothing in {file} is used: it holds {what}{more}; Cilium's own is in kube-system"))
            .label("of another namespace")
            .help("remove the file from the dumps, or dump the object of kube-system"),
        // Which of the two is older cannot be said, and `dump-foreign` says that.
        ObjectUse::Older(counts) if contradiction(context, object, &objects[counts]).is_some() => {
            return None;
        }
        ObjectUse::Older(counts) => {
            let later = &objects[counts].place;
            let message = format!("nothing in {file} is used: {what}{more} is dumped again in {}", name(later));
            RULE.finding(at, message)
                .label("an older copy")
                .related(later.dotted("metadata.name"), "this one counts")
                .help("remove the older one of the two files")
        }
    };
    Some(finding)
}

/// Kinds that are read, each of one group.
const READ: [(&str, &str); 5] = [
    ("ApplicationInstallation", "apps.kubermatic.k8c.io"),
    ("Cluster", "kubermatic.k8c.io"),
    ("Node", ""),
    ("Secret", ""),
    ("Service", ""),
];

/// Whether it is the group that tells why an object is not read: the kind alone would not.
fn is_of_another_group(kind: &str, group: &str) -> bool {
    READ.iter()
        .any(|(known, own)| *known == kind && *own != group)
}

/// `Secret kube-system/other`.
fn described(object: &Object) -> String {
    let kind = match (object.kind.as_str(), object.group.as_deref()) {
        ("", _) => return "no Kubernetes object".to_owned(),
        (kind, Some(group)) if is_of_another_group(kind, group) => format!("{kind}.{group}"),
        (kind, _) => kind.to_owned(),
    };
    match &object.namespace {
        Some(namespace) => format!("{kind} {namespace}/{}", object.name),
        None => format!("{kind} {}", object.name).trim_end().to_owned(),
    }
}

/// The finding about what a dumps folder holds beside dumps.
fn not_read(cluster: &Cluster, passed_over: &PassedOver) -> Finding {
    const SHOWN: usize = 5;
    let names = &passed_over.names;
    let shown = names
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    let more = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let are = if names.len() == 1 { "is" } else { "are" };
    let message = format!(
        "in the dumps folder of {}, {shown}{more} {are} not read",
        cluster.name()
    );
    RULE.finding(passed_over.place.clone(), message)
        .help("only files whose names end in .yaml, .yml or .json are read, and no folders: rename what is a dump, or move the rest away")
        .cluster(cluster.name())
}
