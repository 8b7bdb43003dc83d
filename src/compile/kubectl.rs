//! Every command that meshgen prints for people to run. None of them is run by meshgen.

use std::borrow::Cow;

use crate::model::{Cluster, KubectlTarget};

/// The object that KKP watches.
pub(crate) const INSTALLATION: &str = "applicationinstallations.apps.kubermatic.k8c.io";

/// The annotation of KKP's Cluster object whose value becomes the first values of its CNI.
const INITIAL_VALUES: &str = "kubermatic.io/initial-cni-values-request";

/// A fact that kubectl can tell, and the file of the cluster's dumps that it goes into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dump {
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
    /// All of them, in the order in which dump.sh reads them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Current,
        Self::Ca,
        Self::RemoteCert,
        Self::Service,
        Self::Nodes,
    ];

    /// What `kubectl get` is asked for.
    pub(crate) fn resource(self) -> &'static str {
        match self {
            Self::Current => "applicationinstallations.apps.kubermatic.k8c.io cilium",
            Self::Ca => "secret cilium-ca",
            Self::RemoteCert => "secret clustermesh-apiserver-remote-cert",
            Self::Service => "service clustermesh-apiserver",
            Self::Nodes => "nodes",
        }
    }

    /// The name of the file.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Current => "cilium.applicationinstallation.yaml",
            Self::Ca => "cilium-ca.secret.yaml",
            Self::RemoteCert => "clustermesh-apiserver-remote-cert.secret.yaml",
            Self::Service => "clustermesh-apiserver.service.yaml",
            Self::Nodes => "nodes.yaml",
        }
    }
}

/// The file of the KKP Cluster object.
pub(crate) const KKP_CLUSTER_FILE: &str = "kkp.cluster.yaml";

/// The folder in which a command is run, and so how it finds what mesh.yaml names.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RunIn<'a> {
    /// The folder of mesh.yaml.
    MeshFolder,
    /// The output folder. `MESHGEN_DIR` is the folder of mesh.yaml; without it this is the way there.
    Output(&'a str),
}

/// kubectl on a seed that mesh.yaml does not name.
pub(crate) const UNKNOWN_SEED: &str = "kubectl --context SEED";

/// What reads a cluster again: the script that `render` writes. It reads every object at once, and names what it could not read.
pub(crate) fn dump_again(cluster: &Cluster) -> String {
    format!(
        "run `sh DIR/dump.sh {}`, where DIR is the output folder of `meshgen render -o`",
        quoted(cluster.name())
    )
}

impl RunIn<'_> {
    /// The output folder as it most often is: beside mesh.yaml.
    pub(crate) const OUTPUT: RunIn<'static> = RunIn::Output("..");

    /// A path that mesh.yaml names, as a shell word.
    pub(crate) fn path(self, path: &str) -> String {
        match self {
            Self::Output(way) if !path.starts_with('/') => {
                format!("\"${{MESHGEN_DIR:-{}}}\"/{}", in_braces(way), quoted(path))
            }
            _ => quoted(path),
        }
    }

    /// The command that prints a digest of the IPsec key of a cluster, and no key: Cilium reads it from the Secret
    /// `cilium-ipsec-keys`.
    pub(crate) fn ipsec_key(self, cluster: &Cluster) -> String {
        let kubectl = self.kubectl(&cluster.target);
        format!(
            "{kubectl} -n kube-system get secret cilium-ipsec-keys -o jsonpath='{{.data.keys}}' | sha256sum"
        )
    }

    /// `kubectl` with the options that lead to a cluster.
    fn kubectl(self, target: &KubectlTarget) -> String {
        let mut command = "kubectl".to_owned();
        if let Some(file) = &target.kubeconfig {
            command.push_str(&format!(" --kubeconfig {}", self.path(file)));
        }
        if let Some(context) = &target.context {
            command.push_str(&format!(" --context {}", quoted(context)));
        }
        command
    }

    fn in_kube_system(self, cluster: &Cluster, rest: &str) -> String {
        format!("{} -n kube-system {rest}", self.kubectl(&cluster.target))
    }

    /// Writes a fact into the cluster's dumps. A file that is there is replaced only after kubectl has succeeded.
    pub(crate) fn dump(self, cluster: &Cluster, what: Dump) -> String {
        let get = self.in_kube_system(cluster, &format!("get {} -o yaml", what.resource()));
        self.save(&self.path(&cluster.dump_folder), what.file(), &get)
    }

    fn save(self, folder: &str, file: &str, get: &str) -> String {
        format!(
            "(umask 077; mkdir -p {folder} && {get} > {folder}/.{file}.part && mv {folder}/.{file}.part {folder}/{file})"
        )
    }

    /// Keeps a copy of the CA that the one with this fingerprint is about to replace. A copy that is there stays: when
    /// the command is run again, the cluster may hold the new CA already.
    pub(crate) fn back_up_ca(self, cluster: &Cluster, new: &str) -> String {
        let folder = self.path(&format!("{}/before", cluster.dump_folder));
        let file = backup_file(new);
        let get = self.in_kube_system(cluster, "get secret cilium-ca -o yaml");
        let save = self.save(&folder, &file, &get);
        format!("test -s {folder}/{file} || {save}")
    }

    /// Server-side, because client-side apply would copy a key in the file into an annotation.
    pub(crate) fn apply(self, cluster: &Cluster, file: &str) -> String {
        self.in_kube_system(
            cluster,
            &format!("apply --server-side --force-conflicts -f {file}"),
        )
    }

    /// Creates or updates the global services. A context may have a namespace of its own, so what names none goes into `default`.
    pub(crate) fn apply_services(
        self,
        cluster: &Cluster,
        file: &str,
        name_namespaces: bool,
    ) -> String {
        let namespace = if name_namespaces { "" } else { " -n default" };
        let kubectl = self.kubectl(&cluster.target);
        format!("{kubectl}{namespace} apply -f {file}")
    }

    /// From a file, never from the command line: one argument holds at most 128 KiB, and is seen by all.
    pub(crate) fn patch(self, cluster: &Cluster, patch_type: &str, file: &str) -> String {
        self.in_kube_system(
            cluster,
            &format!("patch {INSTALLATION} cilium --type {patch_type} --patch-file {file}"),
        )
    }

    /// Creates a KKP Cluster with initial values for its CNI, on the seed; where mesh.yaml does not name that, a word to be filled in stands
    /// for its context, so that the command as it is runs nowhere. The values go through pipes, since arguments are seen by all.
    pub(crate) fn create(self, file: &str, seed: Option<&KubectlTarget>) -> String {
        let escaped = format!("sed 's/[\\\\\"]/\\\\&/g' {file} | tr -d '\\n'");
        let patch = format!(
            "{{ printf '{{\"metadata\":{{\"annotations\":{{\"{INITIAL_VALUES}\":\"'; {escaped}; printf '\"}}}}}}'; }}"
        );
        let local =
            "kubectl patch --local -f CLUSTER.yaml --type merge --patch-file /dev/stdin -o yaml";
        let kubectl = seed.map_or_else(|| UNKNOWN_SEED.to_owned(), |seed| self.kubectl(seed));
        format!("{patch} | {local} | {kubectl} create -f -")
    }

    /// Opens the object in an editor.
    pub(crate) fn edit(self, cluster: &Cluster) -> String {
        self.in_kube_system(cluster, &format!("edit {INSTALLATION} cilium"))
    }

    /// Waits until KKP has looked at the patched object and Helm is done. KKP's conditions are a map, so
    /// `--for=condition` never matches. `Ready` may still be true from before the patch, hence the first wait.
    pub(crate) fn wait(self, cluster: &Cluster) -> String {
        let generation = self.in_kube_system(
            cluster,
            &format!("get {INSTALLATION} cilium -o jsonpath='{{.metadata.generation}}'"),
        );
        let observed = "--for=jsonpath='{.status.conditions.Ready.observedGeneration}'";
        let seen = self.in_kube_system(
            cluster,
            &format!("wait {INSTALLATION}/cilium {observed}=\"$({generation})\" --timeout=15m"),
        );
        let ready = "--for=jsonpath='{.status.conditions.Ready.status}'=True";
        let done = self.in_kube_system(
            cluster,
            &format!("wait {INSTALLATION}/cilium {ready} --timeout=15m"),
        );
        format!("{seen} && {done}")
    }

    /// Restarts a workload of kube-system and waits for it.
    pub(crate) fn restart(self, cluster: &Cluster, workload: &str) -> String {
        let restart = self.in_kube_system(cluster, &format!("rollout restart {workload}"));
        let status =
            self.in_kube_system(cluster, &format!("rollout status {workload} --timeout=15m"));
        format!("{restart} && {status}")
    }

    /// Restarts the workloads of every namespace, where there is no steps.sh to tell which need it.
    pub(crate) fn restart_workloads(self, cluster: &Cluster) -> String {
        let kubectl = self.kubectl(&cluster.target);
        format!(
            "for ns in $({kubectl} get namespaces -o jsonpath='{{.items[*].metadata.name}}'); do \
             for kind in deployment statefulset daemonset; do \
             {kubectl} -n \"$ns\" get \"$kind\" -o name | \
             xargs -r {kubectl} -n \"$ns\" rollout restart; done; done"
        )
    }

    /// Waits until the server certificate carries the CA that the cluster now holds in a Secret.
    pub(crate) fn wait_for_leaves(self, cluster: &Cluster, ca_secret: &str) -> String {
        let field = "-o jsonpath='{.data.ca\\.crt}'";
        let wanted = self.in_kube_system(cluster, &format!("get secret {ca_secret} {field}"));
        let found = self.in_kube_system(
            cluster,
            &format!("get secret clustermesh-apiserver-server-cert {field}"),
        );
        // Two failed reads give two empty strings, which must not count as equal.
        format!(
            "until ca=\"$({wanted})\" && [ -n \"$ca\" ] && [ \"$({found})\" = \"$ca\" ]; do sleep 5; done"
        )
    }

    /// A command in the agent's container of one node.
    pub(crate) fn in_agent(self, cluster: &Cluster, command: &str) -> String {
        self.in_kube_system(
            cluster,
            &format!("exec ds/cilium -c cilium-agent -- {command}"),
        )
    }
}

/// The flags by which kubectl reaches a cluster, for messages.
pub(crate) fn kubectl(target: &KubectlTarget) -> String {
    RunIn::MeshFolder.kubectl(target)
}

/// A command in kube-system, for messages.
pub(crate) fn kube(cluster: &Cluster, rest: &str) -> String {
    format!("{} -n kube-system {rest}", kubectl(&cluster.target))
}

/// The name of the copy of a CA that the one with this fingerprint replaces.
pub(crate) fn backup_file(new: &str) -> String {
    format!("cilium-ca-until-{}.secret.yaml", &new[..8])
}

/// A word as a POSIX shell reads it back unchanged. Characters that a terminal would act on are written as numbers.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./@:=,+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if !word.contains(is_acted_on) {
        return format!("'{}'", word.replace('\'', "'\\''"));
    }
    let escaped: String = word.chars().map(as_printf).collect();
    format!("\"$(printf '{escaped}')\"")
}

/// Whether a terminal acts on a character, or shows others in another order because of it.
fn is_acted_on(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn as_printf(c: char) -> Cow<'static, str> {
    match c {
        '%' => "%%".into(),
        '\\' => "\\\\".into(),
        '\'' => "\\047".into(),
        c if is_acted_on(c) => {
            let mut bytes = [0; 4];
            let bytes = c.encode_utf8(&mut bytes).bytes();
            bytes.map(|byte| format!("\\{byte:03o}")).collect()
        }
        c => c.to_string().into(),
    }
}

/// A text as it stands in `"${NAME:-text}"`.
fn in_braces(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if "\\\"$`}".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
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

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_back_every_word_and_a_terminal_acts_on_none() {
        for word in [
            "a b",
            "it's $(id) `id` \"x\" 100% \\n",
            "line\nline",
            "\u{1b}[31mred\u{7}",
            "\u{9b}2J\u{202e}",
            "-n",
            "*",
            "ä",
        ] {
            let quoted = quoted(word);
            assert!(!quoted.contains(is_acted_on), "{quoted:?}");
            let said = std::process::Command::new("sh")
                .args(["-c", &format!("printf %s {quoted}")])
                .output()
                .expect("sh runs");
            assert_eq!(String::from_utf8_lossy(&said.stdout), word);
        }
    }
}
