"""A case whose certificates `meshgen pki` makes, so that nothing is read back from any cluster: one render, one patch for each."""

import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml

from suite import goyaml, helm, outputs, pki
from suite.cluster import JOB, pod

START = "2026-11-23T00:00:00Z"
CA_DAYS = 1095

# The leaf of a client as the Job of each chart makes it, for machines without charts: whether its name is a DNS name too, and days.
KNOWN = {"1.13.0": (True, 1095), "1.14.3": (True, 1095), "1.14.16": (False, 1095), "1.15.3": (True, 1095), "1.15.16": (False, 1095),
         "1.16.9": (False, 1095), "1.18.10": (False, 1095), "1.19.4": (False, 1095), "1.20.0": (False, 365)}


@dataclass(frozen=True)
class Leaf:
    common_name: str
    dns_names: list
    days: int


def wanted_leaf(version, auth_mode, name):
    """The remote certificate that the chart's own Job would make; None where no chart tells."""
    common_name = f"remote-{name}" if auth_mode == "cluster" else "remote"
    if helm.archive(version).exists():
        leaf = of_job(version, auth_mode, name)
        assert leaf.common_name == common_name, leaf
        return leaf
    if version not in KNOWN:
        return None
    is_dns_name, days = KNOWN[version]
    return Leaf(common_name, [common_name] if is_dns_name else [], days)


def of_job(version, auth_mode, name):
    tls = {"auto": {"method": "cronJob"}} | ({"authMode": auth_mode} if auth_mode else {})
    manifests, error = helm.template(version, {
        "cluster": {"name": name, "id": 1},
        "clustermesh": {"useAPIServer": True, "config": {"enabled": True}, "apiserver": {"tls": tls}}})
    if error:
        raise outputs.Failed(error)
    job = next(one for one in manifests if one["kind"] == "Job" and one["metadata"]["name"].startswith(JOB))
    container = pod(job)["containers"][0]
    config = next((one["value"] for one in container.get("env", []) if one["name"] == "CILIUM_CERTGEN_CONFIG"), None)
    if config:
        remote = next(one for one in yaml.safe_load(config)["certs"] if one["name"] == "clustermesh-apiserver-remote-cert")
        return Leaf(remote["commonName"], remote.get("hosts", []), int(remote["validity"].removesuffix("h")) // 24)
    prefix = "--clustermesh-apiserver-remote-cert-"
    flags = dict(one.removeprefix(prefix).partition("=")[::2] for one in container["args"] if one.startswith(prefix))
    certgen = tuple(map(int, re.search(r"certgen:v(\d+)\.(\d+)\.(\d+)", container["image"]).groups()))
    days = int(flags["validity-duration"].removesuffix("s")) // 86400
    common_name = flags.get("common-name", "remote")
    return Leaf(common_name, [common_name] if certgen <= (0, 1, 9) else [], days)


class Failed(Exception):
    """`meshgen pki` did not make it."""


def meshgen(folder, *words):
    ran = subprocess.run([str(outputs.meshgen_binary()), *words], cwd=folder, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise Failed(f"meshgen {' '.join(words)} exits {ran.returncode}: {ran.stderr.strip()[:2000]}")
    return ran


def pair(folder, name="tls"):
    """(certificate, key) as PEM."""
    return (folder / f"{name}.crt").read_bytes(), (folder / f"{name}.key").read_bytes()


def prepared(case, folder):
    """The case with CAs and remote certificates by `meshgen pki` alone; gives each cluster's own CA.

    With a shared CA the first cluster's own takes no part: the CA of the mesh was made apart.
    """
    mesh = outputs.mesh_with(case, "mesh", {})
    cas = {}
    for cluster in mesh["clusters"]:
        cluster["dumps"] = cluster["dumps"][:1]  # the ApplicationInstallation: KKP wrote it when the cluster was born
        cluster["remoteCert"] = files(f"remote/{cluster['name']}/tls")
        if case.trust == "inline":
            meshgen(folder, "pki", "ca", "-o", f"ca/{cluster['name']}", "--now", START)
            cas[cluster["name"]] = pair(folder / "ca" / cluster["name"], "ca")
            cluster["ca"] = files(f"ca/{cluster['name']}/ca")
    if case.trust == "sharedCA":
        meshgen(folder, "pki", "ca", "-o", "ca", "--now", START)
        mesh["ca"] = files("ca/ca")
        cas = {cluster.name: pki.issue_ca() for cluster in case.clusters}
    (folder / "mesh.yaml").write_text(json.dumps(mesh))
    meshgen(folder, "pki", "remote", "-o", "remote", "--now", START)
    return cas


def files(stem):
    return {"cert": {"file": f"{stem}.crt"}, "key": {"file": f"{stem}.key"}}


def rendered(case):
    """(outputs by cluster, each cluster's own CA) of one render."""
    objects = {cluster.name: goyaml.load_yaml(cluster.object_path.read_text()) for cluster in case.clusters}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        cas = prepared(case, folder)
        outputs.render(folder / "mesh.yaml", folder / "out", "--phase", "mesh")
        made, _ = outputs.read(folder / "out", objects.__getitem__)
    return made, cas
