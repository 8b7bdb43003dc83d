//! `ignore` in mesh.yaml: findings that somebody has accepted, each with a reason.

pub(crate) mod codes;

use std::collections::HashMap;

use crate::catalogue::catalogue;
use crate::finding::{Finding, Severity};
use crate::input::structure::closest;
use crate::model::Ignore;
use crate::source::{Sources, quoted};

/// Takes away what is accepted. Where `complete` (all rules have run), entries that matched nothing
/// are findings themselves.
pub(crate) fn apply(
    findings: Vec<Finding>,
    ignores: &[Ignore],
    sources: &Sources,
    complete: bool,
) -> Vec<Finding> {
    let entries = IgnoreIndex::new(ignores);
    let mut used = vec![false; ignores.len()];
    let mut left: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        // A key that was read goes into no file that others may read, whatever anybody accepts.
        let is_key = finding.code == "key-exposed" && finding.severity == Severity::Error;
        if is_key {
            left.push(finding);
            continue;
        }
        match entries.accepting(&finding, &used, sources) {
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

/// The entries by code, then by route, each as its place in the list.
struct IgnoreIndex<'i>(HashMap<&'i str, HashMap<&'i str, Vec<usize>>>);

impl<'i> IgnoreIndex<'i> {
    fn new(ignores: &'i [Ignore]) -> Self {
        let mut entries: HashMap<&str, HashMap<&str, Vec<usize>>> = HashMap::new();
        for (at, ignore) in ignores.iter().enumerate() {
            let routes = entries.entry(ignore.code.as_str()).or_default();
            routes.entry(ignore.route.as_str()).or_default().push(at);
        }
        Self(entries)
    }

    /// The first entry that accepts a finding: one code at one route. Earlier releases printed the route of a dump without
    /// cluster, object and way inside the block; such an entry accepts the first finding that it fits, and no other.
    fn accepting(&self, finding: &Finding, used: &[bool], sources: &Sources) -> Option<usize> {
        if !self.0.contains_key(finding.code) {
            return None;
        }
        let place = &finding.primary.place;
        let now = self.at(finding.code, &sources.route(place)).first();
        let earlier = place.route.to_string();
        let mut earlier = self.at(finding.code, &earlier).iter();
        let earlier = earlier.find(|at| !used[**at]);
        now.into_iter().chain(earlier).min().copied()
    }

    fn at(&self, code: &str, route: &str) -> &[usize] {
        let routes = self.0.get(code);
        routes
            .and_then(|routes| routes.get(route))
            .map_or(&[], Vec::as_slice)
    }
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
