//! What the agents of a healthy mesh say of each other, as `cilium-dbg status --all-clusters` of 1.18 prints it.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Writes the status of one agent of each cluster below `checks`; every cluster has `nodes` nodes.
pub(crate) fn write(folder: &Path, size: usize, nodes: usize) -> Result<()> {
    for id in 1..=size {
        let own = folder.join(format!("checks/cluster-{id}"));
        fs::create_dir_all(&own)?;
        fs::write(own.join("status.txt"), status(id, size, nodes)?)?;
    }
    Ok(())
}

fn status(id: usize, size: usize, nodes: usize) -> Result<String> {
    let (peers, all) = (size - 1, size * nodes);
    let mut text = format!(
        "KVStore:                Disabled\n\
         Kubernetes:             Ok   1.33 (v1.33.1) [linux/amd64]\n\
         Cilium:                 Ok   1.18.10 (v1.18.10-0c1d2e3f)\n\
         ClusterMesh:            {peers}/{peers} remote clusters ready\n"
    );
    for peer in (1..=size).filter(|peer| *peer != id) {
        write!(
            text,
            "   cluster-{peer}: ready, {nodes} nodes, 14 endpoints, 9 identities, 3 services, 0 MCS-API service exports, \
             0 reconnections (last: never)\n   \
             └  etcd: 1/1 connected, leases=0, lock leases=0, has-quorum=true: endpoint status checks are disabled, ID: {peer}\n   \
             └  remote configuration: expected=true, retrieved=true, cluster-id={peer}, kvstoremesh=false, sync-canaries=true\n   \
             └  synchronization status: nodes=true, endpoints=true, identities=true, services=true\n"
        )?;
    }
    write!(
        text,
        "Controller Status:       61/61 healthy\n\
         Cluster health:          {all}/{all} reachable   (2026-11-12T11:05:35Z)   (Probe interval: 1m0s)\n\
         Name                    IP   Node   Endpoints\n\
         Modules Health:          Stopped(0) Degraded(0) OK(67)\n"
    )?;
    Ok(text)
}
