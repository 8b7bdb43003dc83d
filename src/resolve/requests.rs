//! The address that a load balancer is asked for, and the one that peers dial.

use std::net::IpAddr;

use crate::apiserver_service::requested_addresses;
use crate::finding::Finding;
use crate::input::Input;
use crate::model::{Cluster, Fact};

/// Whether mesh.yaml tells peers an address that the load balancer is not asked for: they would dial another one.
pub(super) fn disagreement(input: &Input, cluster: &Cluster) -> Option<Finding> {
    let requested = requested_addresses(cluster);
    let addresses = cluster.apiserver.addresses.iter();
    let mut typed = addresses.filter(|address| address.place.file == input.mesh_file);
    let dialled = typed.find(|dialled| is_another(dialled.value, &requested))?;
    let same_family = |asked: &&Fact<IpAddr>| asked.value.is_ipv4() == dialled.value.is_ipv4();
    let asked = requested.iter().find(same_family)?;
    Some(
        super::codes::INPUT_DISAGREES
            .finding(
                dialled.place.clone(),
                format!(
                    "peers are told that {} is reached at {}, and its load balancer is asked for {}",
                    cluster.name(),
                    dialled.value,
                    asked.value
                ),
            )
            .label(format!("{} here", dialled.value))
            .related(asked.place.clone(), format!("{} here", asked.value))
            .help("write one and the same address in both places")
            .cluster(cluster.name()),
    )
}

/// Whether addresses of the same family are asked for, and this one is not among them.
fn is_another(dialled: IpAddr, requested: &[Fact<IpAddr>]) -> bool {
    let mut same_family = requested
        .iter()
        .filter(|asked| asked.value.is_ipv4() == dialled.is_ipv4())
        .peekable();
    same_family.peek().is_some() && same_family.all(|asked| asked.value != dialled)
}
