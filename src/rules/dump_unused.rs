//! A dump file that nothing is taken from was most likely meant to be another one.

use std::collections::BTreeMap;

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::input::dumps::Object;
use crate::model::UnusedDump;
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "dump-unused", Warning,
        what: "Nothing in a dump file is used.",
        why: "It holds objects that meshgen does not read, such as a Secret of a similar name, or older copies of objects that a later file of the same cluster holds too. meshgen reads the Secrets cilium-ca, clustermesh-apiserver-remote-cert and clustermesh-apiserver-server-cert, the Service clustermesh-apiserver, the ApplicationInstallation cilium, the KKP Cluster, and Nodes. Objects beside those in one file are no fault.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mut unknown: BTreeMap<usize, Vec<&UnusedDump>> = BTreeMap::new();
    for dump in &context.mesh.unused_dumps {
        unknown.entry(dump.cluster).or_default().push(dump);
    }
    for (cluster, objects) in context.mesh.clusters.iter().zip(&context.input.dumps) {
        let unknown = unknown.remove(&cluster.index).unwrap_or_default();
        let mut files: BTreeMap<FileId, Vec<Fate<'_>>> = BTreeMap::new();
        for (at, object) in objects.iter().enumerate() {
            let fate = Fate::of(object, &unknown, &objects[at + 1..]);
            files.entry(object.place.file).or_default().push(fate);
        }
        let unused = files.values().filter_map(|fates| unused(context, fates));
        out.extend(unused.map(|finding| finding.cluster(cluster.name())));
    }
}

/// What becomes of a dumped object.
enum Fate<'m> {
    Used,
    Unknown(&'m Object, &'m str),
    /// A later object of the same name counts instead.
    Replaced(&'m Object, &'m Place),
}

impl<'m> Fate<'m> {
    fn of(object: &'m Object, unknown: &[&'m UnusedDump], later: &'m [Object]) -> Self {
        if let Some(unknown) = unknown.iter().find(|unknown| unknown.place == object.place) {
            return Self::Unknown(object, &unknown.what);
        }
        let mut later = later.iter();
        match later.find(|later| replaces(later, object)) {
            Some(later) => Self::Replaced(object, &later.place),
            None => Self::Used,
        }
    }
}

/// Whether a later object makes an earlier one count for nothing. A cluster has many nodes, and one
/// KKP Cluster whatever it is called.
fn replaces(later: &Object, earlier: &Object) -> bool {
    later.kind == earlier.kind
        && match earlier.kind.as_str() {
            "Node" => false,
            "Cluster" => true,
            _ => later.name == earlier.name,
        }
}

/// The finding about a file all of whose objects are unused.
fn unused(context: &Context<'_>, fates: &[Fate<'_>]) -> Option<Finding> {
    if fates.iter().any(|fate| matches!(fate, Fate::Used)) {
        return None;
    }
    let name = |place: &Place| context.input.sources.file(place.file).name.clone();
    let more = match fates.len() {
        1 => String::new(),
        all => format!(" and {} more", all - 1),
    };
    let finding = match fates.first()? {
        Fate::Used => return None,
        Fate::Unknown(object, what) => RULE.finding(object.place.dotted("metadata.name"),
            format!("nothing in {} is used: it holds {what}{more}", name(&object.place)),
        )
        .label("not read")
        .help("remove the file from the dumps, or dump what was meant; `meshgen explain dump-unused` lists what is read"),
        Fate::Replaced(object, later) => RULE.finding(object.place.dotted("metadata.name"),
            format!("nothing in {} is used: {} {}{more} is dumped again in {}", name(&object.place), object.kind, object.name, name(later)),
        )
        .label("an older copy")
        .related(later.dotted("metadata.name"), "this one counts")
        .help("remove the older one of the two files"),
    };
    Some(finding)
}
