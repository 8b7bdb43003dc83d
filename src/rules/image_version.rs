//! Images of another Cilium version than the chart's.

use serde_json::Value;

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::{Cluster, Fact};
use crate::profile::Version;
use crate::profile::version::{WrittenVersion, read};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "image-version", Warning,
        what: "An image of Cilium is pinned to another version than the chart that runs it.",
        why: "A chart and its images are released together: flags, certificates and permissions that the one gives are those that the other asks for. A tag that was pinned once stays when KKP upgrades the chart, and then an agent or clustermesh-apiserver of another version runs than everybody believes.",
    ),
    check,
};

/// The images with Cilium's own version; each has `tag` and `override`.
const IMAGES: [&str; 5] = [
    "image",
    "operator.image",
    "clustermesh.apiserver.image",
    "clustermesh.apiserver.kvstoremesh.image",
    "hubble.relay.image",
];

/// The one that mesh.yaml can set.
const APISERVER: &str = "clustermesh.apiserver.image";

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in &context.mesh.clusters {
        let Some(chart) = cluster.cilium_version() else {
            continue;
        };
        for image in pinned(cluster) {
            if let Some(version) = version_of(&image.value).filter(|version| *version != chart) {
                out.push(finding(cluster, image, version, chart));
            }
        }
    }
}

/// The tags and references that are pinned, of the values as they will be.
fn pinned(cluster: &Cluster) -> Vec<Fact<String>> {
    let typed = cluster.apiserver_image.as_ref();
    let kept = IMAGES
        .into_iter()
        .filter(|image| typed.is_none() || *image != APISERVER);
    let kept = kept.filter_map(|image| {
        let said = ["override", "tag"].map(|key| format!("{image}.{key}"));
        said.iter().find_map(|path| {
            let text = cluster.current_value(path).and_then(Value::as_str)?;
            let place = cluster.current.as_ref()?.value_place(path);
            (!text.is_empty()).then(|| Fact::new(text.to_owned(), place))
        })
    });
    typed.cloned().into_iter().chain(kept).collect()
}

/// The version in a tag, or in the tag of a full reference: `quay.io/cilium/cilium:v1.18.10-x@sha256:...`.
fn version_of(image: &str) -> Option<Version> {
    let name = image.split('@').next()?;
    let last = name.rsplit('/').next()?;
    let tag = last.rsplit(':').next()?;
    match read(tag.split(['-', '+']).next()?)? {
        WrittenVersion::Full(version) => Some(version),
        WrittenVersion::Line(..) => None,
    }
}

fn finding(cluster: &Cluster, image: Fact<String>, version: Version, chart: Version) -> Finding {
    let message = format!(
        "an image of {} is pinned to {version}, and its chart is {chart}",
        cluster.name()
    );
    let mut finding = RULE
        .finding(image.place, message)
        .label(format!("{version} here"))
        .help(format!(
            "take the image of {chart}, or leave the tag to the chart"
        ));
    if let Some(cilium) = &cluster.cilium {
        finding = finding.related(cilium.place.clone(), "the chart");
    }
    finding.cluster(cluster.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_tag() {
        let v = Version::new(1, 18, 10);
        for image in [
            "v1.18.10",
            "1.18.10",
            "v1.18.10-hardened",
            "quay.io/cilium/cilium:v1.18.10",
            "registry.example.com:5000/cilium/cilium:v1.18.10@sha256:0123",
        ] {
            assert_eq!(version_of(image), Some(v), "{image}");
        }
        for image in ["latest", "v1.18", "registry.example.com:5000/cilium", ""] {
            assert_eq!(version_of(image), None, "{image}");
        }
    }
}
