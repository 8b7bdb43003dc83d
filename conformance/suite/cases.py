"""The meshes that are judged: every Cilium version that KKP 2.22-2.31 ships, and 1.20.0, in every trust mode it can do.

`python -m suite.cases` writes them below cases/, each with a mesh.yaml (all facts known) and a join.yaml (cluster-3 not reachable yet),
and below cases/objects the ApplicationInstallations that they point at. The certificates in cases/pki are made once, by `--new-pki`:
TEST FIXTURES, trusted nowhere.
"""

import base64
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from suite import goyaml, pki

HERE = Path(__file__).resolve().parent.parent
CASES = HERE / "cases"
OBJECTS = HERE / "data" / "objects"

# Cilium version: the KKP release of the case, and whose controller wrote the object (data/objects/<writer>-ebpf.yaml).
SHIPPED = {
    "1.13.0": ("2.22.8", "2.22.13"),
    "1.13.3": ("2.23.0", "2.22.13"),
    "1.13.4": ("2.23.2", "2.22.13"),
    "1.13.6": ("2.23.3", "2.22.13"),
    "1.13.7": ("2.23.5", "2.22.13"),
    "1.13.8": ("2.23.6", "2.22.13"),
    "1.13.14": ("2.25.18", "2.25.18"),
    "1.14.1": ("2.24.15", "2.24.15"),
    "1.14.3": ("2.24.13", "2.24.15"),
    "1.14.9": ("2.25.8", "2.25.8"),
    "1.14.16": ("2.25.18", "2.25.18"),
    "1.15.3": ("2.27.12", "2.27.12"),
    "1.15.10": ("2.27.12", "2.27.12"),
    "1.15.16": ("2.27.12", "2.27.12"),
    "1.16.6": ("2.27.12", "2.27.12"),
    "1.16.9": ("2.27.12", "2.27.12"),
    "1.17.7": ("2.31.0", "2.31.0"),
    "1.17.12": ("2.31.0", "2.31.0"),
    "1.17.16": ("2.31.0", "2.31.0"),
    "1.18.2": ("2.31.0", "2.31.0"),
    "1.18.6": ("2.31.0", "2.31.0"),
    "1.18.10": ("2.31.0", "2.31.0"),
    "1.19.4": ("2.31.0", "2.31.0"),
    "1.20.0": ("2.31.0", "2.31.0"),
}
BORN_WITH_CA = ("1.14.16", "1.16.9", "1.18.10", "1.19.4", "1.20.0")
PHASES = ("bootstrap", "join", "mesh")


def number(version):
    return tuple(map(int, version.split(".")))


@dataclass(frozen=True)
class Cluster:
    name: str
    id: int
    cilium: str
    service: dict
    port: int
    ips: tuple = ()
    address: str | None = None
    kkp_release: str | None = None
    born_with_ca: bool = False  # tls.ca stood in the values of its first install, so Helm owns the Secret cilium-ca

    @property
    def kkp(self):
        return self.kkp_release or SHIPPED[self.cilium][0]

    @property
    def pod_cidr(self):
        return {1: "172.25.0.0/16", 2: "172.27.0.0/16", 3: "172.28.0.0/16"}[self.id]

    @property
    def object_path(self):
        return CASES / "objects" / f"{self.cilium}-{self.name}{'-born' if self.born_with_ca else ''}.yaml"


@dataclass(frozen=True)
class Case:
    id: str
    trust: str
    clusters: tuple
    kvstoremesh: bool | None = None
    auth_mode: str | None = None
    phases: tuple = field(default=PHASES)

    def mesh_file(self, phase):
        return CASES / self.id / ("join.yaml" if phase == "join" else "mesh.yaml")

    def peers(self, cluster, phase):
        """The clusters that `cluster` must know in this phase."""
        if phase == "bootstrap":
            return []
        return [peer for peer in self.clusters if peer != cluster and not (phase == "join" and peer.id == 3)]

    @property
    def mesh_ca(self):
        return self.clusters[0]


def three_clusters(*versions):
    versions = versions * 3 if len(versions) == 1 else versions
    chart_names_hosts = number(versions[2]) >= (1, 13, 2)
    return (
        Cluster("cluster-1", 1, versions[0], {"type": "LoadBalancer"}, 2379, ips=("203.0.113.10",)),
        Cluster("cluster-2", 2, versions[1], {"type": "NodePort", "nodePort": 32380}, 32380, ips=("198.51.100.21", "198.51.100.22")),
        Cluster("cluster-3", 3, versions[2], {"type": "LoadBalancer"}, 2379, address="mesh.cluster-3.example.org")
        if chart_names_hosts
        else Cluster("cluster-3", 3, versions[2], {"type": "LoadBalancer"}, 2379, ips=("192.0.2.30",)),
    )


def kvstoremesh_choices(version):
    """(label, value in mesh.yaml) of every choice; None where there is none."""
    if number(version) < (1, 14):
        return [("", None)]
    return [("-kvstoremesh", True), ("-direct", False)]


def bundle_reaches_kvstoremesh(version):
    return number(version) >= (1, 18, 5)


def all_cases():
    for version in SHIPPED:
        clusters = three_clusters(version)
        for label, kvstoremesh in kvstoremesh_choices(version):
            for trust in ("sharedCA", "inline", "bundle"):
                if trust != "sharedCA" and kvstoremesh is None:
                    continue
                if trust == "bundle" and kvstoremesh and not bundle_reaches_kvstoremesh(version):
                    continue
                yield Case(f"{version}-{trust}{label}", trust, clusters, kvstoremesh)
        if number(version) >= (1, 14):
            for trust in ("sharedCA", "bundle"):
                yield Case(f"{version}-{trust}-direct-authcluster", trust, clusters, False, "cluster", ("mesh",))
            yield Case(f"{version}-sharedCA-kvstoremesh-authcluster", "sharedCA", clusters, True, "cluster", ("mesh",))
        if bundle_reaches_kvstoremesh(version):
            yield Case(f"{version}-bundle-kvstoremesh-authcluster", "bundle", clusters, True, "cluster", ("mesh",))
    for version in BORN_WITH_CA:
        clusters = tuple(replace(cluster, born_with_ca=True) for cluster in three_clusters(version))
        yield Case(f"{version}-sharedCA-born", "sharedCA", clusters)
    yield Case("mixed-old-sharedCA", "sharedCA", three_clusters("1.13.14", "1.14.16", "1.15.16"))
    yield Case("mixed-new-sharedCA", "sharedCA", three_clusters("1.14.16", "1.18.10", "1.20.0"))
    yield Case("mixed-inline", "inline", three_clusters("1.14.16", "1.16.9", "1.20.0"))
    yield Case("mixed-bundle", "bundle", three_clusters("1.15.16", "1.17.16", "1.19.4"), False)


def refused_cases():
    """The other modes of each version: what meshgen must refuse. No files are kept of them."""
    for version in SHIPPED:
        clusters = three_clusters(version)
        if number(version) < (1, 14):
            for trust in ("inline", "bundle"):
                yield Case(f"{version}-{trust}", trust, clusters)
            continue
        if not bundle_reaches_kvstoremesh(version):
            yield Case(f"{version}-bundle-kvstoremesh", "bundle", clusters, True)
        for label, kvstoremesh in kvstoremesh_choices(version):
            yield Case(f"{version}-inline{label}-authcluster", "inline", clusters, kvstoremesh, "cluster")


def dumps(case, cluster):
    """The dump files of one cluster, relative to the mesh file."""
    files = [f"../objects/{cluster.object_path.name}", f"../pki/{cluster.name}.ca.yaml"]
    if case.trust == "inline":
        files.append(f"../pki/{cluster.name}.remote-own.yaml")
    elif case.trust == "sharedCA" and any(number(one.cilium) < (1, 14) for one in case.clusters):
        files.append(f"../pki/{cluster.name}.remote-mesh.yaml")
    return files


def mesh_yaml(case, join):
    mesh = {"apiVersion": "meshgen/v1", "mesh": "conformance", "trust": case.trust}
    if case.auth_mode:
        mesh["authMode"] = case.auth_mode
    if case.kvstoremesh is not None:
        mesh["defaults"] = {"kvstoremesh": case.kvstoremesh}
    mesh["clusters"] = []
    for cluster in case.clusters:
        apiserver = {"service": cluster.service}
        if not (join and cluster.id == 3):
            apiserver |= {"address": cluster.address} if cluster.address else {"ips": list(cluster.ips)}
        mesh["clusters"].append({
            "name": cluster.name,
            "id": cluster.id,
            "kkp": cluster.kkp,
            "cilium": cluster.cilium,
            "podCIDRs": [cluster.pod_cidr],
            "serviceCIDRs": ["10.240.16.0/20"],
            "nodeCIDRs": [f"10.0.{cluster.id}.0/24"],
            "proxyMode": "ebpf",
            "apiserver": apiserver,
            "dumps": dumps(case, cluster),
        })
    return yaml.safe_dump(mesh, sort_keys=False)


def installation(cluster):
    """The ApplicationInstallation as KKP wrote it, made this cluster's own."""
    text = (OBJECTS / f"{SHIPPED[cluster.cilium][1]}-ebpf.yaml").read_text()
    text = text.replace("172.25.0.0/16", cluster.pod_cidr).replace("qz7hm4wx2k", f"qz7hm4wx{cluster.id}k")
    out = goyaml.load_yaml(text)
    out["spec"]["applicationRef"]["version"] = cluster.cilium
    if cluster.born_with_ca:
        put_ca(out["spec"], cluster)
    out["metadata"] |= {"uid": f"00000000-0000-4000-8000-{cluster.id:012d}", "resourceVersion": "1234"}
    return out


def put_ca(spec, cluster):
    data = goyaml.load_yaml((CASES / "pki" / f"{cluster.name}.ca.yaml").read_text())["data"]
    values = goyaml.load_yaml(spec["valuesBlock"])
    spec["valuesBlock"] = yaml.safe_dump({**values, "tls": {"ca": {"cert": data["ca.crt"], "key": data["ca.key"]}}})


class Block(yaml.SafeDumper):
    pass


Block.add_representer(str, lambda dumper, text: dumper.represent_scalar(
    "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None))


def secret(name, data):
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "kube-system"},
        "type": "Opaque",
        "data": {key: base64.b64encode(value).decode() for key, value in data.items()},
    }


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def write_secret(path, content):
    write(path, "# TEST FIXTURE of the conformance suite: this key protects nothing.\n" + yaml.safe_dump(content))


def new_pki():
    own = {}
    for number_, name in enumerate(("cluster-1", "cluster-2", "cluster-3"), 1):
        own[name] = pki.issue_ca()
        write_secret(CASES / f"pki/{name}.ca.yaml", secret("cilium-ca", dict(zip(("ca.crt", "ca.key"), own[name]))))
    for name in own:
        for kind, ca in (("own", own[name]), ("mesh", own["cluster-1"])):
            leaf = pki.issue(ca, "remote")
            data = {"ca.crt": ca[0], "tls.crt": leaf[0], "tls.key": leaf[1]}
            write_secret(CASES / f"pki/{name}.remote-{kind}.yaml", secret("clustermesh-apiserver-remote-cert", data))


def main():
    if "--new-pki" in sys.argv:
        new_pki()
    for case in all_cases():
        write(CASES / case.id / "mesh.yaml", mesh_yaml(case, join=False))
        if "join" in case.phases:
            write(CASES / case.id / "join.yaml", mesh_yaml(case, join=True))
        for cluster in case.clusters:
            write(cluster.object_path, yaml.dump(installation(cluster), Dumper=Block))


if __name__ == "__main__":
    main()
