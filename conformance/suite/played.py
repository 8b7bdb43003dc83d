"""A KKP user cluster on a real API server: KKP, Helm, certgen and the workload controllers, as far as a person with kubectl can tell.

`settle` lets all of them do what they have to do. Everything that they remember stands in the API server, so that a saved state is
whole. What would go wrong in a real cluster is added to `faults`.
"""

import base64
import hashlib
import json

from suite import goyaml, kkp, pki
from suite.cases import number

SYSTEM = "kube-system"
LEAVES = ("server", "admin", "remote")
LABEL = "k8s:io.cilium.k8s.policy.cluster"
RESTARTED = "kubectl.kubernetes.io/restartedAt"

# Of which namespace, kind and name; what is special about it. None of these is Cilium's own.
WORKLOADS = (
    (SYSTEM, "Deployment", "coredns", {}),
    (SYSTEM, "DaemonSet", "node-exporter", {"hostNetwork": True}),
    ("shop", "Deployment", "web", {}),
    ("shop", "StatefulSet", "db", {}),
    ("shop", "DaemonSet", "collector", {}),
    ("shop", "StatefulSet", "by-hand", {"OnDelete": True}),
)

# Pods that no rollout restarts: the scripts name them at the end.
LASTING = ("lonely", "by-hand-")


class Played:
    """`server` is an Api; `template` the ApplicationInstallation as KKP wrote it."""

    def __init__(self, server, name, kkp_release, cilium, template, place):
        self.server, self.name, self.kkp, self.cilium, self.place = server, name, kkp_release, cilium, place
        self.template = template
        self.faults = []
        self.address_known = True  # whether load balancers get their address
        self.broken = False  # whether Helm comes to no end

    # Birth

    def born(self):
        if not self.server.get("Namespace", None, "shop"):
            self.server.create("Namespace", None, {"metadata": {"name": "shop"}})
        self.server.create("Node", None, {"metadata": {"name": f"{self.name}-node"}})
        node = self.server.get("Node", None, f"{self.name}-node")
        node["status"]["addresses"] = [{"type": "InternalIP", "address": f"10.0.{self.place}.1"}]
        self.server.replace("Node", node, "status")
        ca = dict(zip(("ca.crt", "ca.key"), pki.issue_ca()))
        self.put_secret("cilium-ca", ca)
        self.server.create("ApplicationInstallation", SYSTEM, {
            "metadata": {key: self.template["metadata"][key] for key in ("name", "namespace", "labels")},
            "spec": self.template["spec"],
        })
        self.put_config("cilium-config", {"cluster-name": "default", "cluster-id": "0"})
        self.workload(SYSTEM, "DaemonSet", "cilium", {"hostNetwork": True})
        self.workload(SYSTEM, "Deployment", "cilium-operator", {"hostNetwork": True})
        for namespace, kind, name, traits in WORKLOADS:
            self.workload(namespace, kind, name, traits)
        self.settle()
        self.pod("shop", "lonely", {"containers": [CONTAINER]}, {"app": "lonely"}, None)

    def workload(self, namespace, kind, name, traits):
        labels = {"k8s-app": name}
        spec = {"selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [CONTAINER]}}}
        if traits.get("hostNetwork"):
            spec["template"]["spec"]["hostNetwork"] = True
        if kind != "DaemonSet":
            spec["replicas"] = 1
        if kind == "StatefulSet":
            spec |= {"serviceName": name}
        if traits.get("OnDelete"):
            spec["updateStrategy"] = {"type": "OnDelete"}
        self.server.create(kind, namespace, {"metadata": {"name": name, "namespace": namespace}, "spec": spec})

    # What is read and written often

    def put_secret(self, name, data):
        data = {key: base64.b64encode(value).decode() for key, value in data.items()}
        self.server.put("Secret", SYSTEM, name, data=data)

    def secret(self, name):
        found = self.server.get("Secret", SYSTEM, name)
        return {key: base64.b64decode(value) for key, value in found["data"].items()} if found else None

    def put_config(self, name, data):
        self.server.put("ConfigMap", SYSTEM, name, data=data)

    def config(self, name):
        found = self.server.get("ConfigMap", SYSTEM, name)
        return found["data"] if found else {}

    def installation(self):
        return self.server.get("ApplicationInstallation", SYSTEM, "cilium")

    def values(self):
        return kkp.values_of(self.kkp, self.installation())[0]

    def wanted_identity(self):
        config = self.config("cilium-config")
        return config["cluster-name"], int(config["cluster-id"])

    # What happens

    def settle(self):
        self.controller()
        self.workloads()
        self.somebody_deploys()

    def somebody_deploys(self):
        """A workload that starts once the agents have their new name, so that it never needs a restart."""
        if self.agent_identity()[0] != "default" and not self.server.get("Deployment", "shop", "fresh"):
            self.workload("shop", "Deployment", "fresh", {})
            self.workloads()

    def controller(self):
        """KKP's controllers, and Helm."""
        installation = self.installation()
        if self.broken or observed(installation) == installation["metadata"]["generation"]:
            return
        self.review(installation)
        enforced, values = kkp.reconcile(self.kkp, self.template, installation)
        held, _ = kkp.values_of(self.kkp, installation)
        if not goyaml.same(values, held):
            self.fault("the values lack what KKP enforces")
            installation = self.server.replace("ApplicationInstallation", enforced)
        if number(self.kkp)[:2] <= (2, 25) or not goyaml.same(values, self.released()):
            self.upgrade(values)
        self.server.merge("ApplicationInstallation", SYSTEM, "cilium", {"status": {"method": "helm", "conditions": {"Ready": {
            "status": "True", "lastHeartbeatTime": "2026-11-23T00:00:00Z",
            "observedGeneration": installation["metadata"]["generation"]}}}}, "status")

    def review(self, installation):
        """KKP's webhook stands before the API server; here what it would have refused is a fault afterwards."""
        old = json.loads(self.config("played-installation").get("spec") or json.dumps(installation["spec"]))
        for reason in kkp.review(self.kkp, {**installation, "spec": old}, installation):
            self.fault(f"KKP's webhook would have refused the patch: {reason}")
        self.put_config("played-installation", {"spec": json.dumps(installation["spec"])})

    def released(self):
        text = self.config("played-release").get("values")
        return json.loads(text) if text else None

    def fault(self, text):
        self.faults.append(f"{self.name}: {text}")

    # Helm with Cilium's chart

    def upgrade(self, values):
        before = self.released() or {}
        self.put_config("played-release", {"values": json.dumps(values, sort_keys=True)})
        cluster = values.get("cluster") or {}
        self.put_config("cilium-config", {"cluster-name": cluster.get("name", "default"), "cluster-id": str(cluster.get("id", 0))})
        mesh = values.get("clustermesh") or {}
        self.ca_of_values(values, before)
        aliases = host_aliases(mesh)
        if number(self.cilium) >= (1, 19):  # the chart makes a mapping of the list first
            aliases.sort(key=lambda alias: alias["hostnames"])
        if number(self.cilium) < (1, 16):
            self.change_template("DaemonSet", "cilium", {}, aliases)
        if mesh.get("useAPIServer"):
            self.apiserver(mesh, aliases if number(self.cilium) >= (1, 16) else [])
        else:
            for kind, name in (("Deployment", "clustermesh-apiserver"), ("Service", "clustermesh-apiserver")):
                self.server.delete(kind, SYSTEM, name)
        self.put_secret("cilium-clustermesh", {peer["name"]: json.dumps(peer, sort_keys=True).encode() for peer in peers(mesh)})

    def ca_of_values(self, values, before):
        """tls.ca on a release that had none: Helm refuses a Secret that it does not own."""
        if dig(values, "tls", "ca", "key") and not dig(before, "tls", "ca", "key"):
            self.fault("Helm refuses to own the existing Secret cilium-ca")
        mesh_ca = dig(values, "clustermesh", "apiserver", "tls", "ca") or {}
        if number(self.cilium) < (1, 15) and mesh_ca.get("key"):
            self.put_secret("clustermesh-apiserver-ca-cert", {
                "ca.crt": base64.b64decode(mesh_ca["cert"]), "ca.key": base64.b64decode(mesh_ca["key"])})

    def apiserver(self, mesh, aliases):
        settings = mesh.get("apiserver") or {}
        has_leaves = self.secret("clustermesh-apiserver-server-cert") is not None
        version = number(self.cilium)
        if not has_leaves and (1, 16) <= version < (1, 19) and dig(settings, "updateStrategy", "rollingUpdate", "maxUnavailable") != 1:
            self.fault("Helm's wait never ends: clustermesh-apiserver waits for certificates of a later hook")
        self.service(settings.get("service") or {})
        labels = settings.get("podLabels") or {}
        if not self.server.get("Deployment", SYSTEM, "clustermesh-apiserver"):
            self.workload(SYSTEM, "Deployment", "clustermesh-apiserver", {})
        self.change_template("Deployment", "clustermesh-apiserver", labels, aliases)
        if (1, 14) <= version < (1, 19):
            self.workloads()  # the hook issues leaves when the pods have been replaced
            self.issue()
        elif version >= (1, 19):
            job = hashlib.sha256(json.dumps([labels, settings.get("tls")], sort_keys=True).encode()).hexdigest()
            if self.config("played-job").get("hash") != job:
                self.issue()
                self.put_config("played-job", {"hash": job})
        elif not has_leaves or self.leaf_ca() != self.issuer()["ca.crt"]:
            self.issue()

    def service(self, wanted):
        kind = wanted.get("type", "NodePort")
        port = {"port": 2379, "targetPort": 2379, "protocol": "TCP", "name": "apiserv"}
        if wanted.get("nodePort") and kind == "NodePort":
            port["nodePort"] = wanted["nodePort"]
        spec = {"type": kind, "ports": [port], "selector": {"k8s-app": "clustermesh-apiserver"}}
        found = self.server.get("Service", SYSTEM, "clustermesh-apiserver")
        if found is None:
            self.server.create("Service", SYSTEM, {"metadata": {"name": "clustermesh-apiserver", "namespace": SYSTEM}, "spec": spec})
        elif found["spec"]["type"] != kind:
            self.server.merge("Service", SYSTEM, "clustermesh-apiserver", {"spec": {"type": kind}})
        if kind == "LoadBalancer" and self.address_known:
            self.server.merge("Service", SYSTEM, "clustermesh-apiserver",
                              {"status": {"loadBalancer": {"ingress": [{"ip": self.address()}]}}}, "status")

    def address(self):
        return f"203.0.113.{self.place * 10}"

    def change_template(self, kind, name, labels, aliases):
        found = self.server.get(kind, SYSTEM, name)
        template = found["spec"]["template"]
        before = json.dumps(template, sort_keys=True)
        template["metadata"]["labels"] = {"k8s-app": name, **labels}
        template["spec"].pop("hostAliases", None)
        if aliases:
            template["spec"]["hostAliases"] = aliases
        if json.dumps(template, sort_keys=True) != before:
            self.server.replace(kind, found)

    # certgen

    def issuer(self):
        if number(self.cilium) < (1, 15) and self.secret("clustermesh-apiserver-ca-cert"):
            return self.secret("clustermesh-apiserver-ca-cert")
        return self.secret("cilium-ca")

    def leaf_ca(self):
        leaf = self.secret("clustermesh-apiserver-server-cert")
        return leaf and leaf["ca.crt"]

    def issue(self):
        ca = self.issuer()
        names = {"server": ("clustermesh-apiserver.cilium.io", ["*.mesh.cilium.io", "127.0.0.1"], ["server auth"]),
                 "admin": ("root", [], ["client auth"]), "remote": ("remote", [], ["client auth"])}
        for leaf in LEAVES:
            cert = pki.issue((ca["ca.crt"], ca["ca.key"]), *names[leaf])
            self.put_secret(f"clustermesh-apiserver-{leaf}-cert", dict(zip(("tls.crt", "tls.key"), cert), **{"ca.crt": ca["ca.crt"]}))

    # Deployments, DaemonSets and StatefulSets

    def workloads(self):
        pods = self.server.all("Pod")
        order = {(SYSTEM, "cilium"): 0}
        for kind in ("DaemonSet", "Deployment", "StatefulSet"):
            items = self.server.all(kind)
            for one in sorted(items, key=lambda one: order.get(place(one), 1)):
                self.roll(kind, one, pods)
        alive = {(kind, *place(one)) for kind in ("DaemonSet", "Deployment", "StatefulSet") for one in self.server.all(kind)}
        for pod in pods:
            of = pod["metadata"].get("annotations", {}).get("played/of")
            if of and tuple(of.split("/")) not in alive:
                self.remove(pod)

    def roll(self, kind, workload, pods):
        namespace, name = place(workload)
        wanted = template_hash(workload)
        mine = [pod for pod in pods if pod["metadata"].get("annotations", {}).get("played/of") == f"{kind}/{namespace}/{name}"]
        new = [pod for pod in mine if pod["metadata"]["labels"].get("played-template") == wanted]
        held = workload["spec"].get("updateStrategy", {}).get("type") == "OnDelete" or workload["spec"].get("paused")
        if not new and not (held and mine):
            if name == "clustermesh-apiserver" and self.leaf_ca() is None:
                return
            owner = self.owner(kind, workload, wanted)
            suffix = f"{wanted}-{wanted[:5]}" if kind == "Deployment" else wanted[:5]
            template = workload["spec"]["template"]
            self.pod(namespace, f"{name}-{suffix}", template["spec"],
                     {**template["metadata"]["labels"], "played-template": wanted}, owner, f"{kind}/{namespace}/{name}")
            for pod in mine:
                self.remove(pod)
        if observed_workload(workload) != workload["metadata"]["generation"]:
            self.report(kind, workload)

    def owner(self, kind, workload, wanted):
        namespace, name = place(workload)
        if kind != "Deployment":
            return reference(kind, workload)
        own = f"{name}-{wanted}"
        replica_set = self.server.get("ReplicaSet", namespace, own)
        if replica_set is None:
            labels = {**workload["spec"]["template"]["metadata"]["labels"], "played-template": wanted}
            replica_set = self.server.create("ReplicaSet", namespace, {
                "metadata": {"name": own, "namespace": namespace, "ownerReferences": [reference(kind, workload)]},
                "spec": {"replicas": 1, "selector": {"matchLabels": labels},
                         "template": {"metadata": {"labels": labels}, "spec": {"containers": [CONTAINER]}}}})
        return reference("ReplicaSet", replica_set)

    def report(self, kind, workload):
        namespace, name = place(workload)
        generation = workload["metadata"]["generation"]
        status = {"observedGeneration": generation}
        if kind == "DaemonSet":
            status |= dict.fromkeys(("currentNumberScheduled", "desiredNumberScheduled", "numberAvailable", "numberReady",
                                     "updatedNumberScheduled"), 1) | {"numberMisscheduled": 0}
        else:
            status |= dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), 1)
        if kind == "StatefulSet":
            status |= {"currentRevision": template_hash(workload), "updateRevision": template_hash(workload), "currentReplicas": 1}
        self.server.merge(kind, namespace, name, {"status": status}, "status")

    def pod(self, namespace, name, spec, labels, owner, of=None):
        """A pod takes at its start what its node's agent, or its Secrets, say then."""
        annotations = {"played/of": of} if of else {}
        if of == "DaemonSet/kube-system/cilium" or of == "Deployment/kube-system/cilium-operator":
            annotations["played/identity"] = "{}/{}".format(*self.wanted_identity())
        if of == "Deployment/kube-system/clustermesh-apiserver":
            annotations["played/ca"] = digest(self.leaf_ca())
            annotations["played/serves"] = "{}/{}".format(*self.wanted_identity())
        metadata = {"name": name, "namespace": namespace, "labels": labels, "annotations": annotations}
        if owner:
            metadata["ownerReferences"] = [owner]
        self.server.create("Pod", namespace, {"metadata": metadata, "spec": {**spec, "nodeName": f"{self.name}-node"}})
        self.server.merge("Pod", namespace, name, {"status": {"phase": "Running", "conditions": [
            {"type": "Ready", "status": "True"}]}}, "status")
        if not spec.get("hostNetwork"):
            self.endpoint(namespace, name)

    def endpoint(self, namespace, name):
        cluster, identity = self.agent_identity()
        low = 4096 + int(hashlib.sha256(f"{namespace}/{name}".encode()).hexdigest()[:3], 16)
        self.server.put("CiliumEndpoint", namespace, name, status={"identity": {
            "id": (identity << 16) + low, "labels": [f"{LABEL}={cluster}", f"k8s:io.kubernetes.pod.namespace={namespace}"]}})

    def remove(self, pod):
        namespace, name = place(pod)
        self.server.delete("Pod", namespace, name)
        self.server.delete("CiliumEndpoint", namespace, name)

    # What is wrong in a cluster, for the judge

    def agent_identity(self):
        pod = self.pod_of("DaemonSet/kube-system/cilium")
        cluster, identity = pod["metadata"]["annotations"]["played/identity"].split("/")
        return cluster, int(identity)

    def pod_of(self, of):
        pods = self.server.all("Pod")
        return next((pod for pod in pods if pod["metadata"].get("annotations", {}).get("played/of") == of), None)

    def needs_restart(self, kind, namespace, name):
        """Why this workload must be restarted now, or None."""
        of = f"{kind}/{namespace}/{name}"
        pod = self.pod_of(of)
        if pod is None:
            return None
        workload = self.server.get(kind, namespace, name)
        if pod["metadata"]["labels"].get("played-template") != template_hash(workload):
            return None  # its rollout has been asked for already
        return self.stale(name, pod)

    def stale(self, name, pod):
        """What a pod has kept of before its cluster's last change, or None."""
        annotations = pod["metadata"]["annotations"]
        cluster, identity = self.wanted_identity()
        if annotations.get("played/identity", f"{cluster}/{identity}") != f"{cluster}/{identity}":
            return f"{name} has the identity {annotations['played/identity']}"
        if annotations.get("played/ca", digest(self.leaf_ca())) != digest(self.leaf_ca()):
            return f"{name} serves certificates of before"
        endpoint = self.server.get("CiliumEndpoint", *place(pod))
        if endpoint is None:
            return None
        labels, found = endpoint["status"]["identity"]["labels"], endpoint["status"]["identity"]["id"] >> 16
        if f"{LABEL}={cluster}" not in labels or found != identity:
            return f"{name} has the identity of {labels[0].partition('=')[2]}/{found}"
        return None

    def foreign_pods(self):
        """Pods that have another name or ID of the cluster than its agents have now."""
        cluster, identity = self.agent_identity()
        for one in self.server.all("CiliumEndpoint"):
            if place(one)[1].startswith(LASTING):
                continue
            labels, found = one["status"]["identity"]["labels"], one["status"]["identity"]["id"] >> 16
            if f"{LABEL}={cluster}" not in labels or found != identity:
                yield f"its pod {place(one)[1]} has the identity of {labels[0].partition('=')[2]}/{found}"

    def left_due(self):
        """What nobody has restarted, though it must be."""
        for kind in ("DaemonSet", "Deployment", "StatefulSet"):
            for one in self.server.all(kind):
                held = one["spec"].get("updateStrategy", {}).get("type") == "OnDelete"
                if not held and (why := self.needs_restart(kind, *place(one))):
                    yield f"{self.name}: {kind} {why}, and nobody has restarted it"

    def mesh_faults(self, peers_wanted, mesh_ca=None):
        """Whether the cluster is in the mesh with exactly these peers."""
        mesh = self.values().get("clustermesh") or {}
        found = sorted(peer["name"] for peer in peers(mesh))
        if found != sorted(peers_wanted):
            yield f"{self.name}: has the peers {found}, not {sorted(peers_wanted)}"
        if mesh_ca and self.leaf_ca() != mesh_ca:
            yield f"{self.name}: its certificates are not of the mesh's CA"


CONTAINER = {"name": "main", "image": "registry.example.com/main:1"}


def peers(mesh):
    clusters = dig(mesh, "config", "clusters") or [] if dig(mesh, "config", "enabled") else []
    return clusters if isinstance(clusters, list) else [{"name": name, **one} for name, one in clusters.items()]


def host_aliases(mesh):
    return [{"ip": ip, "hostnames": [f"{peer['name']}.mesh.cilium.io"]} for peer in peers(mesh) for ip in peer.get("ips") or []]


def dig(tree, *path):
    for step in path:
        tree = tree.get(step) if isinstance(tree, dict) else None
    return tree


def place(one):
    return one["metadata"]["namespace"], one["metadata"]["name"]


def observed(installation):
    return dig(installation, "status", "conditions", "Ready", "observedGeneration")


def observed_workload(workload):
    return dig(workload, "status", "observedGeneration")


def template_hash(workload):
    return hashlib.sha256(json.dumps(workload["spec"]["template"], sort_keys=True).encode()).hexdigest()[:10]


def reference(kind, one):
    return {"apiVersion": "apps/v1", "kind": kind, "name": one["metadata"]["name"], "uid": one["metadata"]["uid"], "controller": True}


def digest(data):
    return data and hashlib.sha256(data).hexdigest()[:16]
