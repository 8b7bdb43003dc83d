//! A next CA in a mesh that shares none, one of which a half is missing, or one that every cluster has already.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::{Finding, Severity};
use crate::model::{Stage, Trust};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "ca-next-unused", Warning,
        what: "`ca.next` is given, and the clusters of this mesh share no CA, its key or certificate is missing, or (a note) every cluster has it already.",
        why: "With `trust: inline` and `trust: bundle` each cluster has a CA of its own, and peers trust each of them. There is no CA of the mesh that another could replace. With a certificate and no key nothing can be issued, so nothing is replaced. Where every cluster has the next CA the rotation is done: it becomes `ca`, and a key that was stolen is destroyed.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let trust = context.mesh.trust.value;
    let next = &context.mesh.ca.next;
    if trust == Trust::SharedCa {
        out.extend(half(context));
        out.extend(done(context));
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

/// Where the rotation is done, and mesh.yaml is all that is left.
fn done(context: &Context<'_>) -> Option<Finding> {
    let rotation = context.mesh.ca.rotation.as_ref();
    let rotation = rotation.filter(|rotation| rotation.stage == Stage::Done)?;
    let destroy = match rotation.keeps_key() {
        true => "",
        false => {
            "; if the old key was stolen, destroy it, the folders `before/` of the dumps, and backups of both"
        }
    };
    let message = "the CA rotation is done: every cluster has the CA of ca.next";
    Some(
        RULE.finding_as(
            Severity::Note,
            rotation.next.place.clone(),
            message.to_owned(),
        )
        .help(format!(
            "make it the `cert` and `key` of `ca`, and remove `ca.next`{destroy}"
        )),
    )
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
