"""Cilium's own parser, its CRD and a real API server on the policies for Cilium's host firewall and for KubeVirt.

What a policy permits is compared with rules.json; applied again, in both ways that kubectl knows, nothing may change.
"""

import json
import subprocess
import tempfile
from pathlib import Path

from suite import cache, firewalls, goyaml, outputs
from suite.apiserver import Server
from suite.report import Verdict, skipped

CRD = "ciliumclusterwidenetworkpolicies"
NAMESPACES = ("infra", "again")
ECHO_TYPES = {("IPv4", 8): "icmp", ("IPv6", 128): "icmpv6"}


class Unreadable(Exception):
    """A part of a policy that meshgen has no reason to write."""


def run(options):
    try:
        yield from host_firewall()
    except cache.Unavailable as why:
        yield skipped("Cilium's parser", why)
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        prepare(server)
        for mesh_file in firewalls.meshes():
            yield Verdict.of(f"API server: {firewalls.name(mesh_file)}", caught(applied, server, mesh_file))


def caught(check, *arguments):
    """The faults that a check finds; where meshgen refuses, or writes what cannot be read, that is one."""
    try:
        return list(check(*arguments))
    except (outputs.Failed, Unreadable, KeyError) as fault:
        return [f"{type(fault).__name__}: {fault}"]


def host_firewall():
    cache.tool("cilium-policy")
    for mesh_file in firewalls.meshes():
        yield Verdict.of(f"Cilium's parser: {firewalls.name(mesh_file)}", caught(parsed_policies, mesh_file))


def has_esp(mesh_file):
    return any(rule["protocol"] == "esp" for rule in firewalls.rules(mesh_file))


def parsed_policies(mesh_file):
    rules = firewalls.rules(mesh_file)
    for cluster in firewalls.clusters(mesh_file):
        if has_esp(mesh_file):
            ran = firewalls.asked(mesh_file, "cilium", "--cluster", cluster)
            if not ran.returncode or "cannot express [Esp]" not in ran.stderr:
                yield f"{cluster}: a policy although Cilium has no word for ESP"
        else:
            yield from (f"{cluster}: {fault}" for fault in host_faults(firewalls.form(mesh_file, "cilium", cluster), rules, cluster))


def host_faults(text, rules, cluster):
    """What Cilium refuses of a policy, or where what it understands is not what the rules say."""
    ran = subprocess.run([cache.tool("cilium-policy")], input=text, capture_output=True, text=True, check=False)
    if ran.returncode:
        return [ran.stderr.strip()[:300]]
    rule = json.loads(ran.stdout)
    if rule["nodeSelector"] or rule["enableDefaultDeny"] != {"ingress": True, "egress": False}:
        return ["it is not for the way into every node"]
    wanted = list(firewalls.inbound(rules, cluster))
    by_range, by_entity = [], set()
    for one in rule["ingress"]:
        flows = list(host_flows(one))
        by_range += [(cidr, *flow) for cidr in one.get("fromCIDR", ()) for flow in flows]
        if one.get("fromEntities", ["remote-node"]) != ["remote-node"]:
            return [f"entities {one['fromEntities']}"]
        by_entity.update(flows if "fromEntities" in one else ())
    faults = list(firewalls.differences(wanted, by_range))
    if by_entity != {(protocol, port) for _, protocol, port in wanted}:
        faults.append(f"connected peers may {sorted(by_entity, key=str)}")
    return faults


def host_flows(rule):
    if unknown := set(rule) - {"fromCIDR", "fromEntities", "toPorts", "icmps"}:
        raise Unreadable(str(unknown))
    for ports in rule.get("toPorts", ()):
        yield from ((port["protocol"].lower(), int(port["port"])) for port in ports["ports"])
    for icmps in rule.get("icmps", ()):
        yield from ((ECHO_TYPES[field["family"], field["type"]], None) for field in icmps["fields"])


# The API server


def prepare(server):
    server.kubectl("apply", "--server-side", "-f", str(cache.cilium_crd(CRD)))
    server.wait_for(lambda: not server.kubectl("get", f"{CRD}.cilium.io", check=False).returncode, "Cilium's CRD", 30)
    for namespace in NAMESPACES:
        server.kubectl("create", "namespace", namespace)


def applied(server, mesh_file):
    """One mesh: the policies of all clusters, and the host policy of one, which has the same name everywhere."""
    rules, clusters = firewalls.rules(mesh_file), firewalls.clusters(mesh_file)
    texts = {cluster: firewalls.form(mesh_file, "kubevirt", cluster) for cluster in clusters}
    yield from comes_to_rest(server, "---\n".join(texts.values()))
    for cluster, text in texts.items():
        policy = goyaml.load_yaml(text)
        yield from (f"{cluster}: {fault}" for fault in network_policy_faults(policy["spec"], rules, cluster))
        entry = {"name": policy["metadata"]["name"], "spec": policy["spec"]}
        if goyaml.load_yaml(firewalls.form(mesh_file, "kubevirt-datacenter", cluster)) != {"customNetworkPolicies": [entry]}:
            yield f"{cluster}: the datacenter's policy is another one"
    if not has_esp(mesh_file):
        yield from comes_to_rest(server, firewalls.form(mesh_file, "cilium", clusters[0]))


def comes_to_rest(server, text):
    """Applied twice, by the server and as the guide says: accepted, and the second time without a change."""
    def apply(namespace, *words):
        return server.kubectl("apply", "--namespace", namespace, "-f", "-", *words, stdin=text, check=False)

    first, second = (apply(NAMESPACES[0], "--server-side", "--output", "json") for _ in range(2))
    if first.returncode:
        return [first.stderr.strip()[-400:]]
    if first.stdout != second.stdout:
        return ["applied again by the server, the objects change"]
    ran = [apply(NAMESPACES[1]) for _ in range(2)][1]
    return [] if all(line.endswith(" unchanged") for line in ran.stdout.splitlines()) else [f"applied again: {ran.stdout}{ran.stderr}"]


def network_policy_faults(spec, rules, cluster):
    """A policy has no word for ICMP and ESP, so it permits everything to where they are needed."""
    if spec["podSelector"] or spec["policyTypes"] not in (["Egress"], ["Ingress"]):
        return ["it is not for one direction of every pod"]
    is_egress = spec["policyTypes"] == ["Egress"]
    found = []
    for rule in spec["egress" if is_egress else "ingress"]:
        blocks = [peer["ipBlock"] for peer in rule["to" if is_egress else "from"]]
        if any(set(block) != {"cidr"} for block in blocks) or ("ports" in rule and not rule["ports"]):
            raise Unreadable(json.dumps(rule)[:200])
        ports = [(port["protocol"].lower(), port["port"]) for port in rule["ports"]] if "ports" in rule else [(None, None)]
        found += [(block["cidr"], *port) for block in blocks for port in ports]
    wanted = (firewalls.outbound if is_egress else firewalls.inbound)(rules, cluster)
    return firewalls.differences([opening if opening[2] else (opening[0], None, None) for opening in wanted], found)
