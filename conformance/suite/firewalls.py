"""The forms of the firewall rules as `meshgen firewall` prints them, and what they are compared with: openings.

An opening is (range, protocol, port): what the nodes of a cluster let in from a range, or send to it. `None` as a protocol or port is any.
"""

import functools
import ipaddress
import itertools
import json
import subprocess

from suite import cases, outputs

FIXTURES = cases.HERE.parent / "fixtures" / "meshes"
# Flows that no rule has, each beside one that some rules have.
STRANGERS = (("udp", 9999), ("tcp", 22), ("tcp", 8472), ("udp", 4240), ("esp", None))
ECHO = {4: "icmp", 6: "icmpv6"}

network = functools.lru_cache(maxsize=None)(ipaddress.ip_network)


@functools.lru_cache
def meshes():
    """The meshes of the fixtures that have rules, one of each shape: load balancers, node ports, names, both families."""
    found = {}
    for path in (*sorted(cases.CASES.glob("firewall-*/mesh.yaml")), *sorted(FIXTURES.glob("*/mesh.yaml"))):
        ran = asked(path, "groups")
        if not ran.returncode and json.loads(ran.stdout)["rules"]:
            found.setdefault(shape(json.loads(ran.stdout)), path)
    return list(found.values())


def shape(groups):
    """What tells the rules of two meshes apart, but for names and numbers."""
    kinds = {name_: (bool(group["hosts"]), *sorted({network(cidr).version for cidr in group["cidrs"]}), len(group["clusters"]) > 1)
             for name_, group in groups["groups"].items()}
    return tuple(sorted({(kinds[rule["from"]], kinds[rule["to"]], rule["protocol"], rule["reason"]) for rule in groups["rules"]}))


def name(mesh_file):
    return mesh_file.parent.name


def asked(mesh_file, form, *more):
    command = [str(outputs.meshgen_binary()), "firewall", str(mesh_file), "--format", form, *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def form(mesh_file, name_, cluster=None):
    """The text of a form."""
    ran = asked(mesh_file, name_, *(["--cluster", cluster] if cluster else []))
    if ran.returncode:
        raise outputs.Failed(f"meshgen firewall --format {name_} exits {ran.returncode}: {ran.stderr.strip()[:500]}")
    return ran.stdout


@functools.lru_cache
def rules(mesh_file):
    return json.loads(form(mesh_file, "json"))


def clusters(mesh_file):
    return sorted({rule[end] for rule in rules(mesh_file) for end in ("from", "to")})


def nodes(rules_, cluster):
    """The ranges of a cluster's nodes, by what they send."""
    return sorted({cidr for rule in rules_ if rule["from"] == cluster for cidr in rule["fromCIDRs"]})


def inbound(rules_, cluster):
    """What the cluster's own nodes let in: an address of a load balancer is not theirs."""
    own = [ipaddress.ip_network(cidr) for cidr in nodes(rules_, cluster)]
    for rule in rules_:
        if rule["to"] == cluster:
            reached = {to.version for to in map(ipaddress.ip_network, rule["toCIDRs"]) if any(meet(to, range_) for range_ in own)}
            yield from ((cidr, rule["protocol"], rule["port"]) for cidr in rule["fromCIDRs"] if ipaddress.ip_network(cidr).version in reached)


def outbound(rules_, cluster):
    """What they send; a rule to a name has no range."""
    for rule in rules_:
        if rule["from"] == cluster:
            yield from ((cidr, rule["protocol"], rule["port"]) for cidr in rule["toCIDRs"])


def meet(one, other):
    return one.version == other.version and one.overlaps(other)


def differences(wanted, found):
    """Where openings do not let the same packets through, asked at the edges of every range."""
    wanted, found = set(wanted), set(found)
    flows = {(protocol, port) for _, protocol, port in wanted | found if protocol} | set(STRANGERS)
    for address in edges(cidr for cidr, _, _ in wanted | found):
        for protocol, port in sorted(flows, key=str):
            if protocol in ECHO.values() and protocol != ECHO[address.version]:
                continue
            expected, is_open = (lets(openings, address, protocol, port) for openings in (wanted, found))
            if expected != is_open:
                yield f"{address} {protocol} {port or ''}: {'closed' if expected else 'open, although no rule says so'}"


def lets(openings, address, protocol, port):
    return any(
        opened in (None, protocol) and to_port in (None, port) and address in network(cidr) for cidr, opened, to_port in openings
    )


def edges(cidrs):
    """The first and last address of each range, and their neighbours outside."""
    found = set()
    for range_ in map(network, set(cidrs)):
        first, last = range_[0], range_[-1]
        found |= {first, last}
        for edge, step in ((first, -1), (last, 1)):
            if 0 < int(edge) + step < 2 ** range_.max_prefixlen:
                found.add(edge + step)
    return sorted(found, key=lambda address: (address.version, address))


def pairs(groups):
    """Two addresses of one family each, at the edges of the ranges of all groups."""
    found = edges(cidr for group in groups.values() for cidr in group["cidrs"])
    return [(source, target) for source, target in itertools.product(found, found) if source.version == target.version]
