//! A dump says of which cluster it is, if one knows where to look.

mod names;
mod uids;

use std::collections::BTreeSet;

use super::{Context, Rule};
use crate::code::code;
use crate::compile::kubectl::kubectl;
use crate::compile::plan::Purpose;
use crate::finding::{Finding, Severity};
use crate::input::dumps::Object;
use crate::model::{Cluster, ObjectUse};
use crate::profile::releases::ValuesField;
use crate::resolve::selection::Role;

pub(super) use names::named_like;
pub(super) use uids::contradiction;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "dump-foreign", Warning,
        what: "A dump of one cluster is an object of another cluster, or one object is dumped twice with different content.",
        why: "Two clusters never have an object with the same uid, and a cluster rarely bears the name of a peer: the command was run with the wrong kubectl context, or the file was put into the wrong folder. A patch made from it gives one cluster the values of another. The API server refuses it where it names that uid and the context is right; where the context is wrong too, nothing refuses it, so check the contexts first (`kubectl config get-contexts`). It is an error where the evidence is certain (one uid in two clusters, one object twice with two uids or with two contents of which none is newer, the address of another cluster's API server), and in `render` where what is made names no uid that the API server would refuse.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mut reported = BTreeSet::new();
    uids::in_two_clusters(context, &mut reported, out);
    uids::dumped_twice(context, out);
    names::check(context, &mut reported, out);
}

/// Pairs of clusters of which a finding was made: whose object, and in whose dumps.
type Reported = BTreeSet<(usize, usize)>;

/// The objects of a cluster that facts are taken from.
fn taken<'m>(
    context: &Context<'m>,
    cluster: &Cluster,
) -> impl Iterator<Item = (Role, &'m Object)> + use<'m> {
    let objects = context.input.dumps.get(cluster.index);
    let uses = context.mesh.uses.get(cluster.index);
    let objects = objects.into_iter().flatten();
    let with_uses = objects.zip(uses.into_iter().flatten());
    let taken = with_uses.filter(|(_, used)| **used == ObjectUse::Taken);
    taken.filter_map(|(object, _)| Some((Role::of(object)?, object)))
}

/// A text in a dumped object; none where it is empty.
fn text<'m>(context: &Context<'m>, object: &Object, path: &str) -> Option<&'m str> {
    let node = context.input.sources.node(&object.place.dotted(path))?;
    node.as_str().filter(|text| !text.is_empty())
}

/// How bad it is that a name points at another cluster: nothing stops what is made where no uid goes with it.
fn of_a_name(context: &Context<'_>, cluster: &Cluster) -> Severity {
    let is_rendered =
        context.request.purpose == Purpose::Apply && context.request.includes(cluster.index);
    let current = cluster.current.as_ref();
    let has_uid = current.is_some_and(|current| current.uid.is_some());
    let is_stopped =
        !context.request.unguarded && (cluster.form() == Some(ValuesField::Block) || has_uid);
    if is_rendered && current.is_some() && !is_stopped {
        Severity::Error
    } else {
        Severity::Warning
    }
}

fn dump_again(cluster: &Cluster) -> String {
    format!(
        "dump again with `{}`, or move the file",
        kubectl(&cluster.target)
    )
}
