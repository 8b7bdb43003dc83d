//! Texts that go into files and commands as they are.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::input::mesh_file::SecretValue;
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "format-invalid", Error,
        what: "A name, context or path in mesh.yaml is empty, too long, or holds characters that nobody can see.",
        why: "It goes into files and commands as it is written. A line break or control character there garbles them, and with an empty path a command fails. A mesh name or context has up to 253 characters, a path up to 4096. A dumps folder is not the root of the file system.",
    ),
    check,
};

/// The most characters of a name.
const NAME: usize = 253;
/// The most characters of a path (`PATH_MAX` of Linux).
const PATH: usize = 4096;

/// A text with what it is and the most characters that it may have.
struct Text<'t> {
    text: &'t str,
    place: Place,
    what: &'static str,
    most: usize,
}

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for text in texts(context) {
        if let Some((fault, help)) = fault(&text) {
            let message = format!("this {} {fault}", text.what);
            out.push(RULE.finding(text.place, message).help(help));
        }
    }
}

fn fault(text: &Text<'_>) -> Option<(&'static str, &'static str)> {
    if text.text.is_empty() {
        return Some(("is empty", "write it, or leave the key out"));
    }
    if text.text.chars().any(is_unseen) {
        return Some((
            "holds a line break, a control character or an invisible one",
            "write it without that character; it may have come along with a paste",
        ));
    }
    if text.text.chars().count() > text.most {
        return Some(("is too long", "is this what belongs here? shorten it"));
    }
    let is_root = text.what == "dumps path" && text.text.trim_end_matches('/').is_empty();
    is_root.then_some((
        "is the root of the file system",
        "name a folder for the dumps of this cluster alone",
    ))
}

/// Control characters, and those that change the direction of text or have no width.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

fn texts<'c>(context: &'c Context<'_>) -> Vec<Text<'c>> {
    let Some(file) = &context.input.file else {
        return Vec::new();
    };
    let mut texts = Vec::new();
    let mut add = |text: Option<&'c String>, place: Place, what, most| {
        if let Some(text) = text.filter(|text| !is_unusable(context, text, &place)) {
            texts.push(Text {
                text,
                place,
                what,
                most,
            });
        }
    };
    let top = |path: &str| context.mesh.place.dotted(path);
    add(file.mesh.as_ref(), top("mesh"), "mesh name", NAME);
    if let Some(seed) = &file.seed {
        add(seed.context.as_ref(), top("seed.context"), "context", NAME);
        add(
            seed.kubeconfig.as_ref(),
            top("seed.kubeconfig"),
            "kubeconfig path",
            PATH,
        );
    }
    if let Some(ca) = &file.ca {
        for (name, value) in [("ca.cert", &ca.cert), ("ca.key", &ca.key)] {
            add(path_of(value.as_ref()), top(name).key("file"), "path", PATH);
        }
    }
    let clusters = file.clusters.iter().flatten().enumerate();
    for (index, cluster) in clusters {
        let at = |path: &str| context.input.field(index, path);
        add(cluster.context.as_ref(), at("context"), "context", NAME);
        add(
            cluster.kkp_cluster.as_ref(),
            at("kkpCluster"),
            "name of a KKP Cluster",
            NAME,
        );
        add(
            cluster.kubeconfig.as_ref(),
            at("kubeconfig"),
            "kubeconfig path",
            PATH,
        );
        let dumps = cluster.dumps.as_ref().map(|dumps| dumps.paths());
        for (position, path) in dumps.unwrap_or_default().iter().enumerate() {
            let list = at("dumps");
            let item = list.index(position);
            let is_item = context.input.sources.node(&item).is_some();
            add(
                Some(path),
                if is_item { item } else { list },
                "dumps path",
                PATH,
            );
        }
        for (name, pair) in [("ca", &cluster.ca), ("remoteCert", &cluster.remote_cert)] {
            let Some(pair) = pair else { continue };
            for (half, value) in [("cert", &pair.cert), ("key", &pair.key)] {
                let path = format!("{name}.{half}.file");
                add(path_of(value.as_ref()), at(&path), "path", PATH);
            }
        }
    }
    texts
}

/// A value of the wrong type was reported already and left an empty text.
fn is_unusable(context: &Context<'_>, text: &str, place: &Place) -> bool {
    text.is_empty() && context.input.unusable.contains(&place.route)
}

fn path_of(value: Option<&SecretValue>) -> Option<&String> {
    match value? {
        SecretValue::File(file) => Some(&file.file),
        _ => None,
    }
}
