//! A next CA in a mesh that shares none, or one of which a half is missing.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Trust;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "ca-next-unused", Warning,
        what: "`ca.next` is given, and the clusters of this mesh share no CA, or its key or certificate is missing.",
        why: "With `trust: inline` and `trust: bundle` each cluster has a CA of its own, and peers trust each of them. There is no CA of the mesh that another could replace. With a certificate and no key nothing can be issued, so nothing is replaced.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let trust = context.mesh.trust.value;
    let next = &context.mesh.ca.next;
    if trust == Trust::SharedCa {
        out.extend(half(context));
    } else if let Some(next) = &next.cert {
        let message = format!(
            "ca.next has no effect with trust: {}: each cluster has its own CA",
            trust.as_str()
        );
        out.push(RULE.finding(next.place.clone(), message).help(
            "remove ca.next; replace the Secret cilium-ca of one cluster after the other instead",
        ));
    }
}

/// Where mesh.yaml gives one half of it alone. One that is named and cannot be read is another finding's.
fn half(context: &Context<'_>) -> Option<Finding> {
    let next = &context.mesh.ca.next;
    let is_named = context
        .mesh
        .absent
        .iter()
        .any(|absent| absent.fact == "ca.next");
    let (place, lacks) = match (&next.cert, &next.key) {
        (Some(cert), None) => (&cert.place, "key"),
        (None, Some(key)) => (&key.place, "cert"),
        _ => return None,
    };
    (!is_named && !next.is_unreadable).then(|| {
        RULE.finding(
            place.clone(),
            format!("ca.next has no `{lacks}`, so the CA is not replaced"),
        )
        .help("give both files that `meshgen pki ca` or `pki renew-ca` has made: ca.crt as `cert` and ca.key as `key`")
    })
}
