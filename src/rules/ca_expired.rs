//! The mesh's CA must be in date.

use super::{Context, Rule};
use crate::code::code;
use super::mesh_ca;
use crate::finding::Finding;
use crate::pki::Validity;

pub(super) static RULE: Rule = Rule {
    code: code!(
        "ca-expired", Error,
        what: "The certificate of the mesh's CA is not valid today.",
        why: "Every connection between clusters is refused from the day on which the CA ends. Delete the Secret `cilium-ca` in the cluster that `ca.from` names so that a new one is made, dump it again, and render again: all clusters get the new one.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let (Some(cert), Some(now)) = (mesh_ca::shared(context), context.now) else {
        return;
    };
    if mesh_ca::faults(context).next().is_none() && cert.value.valid_at(now) != Validity::Ok {
        out.push(
            Finding::error(
                "ca-expired",
                cert.place.clone(),
                "the mesh's CA certificate is out of date",
            )
            .help("make a new CA in the cluster that ca.from names, then dump its cilium-ca again"),
        );
    }
}
