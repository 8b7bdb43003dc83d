//! Text that KKP executes, alters or cannot read.

use serde_json::Value;

use super::{Context, Rule};
use crate::compile::paths;
use crate::compile::plan::ClusterPlan;
use crate::compile::values::{self, PeerList};
use crate::finding::Finding;
use crate::kkp::template::{self, Outcome};
use crate::model::{Cluster, Current};
use crate::profile::Kkp;
use crate::profile::releases::ValuesField;
use crate::source::{Place, RouteStep};

pub(super) static RULE: Rule = Rule {
    code: &crate::resolve::codes::TEMPLATE_HAZARD,
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in &context.mesh.clusters {
        for (text, place) in typed(cluster) {
            if let Some(hazard) = ["{{", "}}", "<"]
                .into_iter()
                .find(|hazard| text.contains(hazard))
            {
                let message = format!(
                    "this value of {} holds `{hazard}`, which KKP's templating does not leave alone",
                    cluster.name()
                );
                out.push(
                    RULE.finding(place, message)
                        .help("write the value itself: KKP runs all values through a template")
                        .cluster(cluster.name()),
                );
            }
        }
    }
    for planned in &context.plan.clusters {
        // A merge patch holds only what it changes, so nothing that is kept passes through KKP again.
        let is_merge_patch = planned.cluster.form() == Some(ValuesField::Values);
        if let Some(current) = planned.cluster.current.as_ref().filter(|_| !is_merge_patch) {
            Kept::new(context, planned, current).check(current.values(), out);
        }
    }
}

/// What mesh.yaml says that is written into values, apart from names and addresses, whose form is checked.
fn typed(cluster: &Cluster) -> Vec<(&str, Place)> {
    let apiserver = &cluster.apiserver;
    let mut texts = Vec::new();
    let single = [
        apiserver.host.as_ref(),
        apiserver.load_balancer_ip.as_ref(),
        apiserver.load_balancer_class.as_ref(),
        cluster.apiserver_image.as_ref(),
        cluster.etcd_image.as_ref(),
    ];
    for fact in single.into_iter().flatten() {
        texts.push((fact.value.as_str(), fact.place.clone()));
    }
    if let Some(ranges) = &apiserver.load_balancer_source_ranges {
        let items = ranges.value.iter().enumerate();
        texts.extend(items.map(|(at, range)| (range.as_str(), ranges.place.index(at))));
    }
    if let Some(annotations) = &apiserver.annotations {
        for (key, value) in &annotations.value {
            let place = annotations.place.key(key);
            texts.push((key.as_str(), place.clone().of_key()));
            texts.push((value.as_str(), place));
        }
    }
    texts
}

/// The current values that stay as they are.
struct Kept<'c> {
    cluster: &'c Cluster,
    current: &'c Current,
    kkp: &'static Kkp,
    patch: Value,
    replaces_peers: bool,
    path: Vec<RouteStep>,
}

impl<'c> Kept<'c> {
    fn new(context: &Context<'_>, planned: &ClusterPlan<'c>, current: &'c Current) -> Self {
        let owned = values::owned(context.plan, &planned.without_peers());
        Self {
            cluster: planned.cluster,
            current,
            kkp: planned.kkp,
            patch: owned.patch,
            replaces_peers: owned.peers == PeerList::Planned,
            path: Vec::new(),
        }
    }

    fn check(&mut self, value: &Value, out: &mut Vec<Finding>) {
        match value {
            Value::String(text) => out.extend(self.finding(text, false)),
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.below(RouteStep::Index(at), item, out);
                }
            }
            Value::Object(entries) => {
                for (key, entry) in entries {
                    self.path.push(RouteStep::Key(key.clone()));
                    out.extend(self.finding(key, true));
                    self.path.pop();
                    self.below(RouteStep::Key(key.clone()), entry, out);
                }
            }
            _ => {}
        }
    }

    fn below(&mut self, step: RouteStep, value: &Value, out: &mut Vec<Finding>) {
        self.path.push(step);
        if !self.is_replaced() {
            self.check(value, out);
        }
        self.path.pop();
    }

    /// Whether the patch puts something else here, or nothing.
    fn is_replaced(&self) -> bool {
        let keys: Option<Vec<&str>> = self.path.iter().map(key).collect();
        let Some(keys) = keys else { return false };
        if self.replaces_peers && keys.join(".") == paths::PEERS {
            return true;
        }
        let new = keys
            .iter()
            .try_fold(&self.patch, |node, key| node.get(*key));
        new.is_some_and(|new| !new.is_object())
    }

    fn finding(&self, text: &str, is_key: bool) -> Option<Finding> {
        let what = hazard(text, is_key, self.kkp)?;
        let subject = if is_key { "key" } else { "value" };
        let message = format!(
            "a current {subject} of {}, which the patch keeps, {what}",
            self.cluster.name()
        );
        let place = match is_key {
            true => self.current.key_place_at(&self.path),
            false => self.current.place_at(&self.path),
        };
        let finding = RULE
            .finding(place, message)
            .help("mend it in the ApplicationInstallation, then dump it again")
            .cluster(self.cluster.name());
        Some(finding)
    }
}

fn key(step: &RouteStep) -> Option<&str> {
    match step {
        RouteStep::Key(key) => Some(key),
        RouteStep::Index(_) => None,
    }
}

/// What happens to a kept value or key.
fn hazard(text: &str, is_key: bool, kkp: &Kkp) -> Option<String> {
    let trimmed = text.trim();
    let is_tag = trimmed.starts_with('<') && trimmed.ends_with('>');
    if is_tag && !(kkp.templates_values && is_cut_or_refused(trimmed)) {
        return Some("is a placeholder in angle brackets: it reaches Helm as it is".to_owned());
    }
    if !kkp.templates_values {
        // A template is not what was meant, or the next upgrade of KKP executes it.
        let what = "holds `{{`, which this KKP hands to Helm as it is, and newer ones execute";
        return text.contains("{{").then(|| what.to_owned());
    }
    let outcome = match is_key {
        true => template::of_key(text, kkp.template_data),
        false => template::of_value(text, kkp.template_data),
    };
    match outcome {
        Outcome::Renders => None,
        Outcome::Angle => {
            Some("holds `<`, which KKP's templating alters or cannot read".to_owned())
        }
        Outcome::Fails(why) => Some(format!("is a template that KKP cannot render: {why}")),
        Outcome::Undecided(why) => Some(format!(
            "is a template of which meshgen cannot say whether KKP renders it: {why}"
        )),
    }
}

/// Whether html/template strips a text between angle brackets, as it does comments, or refuses it: an element whose text is no
/// HTML, and which is not closed.
fn is_cut_or_refused(tag: &str) -> bool {
    const ELEMENTS: [&str; 4] = ["script", "style", "textarea", "title"];
    let inside = tag.trim_start_matches('<');
    let name = inside.split([' ', '/', '>']).next().unwrap_or_default();
    inside.starts_with('!')
        || ELEMENTS
            .iter()
            .any(|element| name.eq_ignore_ascii_case(element))
}
