//! `ignore` in mesh.yaml: findings that somebody has accepted, each with a reason.

pub(crate) mod codes;

use crate::catalogue::catalogue;
use crate::finding::Finding;
use crate::input::structure::closest;
use crate::model::Ignore;

/// Takes away what is accepted. Where `complete` (all rules have run), entries that matched nothing
/// are findings themselves.
pub fn apply(findings: Vec<Finding>, ignores: &[Ignore], complete: bool) -> Vec<Finding> {
    let mut used = vec![false; ignores.len()];
    let mut left: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        match ignores.iter().position(|ignore| accepts(ignore, &finding)) {
            Some(at) => used[at] = true,
            None => left.push(finding),
        }
    }
    if complete {
        let unused = ignores.iter().zip(used).filter(|(_, used)| !used);
        left.extend(unused.filter_map(|(ignore, _)| unmatched(ignore)));
    }
    left
}

fn accepts(ignore: &Ignore, finding: &Finding) -> bool {
    ignore.code == finding.code && ignore.route == finding.primary.place.route.to_string()
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
            "nothing to ignore: no `{}` at `{}`",
            ignore.code, ignore.route
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
