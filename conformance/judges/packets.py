"""Packets between network namespaces that stand for a node of each cluster, behind the rendered firewall files.

With --drop what rules.json lists must pass, and everything else that another cluster's node sends must not.
"""

import hashlib
import ipaddress
import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from suite import cache, cases, goyaml, outputs, record
from suite.netns import Namespace, ip
from suite.report import Verdict

STRANGERS = {"udp": (6081, 8472, 9999, 51871), "tcp": (22, 2379, 4240, 10250, 32381, 32382)}
LOADERS = {
    "nft": (["nft", "-f"], ["nft", "-c", "-f"]),
    "iptables": (["iptables-restore", "--noflush"], ["iptables-restore", "--noflush", "--test"]),
    "ip6tables": (["ip6tables-restore", "--noflush"], ["ip6tables-restore", "--noflush", "--test"]),
}


@dataclass(frozen=True)
class Node:
    cluster: str
    addresses: tuple  # its own, one per family
    balanced: tuple  # the load-balancer addresses that end here


def run(options):
    cache.tool("nft")
    cache.tool("iptables-restore")
    for mesh_file in sorted(cases.CASES.glob("firewall-*/mesh.yaml")):
        nodes = nodes_of(goyaml.load_yaml(mesh_file.read_text()))
        with tempfile.TemporaryDirectory() as folder:
            outputs.render(mesh_file, Path(folder), "--drop")
            files, digest = dialects(Path(folder))
            rules = json.loads((Path(folder) / "firewall" / "rules.json").read_text())
        families = {version_of(address) for node in nodes for address in node.addresses}
        faults = []
        for chosen in (["nft"], [{4: "iptables", 6: "ip6tables"}[family] for family in sorted(families)]):
            texts = {node.cluster: {dialect: files[f"{node.cluster}.{dialect}"] for dialect in chosen} for node in nodes}
            faults += judge(nodes, rules, texts)
        yield Verdict.of(f"{mesh_file.parent.name}/drop", faults, record.entry(mesh_file, ["--drop"], ["dialect"], digest))


def dialects(folder):
    """({file name: text}, digest) of the firewall files in an output folder."""
    digest = hashlib.sha256()
    texts = {}
    for one in json.loads((folder / "index.json").read_text())["files"]:
        if one["kind"] == "dialect":
            content = (folder / one["path"]).read_bytes()
            digest.update(content)
            texts[Path(one["path"]).name] = content.decode()
    return texts, digest.hexdigest()


def nodes_of(mesh):
    """One node per cluster: the tenth address of its first range of each family."""
    nodes = []
    for cluster in mesh["clusters"]:
        own = {}
        for cidr in map(ipaddress.ip_network, cluster["nodeCIDRs"]):
            own.setdefault(cidr.version, str(cidr[10]))
        balanced = tuple(address for address in cluster["apiserver"]["ips"] if address not in own.values())
        nodes.append(Node(cluster["name"], tuple(own.values()), balanced))
    return nodes


def version_of(address):
    return ipaddress.ip_address(address).version


def judge(nodes, rules, files):
    """The faults of the files (by cluster and dialect): what passes against what the rules say."""
    def put(node, namespace):
        with tempfile.TemporaryDirectory() as folder:
            for dialect, text in files[node.cluster].items():
                path = Path(folder) / f"{node.cluster}.{dialect}"
                path.write_text(text)
                if why := load(namespace, dialect, path):
                    return f"{node.cluster}.{dialect}: {why}"
        return None

    return trial(nodes, rules, put, lambda probe: any(permits(rule, probe) for rule in rules))


def trial(nodes, rules, put, wanted):
    """What passes although it is not wanted, or the other way round, once `put(node, namespace)` has set up each node; it says why it cannot."""
    probes = [probe for source in nodes for target in nodes if source != target for probe in between(source, target, rules)]
    with Network(nodes) as network:
        network.settle(probes)
        with ThreadPoolExecutor() as pool:
            refused = [why for why in pool.map(lambda node: put(node, network.namespaces[node.cluster]), nodes) if why]
        if refused:
            return refused
        passed = network.send(probes)
    faults = []
    for probe in probes:
        expected = wanted(probe)
        if expected != (probe["id"] in passed):
            faults.append(f"{probe['source']} to {probe['target']} {probe['to']} {probe['protocol']} {probe['port'] or ''}: "
                          f"{'dropped' if expected else 'passes'}")
    return faults


def load(namespace, dialect, path):
    """Checks the file, loads it as its header says, puts the chain to use, and loads it again, which must change nothing."""
    loading, checking = LOADERS[dialect]
    states = []
    for number, words in enumerate((checking, loading, loading)):
        ran = namespace.run(cache.tool(words[0]), *words[1:], path, check=False)
        if ran.returncode:
            return f"{' '.join(words)}: {ran.stderr.strip()[:300]}"
        if number == 1 and dialect != "nft":
            for chain in ("INPUT", "OUTPUT"):
                namespace.run(cache.system_tool(dialect), "-I", chain, "-j", "MESHGEN")
        states.append(state(namespace, dialect))
    return None if states[1] == states[2] else "loaded again it changes the rules"


def state(namespace, dialect):
    """The rules that are in force, without counters and comments on the time."""
    command = ["nft", "--stateless", "list", "ruleset"] if dialect == "nft" else [f"{dialect}-save"]
    said = namespace.run(cache.system_tool(command[0]), *command[1:]).stdout
    return [line for line in said.splitlines() if not line.startswith(("#", ":"))]


def between(source, target, rules):
    """Every flow of any rule, and some that no rule has, from the one node to each address of the other."""
    flows = {("icmp", None)} | {(protocol, port) for protocol, ports in STRANGERS.items() for port in ports}
    flows |= {(rule["protocol"], rule["port"]) for rule in rules if rule["protocol"] in ("udp", "tcp", "esp")}
    # ESP has no ports: to a stateful filter the way back is a reply. So where no rule has it, it goes one way only.
    flows |= {("esp", None)} if source.cluster < target.cluster else set()
    reachable = {version_of(address): address for address in source.addresses}
    for to in (*target.addresses, *target.balanced):
        if version_of(to) not in reachable:
            continue
        for protocol, port in sorted(flows, key=str):
            protocol = "icmpv6" if protocol == "icmp" and version_of(to) == 6 else protocol
            yield {"id": f"{source.cluster}>{to}/{protocol}/{port}", "source": source.cluster, "target": target.cluster,
                   "from": reachable[version_of(to)], "to": to, "protocol": protocol, "port": port}


def permits(rule, probe):
    return (
        (rule["from"], rule["to"], rule["protocol"], rule["port"]) == (probe["source"], probe["target"], probe["protocol"], probe["port"])
        and inside(probe["from"], rule["fromCIDRs"])
        and inside(probe["to"], rule["toCIDRs"])
    )


def inside(address, cidrs):
    address = ipaddress.ip_address(address)
    return any(address in network for network in map(ipaddress.ip_network, cidrs) if network.version == address.version)


class Network:
    """A namespace per node and a router between them; every node listens on every port that is probed."""

    def __init__(self, nodes):
        self.nodes = nodes
        self.namespaces = {}
        self.listeners = []

    def __enter__(self):
        self.router = Namespace()
        self.router.__enter__()
        for path in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
            self.router.run("sh", "-c", f"echo 1 > /proc/sys/net/{path}")
        for number, node in enumerate(self.nodes):
            self.namespaces[node.cluster] = namespace = Namespace()
            namespace.__enter__()
            self.join(namespace, node, number)
        return self

    def join(self, namespace, node, number):
        """A veth to the router; addresses are single, so that the routes say everything."""
        ip("link", "add", "eth0", "netns", namespace.name, "type", "veth", "peer", f"node{number}", "netns", self.router.name)
        gateways = {4: f"169.254.{number}.1", 6: f"fd99:{number}::1"}
        namespace.run("ip", "link", "set", "eth0", "up")
        self.router.run("ip", "link", "set", f"node{number}", "up")
        for version, gateway in gateways.items():
            bits, nodad = {4: (32, []), 6: (128, ["nodad"])}[version]
            self.router.run("ip", "address", "add", f"{gateway}/{bits}", "dev", f"node{number}", *nodad)
            own = [address for address in (*node.addresses, *node.balanced) if version_of(address) == version]
            for address in own:
                namespace.run("ip", "address", "add", f"{address}/{bits}", "dev", "eth0", *nodad)
                self.router.run("ip", f"-{version}", "route", "add", f"{address}/{bits}", "dev", f"node{number}")
            if own:
                source = ["src", own[0]]
                namespace.run("ip", f"-{version}", "route", "add", f"{gateway}/{bits}", "dev", "eth0", *source)
                namespace.run("ip", f"-{version}", "route", "add", "default", "via", gateway, "dev", "eth0", *source)

    def __exit__(self, *_):
        for listener in self.listeners:
            listener.kill()
            listener.communicate()
        for namespace in (*self.namespaces.values(), self.router):
            namespace.__exit__()

    def settle(self, probes):
        """Waits until every probe arrives without rules: neighbours take a moment to find each other."""
        end = time.monotonic() + 20
        while lost := {probe["id"] for probe in probes} - self.send(probes):
            if time.monotonic() > end:
                raise cache.Unavailable(f"packets get lost between network namespaces even without rules: {sorted(lost)[:3]}")

    def send(self, probes):
        """The ids of the probes that arrive."""
        ports = {kind: sorted({probe["port"] for probe in probes if probe["protocol"] == kind}) for kind in ("udp", "tcp")}
        program = [sys.executable, str(cases.HERE / "suite" / "probe.py")]
        for namespace in self.namespaces.values():
            listener = subprocess.Popen(namespace.command(*program, "listen"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.listeners.append(listener)
            listener.stdin.write(json.dumps(ports) + "\n")
            listener.stdin.flush()
            if listener.stdout.readline() != "ready\n":
                raise cache.Unavailable("no sockets in the namespaces")
        senders = []
        for cluster, namespace in self.namespaces.items():
            jobs = [probe for probe in probes if probe["source"] == cluster]
            sender = subprocess.Popen(namespace.command(*program, "send"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            sender.stdin.write(json.dumps(jobs) + "\n")
            sender.stdin.flush()
            senders.append(sender)
        arrived = set()
        for sender in senders:
            arrived |= set(json.loads(sender.communicate()[0]))
        time.sleep(0.3)
        for listener in self.listeners:
            arrived |= set(listener.communicate()[0].splitlines())
        self.listeners = []
        return arrived
