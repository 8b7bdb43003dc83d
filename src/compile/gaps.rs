//! Facts that are missing: their names and the texts about them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::codes;
use super::kubectl::{Dump, dump_again, quoted};
use crate::finding::{Finding, Severity};
use crate::model::{Cluster, Mesh, ServiceType, Trust};
use crate::source::Place;
use crate::trust::{self, Remote, TrustState};

/// A missing fact, for whom, and how bad that is.
pub(super) struct Gap {
    /// The fact.
    pub(super) fact: FactName,
    /// The position of the cluster that can tell it.
    pub(super) of: usize,
    /// The position of the cluster whose patch lacks it.
    pub(super) wanted_by: usize,
    /// How bad that is.
    pub(super) severity: Severity,
}

/// The facts that can be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FactName {
    /// The ApplicationInstallation as it is now.
    Current,
    /// A CA.
    Ca,
    /// Where peers reach a clustermesh-apiserver.
    Address,
    /// The certificate that a cluster gives to its peers.
    RemoteCert,
}

impl FactName {
    /// As `missing` in index.json names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Ca => "ca",
            Self::Address => "address",
            Self::RemoteCert => "remoteCert",
        }
    }

    /// As people read it.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Current => "values",
            Self::Ca => "CA",
            Self::Address => "address",
            Self::RemoteCert => "remote certificate",
        }
    }

    /// What must be dumped to know it of a cluster.
    pub(crate) fn dump(self, of: &Cluster) -> Dump {
        match self {
            Self::Current => Dump::Current,
            Self::Ca => Dump::Ca,
            Self::RemoteCert => Dump::RemoteCert,
            Self::Address if of.apiserver.service_type == ServiceType::NodePort => Dump::Nodes,
            Self::Address => Dump::Service,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Current => "no dumped ApplicationInstallation",
            Self::Ca | Self::RemoteCert => "neither typed nor dumped",
            Self::Address => "no address",
        }
    }
}

/// Every gap that planning has met.
pub(super) struct Gaps<'m, 'r> {
    mesh: &'m Mesh,
    trust: &'r TrustState<'m>,
    /// Whether a phase was asked for: then `render` refuses, and writes no dump.sh.
    is_phase_asked: bool,
    all: Vec<Gap>,
}

impl<'m, 'r> Gaps<'m, 'r> {
    /// None yet.
    pub(super) fn new(mesh: &'m Mesh, trust: &'r TrustState<'m>, is_phase_asked: bool) -> Self {
        Self {
            mesh,
            trust,
            is_phase_asked,
            all: Vec::new(),
        }
    }

    /// One more.
    pub(super) fn push(&mut self, gap: Gap) {
        self.all.push(gap);
    }

    /// One finding for each missing fact, however many clusters want it.
    pub(super) fn findings(mut self) -> Vec<Finding> {
        let mut gaps = std::mem::take(&mut self.all);
        gaps.sort_by_key(|gap| (gap.of, gap.fact, gap.severity, gap.wanted_by));
        let mut findings: Vec<Finding> = Vec::new();
        let mut last = None;
        for gap in gaps {
            if !self.is_said_elsewhere(&gap) {
                let wanted_by = self.mesh.clusters[gap.wanted_by].name().to_owned();
                if last != Some((gap.of, gap.fact)) {
                    findings.push(self.finding(&gap));
                }
                if let Some(finding) = findings.pop() {
                    findings.push(finding.cluster(wanted_by));
                }
                last = Some((gap.of, gap.fact));
            }
        }
        findings
    }

    /// Whether another finding has named the fault that makes this fact missing.
    fn is_said_elsewhere(&self, gap: &Gap) -> bool {
        let cluster = &self.mesh.clusters[gap.of];
        match gap.fact {
            FactName::Ca if self.mesh.trust.value == Trust::SharedCa => {
                self.mesh_ca_is_said_elsewhere()
            }
            FactName::Ca => self.named_but_unread("ca", Some(gap.of)) || cluster.is_unusable("ca"),
            FactName::RemoteCert => {
                matches!(self.trust.remotes[gap.of], Remote::Faulty(_))
                    || self.cannot_be_judged(cluster)
                    || self.named_but_unread("remoteCert", Some(gap.of))
                    || cluster.is_unusable("remoteCert")
            }
            FactName::Address => cluster.is_unusable("address"),
            FactName::Current => cluster.is_unusable("current"),
        }
    }

    fn mesh_ca_is_said_elsewhere(&self) -> bool {
        let from = self.mesh.ca.from.map(|from| &self.mesh.clusters[from]);
        !self.trust.ca_faults.is_empty()
            || self.named_but_unread("ca", None)
            || from.is_some_and(|from| from.is_unusable("ca"))
    }

    /// A remote certificate that cannot be checked without its CA is not missing: the CA is.
    fn cannot_be_judged(&self, cluster: &Cluster) -> bool {
        let remote = &cluster.remote;
        let is_known = remote.cert.is_some() && remote.key.is_some();
        match self.mesh.trust.value {
            Trust::SharedCa => {
                !self.trust.ca_faults.is_empty()
                    || is_known
                        && (self.mesh.ca.pair.cert.is_some() || self.mesh_ca_is_said_elsewhere())
            }
            Trust::Inline | Trust::Bundle => {
                is_known && (trust::own_ca(cluster).is_some() || cluster.is_unusable("ca"))
            }
        }
    }

    fn named_but_unread(&self, fact: &str, cluster: Option<usize>) -> bool {
        let mut absent = self.mesh.absent.iter();
        absent.any(|absent| absent.fact == fact && absent.cluster == cluster)
    }

    fn finding(&self, gap: &Gap) -> Finding {
        let cluster = &self.mesh.clusters[gap.of];
        let name = cluster.name();
        let (code, message) = match gap.fact {
            FactName::Current => (
                &codes::CURRENT_MISSING,
                format!(
                    "the current values of {name} are not known, and its patch must repeat them"
                ),
            ),
            FactName::Ca => (
                &codes::FACT_MISSING,
                format!("the cilium-ca of {name} is not known"),
            ),
            FactName::RemoteCert => (
                &codes::FACT_MISSING,
                format!("the remote certificate of {name} is not known"),
            ),
            FactName::Address if cluster.apiserver.pending.is_some() => (
                &codes::ADDRESS_MISSING,
                format!("the load balancer of {name} has no address yet"),
            ),
            FactName::Address => (
                &codes::ADDRESS_MISSING,
                format!("the address of clustermesh-apiserver in {name} is not known"),
            ),
        };
        code.finding_as(gap.severity, self.place(gap), message)
            .label(gap.fact.label())
            .help(how_to_know(gap.fact, cluster, self.is_phase_asked))
            .cluster(name)
    }

    fn place(&self, gap: &Gap) -> Place {
        let cluster = &self.mesh.clusters[gap.of];
        match gap.fact {
            FactName::Current => cluster.place.key("dumps"),
            FactName::Ca => cluster.place.key("ca"),
            FactName::RemoteCert => cluster.place.key("remoteCert"),
            FactName::Address => match &cluster.apiserver.pending {
                Some(service) => service.dotted("status.loadBalancer"),
                None => cluster.place.key("apiserver"),
            },
        }
    }
}

/// What to do so that a fact is known: steps.sh makes it, `dump.sh` reads it, or mesh.yaml has a key for it.
fn how_to_know(fact: FactName, cluster: &Cluster, is_phase_asked: bool) -> String {
    let mut help = if is_made_by_steps(fact, cluster) {
        let made = match fact {
            FactName::RemoteCert => "the certificate",
            _ => "the Service clustermesh-apiserver",
        };
        format!(
            "run `sh DIR/steps.sh`, where DIR is the output folder of `meshgen render -o`, and render again: it makes {made} and reads it"
        )
    } else {
        format!("{}, and render again", dump_again(cluster))
    };
    match fact {
        FactName::Address if cluster.apiserver.pending.is_none() => help.push_str(
            "; where it is known beforehand, give `apiserver.ips` or `apiserver.address`",
        ),
        FactName::RemoteCert => {
            help.push_str(
                "; one that `meshgen pki remote` has made is to be named as `remoteCert`",
            );
        }
        _ => {}
    }
    if is_phase_asked {
        help.push_str("; `meshgen render -o DIR` without `--phase` writes the scripts");
    }
    if !cluster.reads_dump_folder {
        let folder = quoted(&cluster.dump_folder);
        help.push_str(&format!(
            "; name the folder in mesh.yaml too, since `dumps` names files: `dumps: {folder}/`"
        ));
    }
    help
}

/// Whether the cluster was read, and has no clustermesh-apiserver yet that could tell the fact.
fn is_made_by_steps(fact: FactName, cluster: &Cluster) -> bool {
    let is_of_apiserver = match fact.dump(cluster) {
        Dump::Service | Dump::RemoteCert => true,
        // The addresses of nodes are known; what lacks is the port of the Service.
        Dump::Nodes => !cluster.dumped_nodes.is_empty(),
        _ => false,
    };
    let runs = cluster.current_value("clustermesh.useAPIServer") == Some(&Value::Bool(true));
    is_of_apiserver && cluster.current.is_some() && !runs
}
