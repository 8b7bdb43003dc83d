//! An ApplicationInstallation that is not the one KKP manages.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::{Cluster, Current};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "installation-altered", Error,
        what: "The dumped ApplicationInstallation `cilium` has another namespace, label or application than KKP gives it.",
        why: "KKP's CNI is `cilium` in `kube-system`, labelled as managed by KKP and of type cni, and none of this can change. What differs is another installation, or was edited after it was dumped: the patch would not fit the one that runs.",
    ),
    check,
};

/// Where, and what KKP writes there.
const FIXED: [(&[&str], &str); 5] = [
    (&["metadata", "namespace"], "kube-system"),
    (
        &["metadata", "labels", "apps.kubermatic.k8c.io/managed-by"],
        "kkp",
    ),
    (
        &["metadata", "labels", "apps.kubermatic.k8c.io/type"],
        "cni",
    ),
    (&["spec", "namespace", "name"], "kube-system"),
    (&["spec", "applicationRef", "name"], "cilium"),
];

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in &context.mesh.clusters {
        if let Some(current) = &cluster.current {
            out.extend(
                FIXED
                    .iter()
                    .filter_map(|(path, wanted)| altered(cluster, current, path, wanted)),
            );
        }
    }
}

fn altered(cluster: &Cluster, current: &Current, path: &[&str], wanted: &str) -> Option<Finding> {
    let (last, parents) = path.split_last()?;
    // An excerpt that leaves out all labels says nothing about them.
    let holder = parents
        .iter()
        .try_fold(&current.object, |node, key| node.get(*key))?;
    let found = holder.get(*last).and_then(serde_json::Value::as_str);
    let in_labels = parents.contains(&"labels");
    if found == Some(wanted) || (found.is_none() && !in_labels) {
        return None;
    }
    let place = path
        .iter()
        .fold(current.place.clone(), |place, key| place.key(*key));
    let message = format!(
        "`{last}` of the ApplicationInstallation of {} is not `{wanted}`: this is not the one that KKP manages",
        cluster.name()
    );
    let finding = RULE
        .finding(place, message)
        .label(format!("expected {wanted}"))
        .help("dump it again: kubectl -n kube-system get applicationinstallation cilium -o yaml")
        .cluster(cluster.name());
    Some(finding)
}
