//! Every command that meshgen prints for people to run. None of them is run by meshgen.

use crate::model::Cluster;

/// The object that KKP watches.
const INSTALLATION: &str = "applicationinstallations.apps.kubermatic.k8c.io";

/// A fact that kubectl can tell, and the file of the cluster's dumps that it goes into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dump {
    /// The ApplicationInstallation with the current values.
    Current,
    /// The Secret `cilium-ca`.
    Ca,
    /// The Secret with the certificate that peers present.
    RemoteCert,
    /// The Service with its addresses.
    Service,
    /// The nodes with their InternalIPs.
    Nodes,
}

impl Dump {
    fn resource(self) -> &'static str {
        match self {
            Self::Current => "applicationinstallations.apps.kubermatic.k8c.io cilium",
            Self::Ca => "secret cilium-ca",
            Self::RemoteCert => "secret clustermesh-apiserver-remote-cert",
            Self::Service => "service clustermesh-apiserver",
            Self::Nodes => "nodes",
        }
    }

    fn file(self) -> &'static str {
        match self {
            Self::Current => "cilium.applicationinstallation.yaml",
            Self::Ca => "cilium-ca.secret.yaml",
            Self::RemoteCert => "clustermesh-apiserver-remote-cert.secret.yaml",
            Self::Service => "clustermesh-apiserver.service.yaml",
            Self::Nodes => "nodes.yaml",
        }
    }
}

/// Writes a fact into the cluster's dumps. `MESHGEN_DIR` is the folder of mesh.yaml as seen from
/// the output folder; without it the output folder is taken to stand beside mesh.yaml.
pub fn dump(cluster: &Cluster, what: Dump) -> String {
    dump_into(cluster, what, &dump_folder(cluster))
}

/// The same, to be run in the folder of mesh.yaml.
pub fn dump_beside_mesh(cluster: &Cluster, what: Dump) -> String {
    dump_into(cluster, what, &quoted(&cluster.dump_folder))
}

fn dump_into(cluster: &Cluster, what: Dump, folder: &str) -> String {
    let get = kube(cluster, &format!("get {} -o yaml", what.resource()));
    format!(
        "(umask 077; mkdir -p {folder} && {get} > {folder}/{})",
        what.file()
    )
}

/// Keeps a copy of the CA that the one with this fingerprint is about to replace. A copy that is there stays: when
/// the command is run again, the cluster may hold the new CA already.
pub fn back_up_ca(cluster: &Cluster, new: &str) -> String {
    let folder = format!("{}/before", dump_folder(cluster));
    let file = format!("{folder}/cilium-ca-until-{}.secret.yaml", &new[..8]);
    let get = kube(cluster, "get secret cilium-ca -o yaml");
    format!("(umask 077; mkdir -p {folder} && {{ test -s {file} || {get} > {file}; }})")
}

/// Server-side, because client-side apply would copy a key in the file into an annotation.
pub fn apply(cluster: &Cluster, file: &str) -> String {
    kube(
        cluster,
        &format!("apply --server-side --force-conflicts -f {file}"),
    )
}

/// Creates or updates the global services. A context may have a namespace of its own, so what names none goes into `default`.
pub fn apply_services(cluster: &Cluster, file: &str, name_namespaces: bool) -> String {
    let namespace = if name_namespaces { "" } else { " -n default" };
    format!(
        "kubectl --context {}{namespace} apply -f {file}",
        quoted(&cluster.context)
    )
}

/// From a file, never from the command line: one argument holds at most 128 KiB, and is seen by all.
pub fn patch(cluster: &Cluster, patch_type: &str, file: &str) -> String {
    kube(
        cluster,
        &format!("patch {INSTALLATION} cilium --type {patch_type} --patch-file {file}"),
    )
}

/// Opens the object in an editor.
pub fn edit(cluster: &Cluster) -> String {
    kube(cluster, &format!("edit {INSTALLATION} cilium"))
}

/// Waits until KKP has looked at the patched object and Helm is done. KKP's conditions are a map, so
/// `--for=condition` never matches. `Ready` may still be true from before the patch, hence the first wait.
pub fn wait(cluster: &Cluster) -> String {
    let generation = kube(
        cluster,
        &format!("get {INSTALLATION} cilium -o jsonpath='{{.metadata.generation}}'"),
    );
    let observed = "--for=jsonpath='{.status.conditions.Ready.observedGeneration}'";
    let seen = kube(
        cluster,
        &format!("wait {INSTALLATION}/cilium {observed}=\"$({generation})\" --timeout=15m"),
    );
    let ready = "--for=jsonpath='{.status.conditions.Ready.status}'=True";
    let done = kube(
        cluster,
        &format!("wait {INSTALLATION}/cilium {ready} --timeout=15m"),
    );
    format!("{seen} && {done}")
}

/// Restarts a workload of kube-system and waits for it.
pub fn restart(cluster: &Cluster, workload: &str) -> String {
    let restart = kube(cluster, &format!("rollout restart {workload}"));
    let status = kube(cluster, &format!("rollout status {workload} --timeout=15m"));
    format!("{restart} && {status}")
}

/// Restarts the workloads of every namespace, so that their pods get identities under the new name and ID.
pub fn restart_workloads(cluster: &Cluster) -> String {
    let context = quoted(&cluster.context);
    format!(
        "for ns in $(kubectl --context {context} get namespaces -o jsonpath='{{.items[*].metadata.name}}'); do \
         for kind in deployment statefulset daemonset; do \
         kubectl --context {context} -n \"$ns\" get \"$kind\" -o name | \
         xargs -r kubectl --context {context} -n \"$ns\" rollout restart; done; done"
    )
}

/// Waits until the server certificate carries the CA that the cluster now holds in a Secret.
pub fn wait_for_leaves(cluster: &Cluster, ca_secret: &str) -> String {
    let field = "-o jsonpath='{.data.ca\\.crt}'";
    let wanted = kube(cluster, &format!("get secret {ca_secret} {field}"));
    let found = kube(
        cluster,
        &format!("get secret clustermesh-apiserver-server-cert {field}"),
    );
    // Two failed reads give two empty strings, which must not count as equal.
    format!(
        "until ca=\"$({wanted})\" && [ -n \"$ca\" ] && [ \"$({found})\" = \"$ca\" ]; do sleep 5; done"
    )
}

/// The health of all nodes of all clusters, as the guide's last step looks at it.
pub fn health(cluster: &Cluster) -> String {
    kube(
        cluster,
        "exec ds/cilium -c cilium-agent -- cilium-health status",
    )
}

/// Whether each remote cluster is ready. The agent's command is called differently by version.
pub fn mesh_status(cluster: &Cluster, agent_command: &str) -> String {
    kube(
        cluster,
        &format!("exec ds/cilium -c cilium-agent -- {agent_command} status --all-clusters"),
    )
}

/// The services of a node with their backends, those that are preferred marked.
pub fn service_backends(cluster: &Cluster, agent_command: &str) -> String {
    kube(
        cluster,
        &format!(
            "exec ds/cilium -c cilium-agent -- {agent_command} service list --clustermesh-affinity"
        ),
    )
}

fn kube(cluster: &Cluster, rest: &str) -> String {
    format!(
        "kubectl --context {} -n kube-system {rest}",
        quoted(&cluster.context)
    )
}

fn dump_folder(cluster: &Cluster) -> String {
    let folder = &cluster.dump_folder;
    if folder.starts_with('/') {
        return quoted(folder);
    }
    format!("\"${{MESHGEN_DIR:-..}}\"/{}", quoted(folder))
}

/// A word as a POSIX shell reads it back unchanged.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./@:=,+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_only_where_a_shell_needs_it() {
        assert_eq!(quoted("admin@cluster-1"), "admin@cluster-1");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }
}
