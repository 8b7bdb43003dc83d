//! How far the rotation of the mesh's CA is, and whom it cuts off.

use serde::Serialize;

use crate::compile::plan::Plan;
use crate::model::{Cluster, Mesh, Stage};

/// A rotation, as `plan` shows it.
#[derive(Serialize)]
pub(crate) struct RotationPreview {
    stage: Stage,
    /// Which of the stages it is.
    #[serde(skip)]
    ordinal: &'static str,
    /// What this stage does.
    what: &'static str,
    /// Pairs of clusters that lose each other for a time.
    cut: Vec<[String; 2]>,
    /// For how long, and why; null where no cluster is cut off.
    why: Option<&'static str>,
}

const WHY: &str = "from the moment that one of the two has certificates by the new CA until the other has them too: a cluster on Cilium 1.13, or with KVStoreMesh before 1.18.5, trusts one CA at a time";

impl RotationPreview {
    pub(super) fn of(plan: &Plan<'_>) -> Option<Self> {
        let mesh = plan.mesh;
        let rotation = mesh.ca.rotation.as_ref()?;
        let stage = rotation.stage;
        let cut = cut(mesh);
        Some(Self {
            stage,
            ordinal: rotation.ordinal(),
            what: match stage {
                Stage::Both => "clusters trust the new CA beside the old one; certificates stay",
                Stage::Leaves => "each cluster gets the new CA, and certificates by it",
                Stage::Drop => {
                    "every certificate is by the new CA; trust in the old one is taken away"
                }
                Stage::Done => {
                    "done: make ca.next the ca of mesh.yaml (cert and key), and remove ca.next"
                }
            },
            why: (!cut.is_empty()).then_some(WHY),
            cut,
        })
    }

    /// In lines.
    pub(super) fn text(&self) -> String {
        let mut out = format!("CA rotation, {}: {}.\n", self.ordinal, self.what);
        for [one, other] in &self.cut {
            out += &format!("  ! {one} and {other} lose each other\n");
        }
        if self.cut.is_empty() && self.stage != Stage::Done {
            out += "  no pair of clusters is cut\n";
        }
        if let Some(why) = self.why {
            out += &format!("  {why}\n");
        }
        out + "\n"
    }
}

fn cut(mesh: &Mesh) -> Vec<[String; 2]> {
    let Some(rotation) = &mesh.ca.rotation else {
        return Vec::new();
    };
    let is_cut = |(one, other): &(&Cluster, &Cluster)| {
        !one.is_leaving() && !other.is_leaving() && rotation.cuts(one, other)
    };
    let names = |(one, other): (&Cluster, &Cluster)| [one, other].map(|one| one.name().to_owned());
    mesh.pairs().filter(is_cut).map(names).collect()
}
