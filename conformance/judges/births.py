"""Clusters that are born in the mesh: `render --as initial-values` through KKP's merge and the real charts' first install.

The values of the annotation take the place of KKP's defaults, and what KKP enforces is merged over them. The chart is then installed on
a cluster that holds nothing of the mesh: Helm must not wait for itself, and the leaves must be by the CA of the mesh.
"""

import json
import tempfile
from pathlib import Path

from suite import cases, helm, outputs, parallel
from suite.cases import SHIPPED, number
from suite.cluster import MADE_BY_HUBBLE, Cluster
from suite.patches import merge
from suite.report import Verdict, skipped

# All annotations of an object together.
ANNOTATIONS = 256 * 1024


def run(options):
    present = [version for version in SHIPPED if helm.archive(version).exists()]
    for version in SHIPPED.keys() - set(present):
        yield skipped(version, f"no {helm.archive(version).name}")
    offered = [version for version in present if version != "1.20.0"]
    for version, faults in zip(offered, parallel.each(of_version, offered)):
        yield Verdict.of(f"{version} is born in the mesh", faults)
    yield Verdict.of("1.20.0 is refused, as no KKP has it", not_offered())


def mesh(version):
    """Three clusters of which none exists; their CA is known beforehand."""
    three = cases.three_clusters(version)
    pki = cases.CASES / "pki"
    secret = outputs.goyaml.load_yaml((pki / "cluster-1.ca.yaml").read_text())["data"]
    entries = []
    for cluster in three:
        remote = outputs.goyaml.load_yaml((pki / f"{cluster.name}.remote-mesh.yaml").read_text())["data"]
        entries.append({
            "name": cluster.name, "id": cluster.id, "kkp": cluster.kkp, "cilium": version, "podCIDRs": [cluster.pod_cidr],
            "apiserver": {"ips": [f"203.0.113.{cluster.id}"]},
            "remoteCert": {"cert": remote["tls.crt"], "key": remote["tls.key"]},
        })
    return {"apiVersion": "meshgen/v1", "ca": {"cert": secret["ca.crt"], "key": secret["ca.key"]}, "clusters": entries}, three


def initial_values(version, cluster):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "mesh.yaml").write_text(json.dumps(mesh(version)[0]))
        outputs.render(folder / "mesh.yaml", folder / "out", "--phase", "mesh", "--cluster", cluster, "--as", "initial-values")
        return (folder / "out" / "clusters" / cluster / "20-initial-values.json").read_text()


def of_version(version):
    _, three = mesh(version)
    try:
        texts = {cluster.name: initial_values(version, cluster.name) for cluster in three}
    except outputs.Failed as failed:
        return [str(failed)]
    return [f"{cluster.name}: {fault}" for cluster in three for fault in judge(version, cluster, texts[cluster.name])]


def judge(version, cluster, text):
    """The faults of one cluster's initial values."""
    initial = json.loads(text)
    if not isinstance(initial, dict):
        return ["the annotation must be a JSON object"]
    faults = [] if len(text) < ANNOTATIONS else ["the annotation is too large"]
    values = merge(initial, outputs.read_values(cases.installation(cluster)))
    if number(version) >= (1, 16) and initial.get("envoy", {}).get("enabled") is not False:
        faults.append("Envoy's DaemonSet is not switched off, as KKP's defaults do")
    if initial.get("hubble", {}).get("tls", {}).get("auto", {}).get("method") != "cronJob":
        faults.append("Hubble's certificates are not by the Job, as KKP's defaults have it")
    manifests, error = helm.template(version, values)
    if error:
        return [*faults, f"Helm: {error[-400:]}"]
    state = unborn()
    faults += state.upgrade(manifests)
    leaf = state.objects.get(("Secret", "clustermesh-apiserver-remote-cert"), {})
    if leaf.get("ca.crt", b"").strip() != outputs.own_ca("cluster-1")[0].strip():
        faults.append("its certificates are not by the CA of the mesh")
    peers = {peer["name"] for peer in values["clustermesh"]["config"].get("clusters", [])}
    if peers != {"cluster-1", "cluster-2", "cluster-3"} - {cluster.name}:
        faults.append(f"its peers are {sorted(peers)}")
    return faults


def unborn():
    """A cluster of which Hubble's own certificate Job has made its leaves, and nothing else is there."""
    leaf = {"ca.crt": b"", "tls.crt": b"", "tls.key": b""}
    return Cluster({("Secret", name): leaf for name in MADE_BY_HUBBLE})


def not_offered():
    try:
        initial_values("1.20.0", "cluster-2")
    except outputs.Failed as failed:
        return [] if "error[cilium-not-offered]" in str(failed) else [str(failed)]
    return ["meshgen renders it"]
