//! Keys where names, paths and labels belong.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::{Finding, Severity};
use crate::input::Input;
use crate::source::{Place, RouteStep, looks_like_a_key};
use crate::yaml::{Kind, Node};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "key-exposed", Error,
        what: "A private key stands in mesh.yaml where a name, path, address or label belongs. What only looks like one is a warning.",
        why: "These texts go into files that everybody may read, into commands and into Terraform's state. Keys belong in `ca` and `remoteCert`, best as `{file: ...}` or `{env: ...}`: only from there they go into files of mode 0600, and nowhere else. The error about a key that was read cannot be ignored.",
    ),
    check,
};

/// Fields that another rule lets no base64 into; a hexadecimal key passes there.
const STRICT: [&str; 14] = [
    "address",
    "cilium",
    "from",
    "ips",
    "kkp",
    "loadBalancerIP",
    "loadBalancerSourceRanges",
    "name",
    "namespace",
    "nodeCIDRs",
    "nodes",
    "podCIDRs",
    "protocol",
    "serviceCIDRs",
];

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mesh = &context.mesh.place;
    if let Some(document) = context.input.sources.node(mesh) {
        visit(document, mesh.clone(), context.input, out);
    }
}

fn visit(node: &Node, place: Place, input: &Input, out: &mut Vec<Finding>) {
    // What cannot be used goes nowhere, and has its finding.
    if input.unusable.contains(&place.route) {
        return;
    }
    match &node.kind {
        Kind::Mapping(entries) => {
            for entry in entries.iter() {
                let below = place.key(&entry.key);
                if has_free_keys(&place) {
                    judge(&entry.key, below.clone().of_key(), input, out);
                }
                if !(is_for_keys(&below) && entry.value.as_str().is_some()) {
                    visit(&entry.value, below, input, out);
                }
            }
        }
        Kind::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                visit(item, place.index(index), input, out);
            }
        }
        Kind::String(text) => judge(text, place, input, out),
        _ => {}
    }
}

/// The mappings whose keys users choose; any other key that is not known is `unknown-key`.
fn has_free_keys(place: &Place) -> bool {
    let route = place.route.to_string();
    route.ends_with(".annotations") || route.ends_with(".selector")
}

/// `cert` and `key` of `ca`, `ca.next` and `remoteCert`.
fn is_for_keys(place: &Place) -> bool {
    let route = place.route.to_string();
    ["ca", "next", "remoteCert"].iter().any(|pair| {
        ["cert", "key"].iter().any(|half| {
            let way = format!("{pair}.{half}");
            route == way || route.ends_with(&format!(".{way}"))
        })
    })
}

fn judge(text: &str, place: Place, input: &Input, out: &mut Vec<Finding>) {
    let is_strict = is_strict(&place);
    if is_strict && text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return;
    }
    let (severity, message, help) = if input.sources.holds_a_key(text) {
        (
            Severity::Error,
            "here stands a piece of a private key or of its certificate",
            "take it out here, and name the key as `key: {file: ...}` of `ca` or `remoteCert`",
        )
    } else if looks_like_a_key(text) && !is_strict || is_hexadecimal(text) && is_a_name(&place) {
        // A guess, so it stops no run.
        (
            Severity::Warning,
            "what stands here looks like key material",
            "take it out if it is a key; else accept this finding with an entry under `ignore`",
        )
    } else {
        return;
    };
    out.push(
        RULE.finding_as(severity, place, message)
            .label("goes into files that everybody may read")
            .help(help),
    );
}

/// So many hexadecimal digits, as 128 bits have, are no word.
const HEXADECIMAL: usize = 32;

/// Whether hexadecimal digits stand together as in a key. Digests and IDs of clouds look the same.
fn is_hexadecimal(text: &str) -> bool {
    let mut runs = text.split(|character: char| !character.is_ascii_hexdigit());
    runs.any(|run| run.len() >= HEXADECIMAL)
}

/// Whether people choose what stands at a place, so that it is no path with a digest in it and no ID of a cloud.
fn is_a_name(place: &Place) -> bool {
    const NAMES: [&str; 4] = ["mesh", "context", "kkpCluster", "namespace"];
    const FREE: [&str; 2] = ["selector", "labels"];
    let mut keys = keys_up(place);
    let last = keys.next();
    last.is_some_and(|key| NAMES.contains(&key))
        || keys.next().is_some_and(|key| FREE.contains(&key))
}

/// Whether a place is one of [`STRICT`], or an item of such a list.
fn is_strict(place: &Place) -> bool {
    keys_up(place)
        .next()
        .is_some_and(|key| STRICT.contains(&key))
}

/// The keys on the way to a place, the last one first.
fn keys_up(place: &Place) -> impl Iterator<Item = &str> {
    place
        .route
        .steps()
        .iter()
        .rev()
        .filter_map(|step| match step {
            RouteStep::Key(key) => Some(key.as_str()),
            RouteStep::Index(_) => None,
        })
}
