//! `ignore` in mesh.yaml: findings that somebody has accepted, each with a reason.

pub(crate) mod codes;

use crate::catalogue::catalogue;
use crate::finding::Finding;
use crate::input::structure::closest;
use crate::model::Ignore;
use crate::source::{Sources, quoted};

/// Takes away what is accepted. Where `complete` (all rules have run), entries that matched nothing
/// are findings themselves.
pub fn apply(
    findings: Vec<Finding>,
    ignores: &[Ignore],
    sources: &Sources,
    complete: bool,
) -> Vec<Finding> {
    let mut used = vec![false; ignores.len()];
    let mut left: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        let mut entries = ignores.iter().zip(&mut used);
        match entries.find(|(ignore, used)| accepts(ignore, &finding, **used, sources)) {
            Some((_, used)) => *used = true,
            None => left.push(finding),
        }
    }
    if complete {
        let unused = ignores.iter().zip(used).filter(|(_, used)| !used);
        left.extend(unused.filter_map(|(ignore, _)| unmatched(ignore)));
    }
    left
}

/// Whether an entry accepts a finding: one code at one route. Earlier releases printed the route of a dump without
/// cluster, object and way inside the block; such an entry accepts the first finding that it fits, and no other.
fn accepts(ignore: &Ignore, finding: &Finding, is_used: bool, sources: &Sources) -> bool {
    let place = &finding.primary.place;
    ignore.code == finding.code
        && (ignore.route == sources.route(place)
            || (!is_used && ignore.route == place.route.to_string()))
}

/// An entry without a code, a route or a reason is a finding already.
fn unmatched(ignore: &Ignore) -> Option<Finding> {
    if [&ignore.code, &ignore.route, &ignore.reason]
        .iter()
        .any(|text| text.is_empty())
    {
        return None;
    }
    let finding = codes::IGNORE_UNUSED.finding(
        ignore.place.clone(),
        format!(
            "nothing to ignore: no {} at `{}`",
            quoted(&ignore.code),
            ignore.route
        ),
    );
    let names: Vec<&str> = catalogue().iter().map(|code| code.name).collect();
    let near = closest(&ignore.code, &names).filter(|near| *near != ignore.code);
    Some(match near {
        Some(near) if !names.contains(&ignore.code.as_str()) => {
            finding.help(format!("there is no such code; write `code: {near}`"))
        }
        _ => finding.help("remove this entry, or give the route as `--format json` prints it"),
    })
}
