"""Real TLS: an etcd per cluster with the server certificate and client authentication that the charts give it, dialled by every
other cluster at the address, by the name, with the files that its own chart mounts.

Without charts the same is done with what the values alone say and the suite issues.
"""

import base64
import datetime
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from judges import charts
from suite import cache, cases, helm, onepass, outputs, pki, rotation
from suite.cluster import Broken, Cluster, pod
from suite.netns import Namespace
from suite.report import Verdict, skipped

CASES = ("1.13.14-sharedCA", "1.14.16-bundle-direct", "1.16.9-inline-direct", "1.18.10-sharedCA-kvstoremesh", "1.19.4-inline-kvstoremesh",
         "1.20.0-bundle-kvstoremesh")
SPOILT = "1.18.10-inline-direct"
RESOLVES = {"mesh.cluster-3.example.org": "192.0.2.30"}
FAULTS = {
    "another cluster's CA": "remote-cert-wrong-ca",
    "expired": "remote-cert-expired",
    "a foreign CA": "remote-cert-wrong-ca",
}


@dataclass(frozen=True)
class Server:
    name: str
    addresses: tuple
    port: int
    cert: bytes
    key: bytes
    trusted: bytes


@dataclass(frozen=True)
class Dial:
    source: str
    target: str
    host: str
    port: int
    addresses: tuple
    cert: bytes
    key: bytes
    trusted: bytes


def run(options):
    all_cases = {case.id: case for case in cases.all_cases()}
    for case_id in CASES:
        case = all_cases[case_id]
        made, _ = outputs.of_case(case, "mesh")
        with_chart = all(helm.archive(cluster.cilium).exists() for cluster in case.clusters)
        if not with_chart:
            yield skipped(f"{case_id} from its chart", f"no chart {case.clusters[0].cilium}")
        for plan in (from_charts, from_values) if with_chart else (from_values,):
            yield Verdict.of(f"{case_id} {plan.__doc__}", all_connect(*plan(case, made)))
    case = all_cases[SPOILT]
    made, _ = outputs.of_case(case, "mesh")
    for name, code in FAULTS.items():
        leaf = spoilt_leaf(name)
        yield Verdict.of(f"{SPOILT}, cluster-2's remote certificate: {name}", [
            *exactly_refused(*with_remote(*from_values(case, made), leaf)), *announced(case, leaf, code)])
    yield from with_pki(all_cases)
    yield from rotations()


# Certificates that `meshgen pki` makes, and a CA that is replaced


def with_pki(all_cases):
    """etcd lets in who presents a certificate by `meshgen pki`, and the chart knows its common name as a user."""
    for case_id in ("1.13.0-sharedCA", "1.18.10-inline-direct"):
        case = all_cases[case_id]
        if not all(helm.archive(cluster.cilium).exists() for cluster in case.clusters):
            yield skipped(f"{case_id} with the certificates of meshgen pki", "no chart")
            continue
        made, cas = onepass.rendered(case)
        servers, dials = from_charts(case, made, cas.__getitem__)
        strangers = [f"{dial.source} presents {pki.common_name(dial.cert)} to {dial.target}" for dial in dials if pki.common_name(dial.cert) != "remote"]
        yield Verdict.of(f"{case_id} with the certificates of meshgen pki", all_connect(servers, dials) + strangers)


ROTATED = ("1.17.16", "1.19.4", "1.20.0")


def rotations():
    """After each cluster's steps of each stage real etcds are dialled: who fails is who `plan` has said is cut."""
    if not all(helm.archive(version).exists() for version in ROTATED):
        yield skipped("a CA is replaced", "no chart")
        return
    for story in rotation.STORIES:
        yield Verdict.of(f"{' '.join(ROTATED)}, {story}", rotated(ROTATED, True, story))


def rotated(versions, kvstoremesh, story, spoil=None):
    with rotation.World(versions, kvstoremesh, spoil) as world:
        world.next(rotation.STORIES[story][0])
        promised, faults, seen = world.announced(), [], set()

        def watch(where):
            for pair, why in shake(*of_states(world.case, world.states)).items():
                seen.add(frozenset(pair))
                if frozenset(pair) not in promised:
                    faults.append(f"{where}: {pair[0]} to {pair[1]}: {why}")

        world.watcher = watch
        world.rotate()
        return faults + [f"announced as cut, and is not: {sorted(pair)}" for pair in promised - seen]


def all_connect(servers, dials):
    return [f"{source} to {target}: {why}" for (source, target), why in shake(servers, dials).items()]


def exactly_refused(servers, dials):
    """With a bad certificate for cluster-2 the clusters that dial it fail, and no others."""
    refused = set(shake(servers, dials))
    wanted = {("cluster-1", "cluster-2"), ("cluster-3", "cluster-2")}
    if refused != wanted:
        yield f"{sorted(refused)} fail, not {sorted(wanted)}"


def announced(case, leaf, code):
    """meshgen validate must have said so."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        data = dict(zip(("tls.crt", "tls.key"), leaf), **{"ca.crt": outputs.own_ca("cluster-2")[0]})
        secret = folder / "remote.yaml"
        secret.write_text(json.dumps(cases.secret("clustermesh-apiserver-remote-cert", data)))
        mesh = outputs.mesh_with(case, "mesh", {})
        mesh["clusters"][1]["dumps"] = [path for path in mesh["clusters"][1]["dumps"] if "remote" not in path] + [str(secret)]
        found = outputs.validate(mesh)
        if code not in found:
            yield f"validate says {sorted(found)}, not {code}"


def spoilt_leaf(name):
    past = datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc)
    match name:
        case "another cluster's CA":
            return pki.issue(outputs.own_ca("cluster-3"), "remote")
        case "expired":
            return pki.issue(outputs.own_ca("cluster-2"), "remote", start=past, end=past + datetime.timedelta(days=90))
        case _:
            return pki.issue(pki.issue_ca(), "remote")


def with_remote(servers, dials, leaf):
    """The same plan, whoever dials cluster-2 presenting `leaf`."""
    return servers, [replace(dial, cert=leaf[0], key=leaf[1]) if dial.target == "cluster-2" else dial for dial in dials]


# Where the files come from


def from_charts(case, made, cas=None):
    """from its chart"""
    states = {}
    cas = cas or outputs.own_ca
    for cluster in case.clusters:
        state = states[cluster.name] = Cluster.born(cas(cluster.name))
        if made[cluster.name].secret:
            state.apply_secret(made[cluster.name].secret)
        manifests, error = helm.template(cluster.cilium, made[cluster.name].values)
        if error:
            raise Broken(error)
        state.upgrade(manifests)
    return of_states(case, states)


def of_states(case, states):
    """Who serves and who dials, as the files lie in the clusters now."""
    dials = []
    for cluster in case.clusters:
        state = states[cluster.name]
        kvstoremesh = charts.has_kvstoremesh(state)
        workload, container = (charts.apiserver(state), "kvstoremesh") if kvstoremesh else (charts.agent(state), "cilium-agent")
        files = state.mounted(workload, container, charts.CLUSTERMESH)
        for peer in case.peers(cluster, "mesh"):
            config = charts.client_config(files, peer.name)
            host, port = config["endpoints"][0].removeprefix("https://").rsplit(":", 1)
            aliases = [one["ip"] for one in pod(workload).get("hostAliases") or [] if host in one["hostnames"]]
            dials.append(Dial(cluster.name, peer.name, host, int(port), tuple(aliases or [RESOLVES[host]]), files[config["cert-file"]],
                              files[config["key-file"]], files[config["trusted-ca-file"]]))
    servers = []
    for cluster in case.clusters:
        files = charts.etcd(states[cluster.name])
        servers.append(Server(cluster.name, listens_on(cluster), cluster.port, files["cert-file"], files["key-file"], files["trusted-ca-file"]))
    return servers, dials


def from_values(case, made):
    """from its values alone"""
    servers, dials = [], []
    for cluster in case.clusters:
        output = made[cluster.name]
        values = output.values
        apiserver = values["clustermesh"]["apiserver"]
        old_ca = apiserver["tls"].get("ca")
        ca = decoded(old_ca, "cert", "key") if old_ca else \
            decoded(output.secret["data"], "ca.crt", "ca.key") if output.secret else outputs.own_ca(cluster.name)
        bundle = values.get("tls", {}).get("caBundle", {}).get("content")
        trusted = bundle.encode() if bundle else ca[0]
        place = apiserver["tls"]["auto"].get("server") or apiserver["tls"].get("server") or {}
        hosts = ["*.mesh.cilium.io", "127.0.0.1", *place.get("extraDnsNames", [])]
        server = pki.issue(ca, "clustermesh-apiserver.cilium.io", hosts, ["server auth"])
        own = pki.issue(ca, "remote")
        servers.append(Server(cluster.name, listens_on(cluster), cluster.port, *server, trusted))
        for peer in values["clustermesh"]["config"]["clusters"]:
            tls = peer.get("tls") or {}
            cert, key = decoded(tls, "cert", "key") if tls else own
            peer_trusted = decoded(tls, "caCert")[0] if tls.get("caCert") else trusted
            host = f"{peer['name']}.mesh.cilium.io" if peer.get("ips") else peer["address"]
            addresses = tuple(peer.get("ips") or [RESOLVES[host]])
            dials.append(Dial(cluster.name, peer["name"], host, peer["port"], addresses, cert, key, peer_trusted))
    return servers, dials


def decoded(data, *keys):
    return tuple(base64.b64decode(data[key]) for key in keys)


def listens_on(cluster):
    return cluster.ips or (RESOLVES[cluster.address],)


# The handshakes


def shake(servers, dials):
    """{(source, target): why} of the pairs that do not connect."""
    with tempfile.TemporaryDirectory() as folder, Namespace() as namespace:
        folder = Path(folder)
        processes = []
        try:
            for number, server in enumerate(servers):
                for address in server.addresses:
                    namespace.run("ip", "address", "add", f"{address}/32", "dev", "lo")
                processes.append(start_etcd(namespace, folder / server.name, server, 20000 + number))
            wait_until_listening(namespace, servers)
            jobs = []
            for dial in dials:
                files = {name: write(folder / "dials" / f"{dial.source}-{dial.target}.{name}", getattr(dial, name))
                         for name in ("cert", "key", "trusted")}
                jobs += [{"host": dial.host, "ip": ip, "port": dial.port, **files} for ip in dial.addresses]
            ran = namespace.run(sys.executable, cases.HERE / "suite" / "dial.py", stdin=json.dumps(jobs))
        finally:
            for process in processes:
                process.terminate()
                process.wait(20)
    pairs = [(dial.source, dial.target) for dial in dials for _ in dial.addresses]
    return {pair: why for pair, why in zip(pairs, json.loads(ran.stdout)) if why}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(path)


def start_etcd(namespace, folder, server, peer_port):
    urls = ",".join(f"https://{address}:{server.port}" for address in server.addresses)
    peers = f"http://127.0.0.1:{peer_port}"
    files = {name: write(folder / name, getattr(server, name)) for name in ("cert", "key", "trusted")}
    with open(folder / "log", "wb") as log:
        return subprocess.Popen(namespace.command(
            cache.tool("etcd"), "--data-dir", folder / "data", "--listen-client-urls", urls, "--advertise-client-urls", urls,
            "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", f"default={peers}",
            "--cert-file", files["cert"], "--key-file", files["key"], "--trusted-ca-file", files["trusted"], "--client-cert-auth",
        ), stdout=log, stderr=log)


def wait_until_listening(namespace, servers):
    end = time.monotonic() + 30
    wanted = {f"{address}:{server.port}" for server in servers for address in server.addresses}
    while time.monotonic() < end:
        listening = {line.split()[3] for line in namespace.run("ss", "-Hltn").stdout.splitlines()}
        if wanted <= listening:
            return
        time.sleep(0.2)
    raise cache.Unavailable(f"etcd does not listen on {sorted(wanted - listening)}")
