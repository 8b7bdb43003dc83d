//! Texts that go into files and commands as they are.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::input::dumps::dumps_place;
use crate::input::mesh_file::SecretValue;
use crate::source::{Place, is_unseen};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "format-invalid", Error,
        what: "A name, context or path in mesh.yaml is empty, too long, or holds invisible characters.",
        why: "It goes into files and commands as it is written. A line break or control character there garbles them, and with an empty path a command fails. A mesh name or context has up to 253 characters, a path up to 4096. A dumps folder is not the root of the file system.",
    ),
    check,
};

/// What a text is, for the message, and the most characters that it may have.
#[derive(Clone, Copy)]
enum TextKind {
    Mesh,
    Context,
    KkpCluster,
    Kubeconfig,
    Dumps,
    KeyFile,
}

impl TextKind {
    fn name(self) -> &'static str {
        match self {
            Self::Mesh => "mesh name",
            Self::Context => "context",
            Self::KkpCluster => "name of a KKP Cluster",
            Self::Kubeconfig => "kubeconfig path",
            Self::Dumps => "dumps path",
            Self::KeyFile => "path",
        }
    }

    fn most(self) -> usize {
        match self {
            Self::Mesh | Self::Context | Self::KkpCluster => 253,
            // `PATH_MAX` of Linux.
            Self::Kubeconfig | Self::Dumps | Self::KeyFile => 4096,
        }
    }
}

struct Text<'t> {
    text: &'t str,
    place: Place,
    kind: TextKind,
}

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for text in texts(context) {
        if let Some((fault, help)) = fault(&text) {
            let message = format!("this {} {fault}", text.kind.name());
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
    if text.text.chars().count() > text.kind.most() {
        return Some(("is too long", "is this what belongs here? shorten it"));
    }
    let is_root =
        matches!(text.kind, TextKind::Dumps) && text.text.trim_end_matches('/').is_empty();
    is_root.then_some((
        "is the root of the file system",
        "name a folder for the dumps of this cluster alone",
    ))
}

fn texts<'c>(context: &'c Context<'_>) -> Vec<Text<'c>> {
    let Some(file) = &context.input.file else {
        return Vec::new();
    };
    let mut texts = Vec::new();
    let mut add = |text: Option<&'c String>, place: Place, kind| {
        if let Some(text) = text.filter(|text| !is_unusable(context, text, &place)) {
            texts.push(Text { text, place, kind });
        }
    };
    let top = |path: &str| context.mesh.place.dotted(path);
    add(file.mesh.as_ref(), top("mesh"), TextKind::Mesh);
    if let Some(seed) = &file.seed {
        add(
            seed.context.as_ref(),
            top("seed.context"),
            TextKind::Context,
        );
        add(
            seed.kubeconfig.as_ref(),
            top("seed.kubeconfig"),
            TextKind::Kubeconfig,
        );
    }
    let ca = file
        .ca
        .iter()
        .flat_map(|ca| [("cert", &ca.cert), ("key", &ca.key)]);
    for (half, value) in ca {
        add(
            path_of(value.as_ref()),
            top(&format!("ca.{half}.file")),
            TextKind::KeyFile,
        );
    }
    for (index, cluster) in file.clusters.iter().flatten().enumerate() {
        let at = |path: &str| context.input.field(index, path);
        add(cluster.context.as_ref(), at("context"), TextKind::Context);
        add(
            cluster.kkp_cluster.as_ref(),
            at("kkpCluster"),
            TextKind::KkpCluster,
        );
        add(
            cluster.kubeconfig.as_ref(),
            at("kubeconfig"),
            TextKind::Kubeconfig,
        );
        let dumps = cluster.dumps.as_ref().map(|dumps| dumps.paths());
        for (position, path) in dumps.unwrap_or_default().iter().enumerate() {
            add(
                Some(path),
                dumps_place(context.input, index, position),
                TextKind::Dumps,
            );
        }
        let pairs = [("ca", &cluster.ca), ("remoteCert", &cluster.remote_cert)];
        for (name, pair) in pairs
            .iter()
            .filter_map(|(name, pair)| Some((name, pair.as_ref()?)))
        {
            for (half, value) in [("cert", &pair.cert), ("key", &pair.key)] {
                add(
                    path_of(value.as_ref()),
                    at(&format!("{name}.{half}.file")),
                    TextKind::KeyFile,
                );
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
