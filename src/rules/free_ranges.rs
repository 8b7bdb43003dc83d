//! Ranges of a KKP default's size that nothing in a mesh uses yet.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::ranges;
use crate::firewall::cidr::Family;
use crate::model::{Cluster, Mesh};

/// What is still free, handed out once each: the same ranges for the same mesh.
pub(crate) struct FreeRanges {
    taken: Vec<IpNet>,
    v4: std::vec::IntoIter<IpNet>,
    v6: std::vec::IntoIter<IpNet>,
    given: BTreeMap<(usize, Family), Option<IpNet>>,
}

impl FreeRanges {
    /// What the pods, services, nodes and addresses of a mesh leave free.
    pub(crate) fn of(mesh: &Mesh) -> Self {
        Self::beside(mesh, &[])
    }

    /// The same, with ranges that are not to be handed out either.
    pub(crate) fn beside(mesh: &Mesh, kept: &[IpNet]) -> Self {
        let lists = [
            ranges::pods(mesh),
            ranges::services(mesh),
            ranges::nodes(mesh),
            ranges::load_balancers(mesh),
        ];
        let mut taken: Vec<IpNet> = lists.iter().flatten().map(|range| range.net).collect();
        taken.extend(kept);
        if mesh.clusters.iter().any(is_kubevirt) {
            taken.push(KUBEVIRT_PODS.into());
        }
        let free = |family| {
            let mut free = candidates(family);
            free.retain(|net| !taken.iter().any(|taken| overlap(net, taken)));
            free.into_iter()
        };
        let (v4, v6) = (free(Family::V4), free(Family::V6));
        Self {
            taken,
            v4,
            v6,
            given: BTreeMap::new(),
        }
    }

    /// Whether nothing of the mesh is in a range.
    pub(crate) fn is_free(&self, range: IpNet) -> bool {
        !self.taken.iter().any(|taken| overlap(&range, taken))
    }

    /// A range that a cluster could have for its pods, another one for each cluster.
    pub(crate) fn for_cluster(&mut self, cluster: &Cluster, family: Family) -> Option<IpNet> {
        let free = match family {
            Family::V4 => &mut self.v4,
            Family::V6 => &mut self.v6,
        };
        let given = self.given.entry((cluster.index, family));
        *given.or_insert_with(|| free.next())
    }
}

/// KKP's default pod range.
pub(crate) const KKP_PODS: Ipv4Net = slash_16(172, 25);
/// KKP's default pod range of KubeVirt clusters, and the guide's example of another range.
pub(super) const KUBEVIRT_PODS: Ipv4Net = slash_16(172, 26);
/// KKP's default IPv6 pod range.
pub(super) const KKP_PODS_V6: Ipv6Net = slash_48(0);

/// Whether KKP runs a cluster on KubeVirt.
pub(super) fn is_kubevirt(cluster: &Cluster) -> bool {
    let provider = cluster.provider.as_ref();
    provider.is_some_and(|provider| provider.value == "kubevirt")
}

/// Where to look, nearest to KKP's default first. 172.17.0.0/16 is left to Docker.
fn candidates(family: Family) -> Vec<IpNet> {
    match family {
        Family::V4 => {
            let near = (26..32).chain(18..25).chain([16]);
            let ten = (0..=255).map(|second| slash_16(10, second));
            near.map(|second| slash_16(172, second))
                .chain(ten)
                .map(IpNet::from)
                .collect()
        }
        Family::V6 => (1..=1024).map(slash_48).map(IpNet::from).collect(),
    }
}

const fn slash_16(first: u8, second: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(first, second, 0, 0), 16)
}

const fn slash_48(third: u16) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(0xfd01, 0, third, 0, 0, 0, 0, 0), 48)
}

fn overlap(a: &IpNet, b: &IpNet) -> bool {
    a.contains(b) || b.contains(a)
}
