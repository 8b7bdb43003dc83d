//! The dumped Nodes, and the addresses that Cilium takes of them.

use std::net::IpAddr;

use super::Reading;
use super::host::as_dialled;
use crate::input::dumps::Object;
use crate::model::{DumpedNode, Fact};
use crate::profile::Cilium;

/// The kinds of address that count, those that win first.
const KINDS: [&str; 2] = ["InternalIP", "ExternalIP"];

/// A Node as it was dumped, with every address that it lists.
pub(super) struct Listed {
    name: Fact<String>,
    addresses: Vec<(&'static str, Fact<IpAddr>)>,
}

impl Reading<'_> {
    pub(super) fn node(&self, object: &Object) -> Listed {
        let addresses = self.list(object, "status.addresses");
        let usable = addresses.iter().filter_map(|(node, place)| {
            let written = node.get("type")?.as_str()?;
            let kind = KINDS.into_iter().find(|kind| *kind == written)?;
            let address = node.get("address")?.as_str()?.parse().ok()?;
            let address = as_dialled(address);
            Some((kind, Fact::new(address, place.key("address"))))
        });
        Listed {
            name: self
                .text(object, "metadata.name")
                .unwrap_or_else(|| Fact::new(object.name.clone(), object.place.clone())),
            addresses: usable.collect(),
        }
    }
}

impl Listed {
    /// The Node with the addresses that the agents of a chart take: of each family the InternalIPs, from
    /// 1.14 on only the first of them, and an ExternalIP where there is none.
    /// Source: `ParseNode` in `pkg/k8s/node.go` and `GetNodeIP` in `pkg/node/types/node.go` of `cilium/cilium`.
    pub(super) fn taken_by(self, chart: Option<&Cilium>) -> DumpedNode {
        let first_only = chart.is_none_or(|chart| chart.first_node_address_only);
        let mut addresses: Vec<Fact<IpAddr>> = Vec::new();
        for is_v4 in [true, false] {
            let of_family = self
                .addresses
                .iter()
                .filter(|(_, address)| address.value.is_ipv4() == is_v4);
            let Some(kind) = KINDS
                .into_iter()
                .find(|kind| of_family.clone().any(|(own, _)| own == kind))
            else {
                continue;
            };
            let of_kind = of_family.filter(|(own, _)| *own == kind);
            let count = if first_only { 1 } else { usize::MAX };
            addresses.extend(of_kind.take(count).map(|(_, address)| address.clone()));
        }
        DumpedNode {
            name: self.name,
            addresses,
        }
    }
}
