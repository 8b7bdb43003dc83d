"""Clusters that are born in the mesh: `render --as initial-values` through KKP's merge and the real charts' first install.

The values of the annotation take the place of KKP's defaults, and what KKP enforces is merged over them. The chart is then installed on
a cluster that holds nothing of the mesh: Helm must not wait for itself, and the leaves must be by the CA of the mesh. One is born beside
clusters that exist: with their patches all pairs are connected then, and nothing is left to be done.
"""

import dataclasses
import json
import tempfile
from pathlib import Path

import yaml

from judges import charts
from suite import cases, helm, onepass, outputs, parallel, rotation
from suite.cases import SHIPPED, number
from suite.cluster import MADE_BY_HUBBLE, Cluster
from suite.patches import merge
from suite.report import Verdict, skipped

# All annotations of an object together.
ANNOTATIONS = 256 * 1024
# Charts of which a cluster is born beside others.
MIXED = ("1.13.14", "1.14.16", "1.16.9", "1.18.10", "1.19.4")


def run(options):
    present = [version for version in SHIPPED if helm.archive(version).exists()]
    for version in SHIPPED.keys() - set(present):
        yield skipped(version, f"no {helm.archive(version).name}")
    offered = [version for version in present if version != "1.20.0"]
    for version, faults in zip(offered, parallel.each(of_version, offered)):
        yield Verdict.of(f"{version} is born in the mesh", faults)
    for version, faults in zip(MIXED, parallel.each(beside, [version for version in MIXED if version in present])):
        yield Verdict.of(f"{version} is born beside two clusters that exist", faults)
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


def beside(version, spoil=lambda values: values):
    """The third cluster is born when the two others are in a mesh; the faults. `spoil` alters its initial values."""
    world = rotation.World((version,), False)
    whole, newborn = world.case, world.case.clusters[-1]
    world.case, world.states = dataclasses.replace(whole, clusters=whole.clusters[:-1]), dict(world.states)
    del world.states[newborn.name]
    try:
        with world:
            world.case = whole
            world.remotes = world.remotes and "remote-three"
            world.mesh_file(None)
            world.make_remotes()
            return list(with_newborn(world, newborn, spoil))
    except (outputs.Failed, onepass.Failed, charts.Broken) as failed:
        return [str(failed)]


def with_newborn(world, newborn, spoil):
    outputs.render(world.folder / "mesh.yaml", world.folder / "out", "--phase", "mesh", "--cluster", newborn.name, "--as", "initial-values")
    text = (world.folder / "out/clusters" / newborn.name / "20-initial-values.json").read_text()
    installation = world.objects[newborn.name]
    values = spoil(merge(json.loads(text), outputs.read_values(installation)))
    installation["spec"] |= written(installation, values)
    world.states[newborn.name] = rotation.Running(unborn().objects)
    world.upgrade(newborn.name, values)
    world.dump()
    world.patched.clear()
    world.steps()
    world.dump()
    for one in world.case.clusters:
        for other in world.case.peers(one, "mesh"):
            yield from (f"{one.name} to {other.name}: {fault}" for fault in charts.dial(world.states, one, other))
    yield from (f"{one['name']} is to be changed again" for one in world.plan()["clusters"] if one["changed"] is not False)
    if world.patched != {one.name for one in world.case.clusters if one is not newborn}:
        yield f"patched are {sorted(world.patched)}"


def written(installation, values):
    """The values as KKP writes them into the object."""
    is_block = installation["spec"].get("valuesBlock")
    return {"valuesBlock": yaml.safe_dump(values)} if is_block else {"values": values}
