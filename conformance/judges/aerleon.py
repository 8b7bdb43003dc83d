"""aerleon's aclgen on `--format aerleon`: the vendors' files that it writes permit what groups.json says, and nothing else.

Each dialect has a reader here, for as much of its language as aclgen uses of it for such rules; a line that a reader does not know is a fault.
"""

import json
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

from suite import firewalls, goyaml, outputs, parallel
from suite.report import Verdict

# Dialects that need nothing of the site but names; the file itself asks for the first three.
MORE_TARGETS = dict.fromkeys(("arista", "cisconx", "ciscoxr"), "cluster-mesh mixed")
PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "50": "esp", "58": "icmpv6", "ipv6-icmp": "icmpv6", "icmp6": "icmpv6"}
ECHO_REQUEST = {("icmp", "8"), ("icmpv6", "128"), ("icmp", "echo"), ("icmp", "echo-request"), ("icmpv6", "echo-request")}


@dataclass(frozen=True)
class Permit:
    """One line of a vendor's file; `port` is None where it has none."""

    sources: tuple
    targets: tuple
    protocol: str
    port: int | None


class Unreadable(Exception):
    """A line that no reader knows."""


def run(options):
    meshes = firewalls.meshes()
    for mesh_file, faults in zip(meshes, parallel.each(of_mesh, meshes)):
        yield Verdict.of(firewalls.name(mesh_file), faults)


def of_mesh(mesh_file):
    try:
        return judge(firewalls.form(mesh_file, "aerleon"), json.loads(firewalls.form(mesh_file, "groups")))
    except outputs.Failed as failed:
        return [str(failed)]


def judge(text, groups):
    """The faults of an input of aclgen, first as it stands and then with more dialects."""
    wider = goyaml.load_yaml(text)
    for policy in wider.get("filters", []):
        policy["header"]["targets"] = MORE_TARGETS
    for source, dialects in ((text, ("cisco", "juniper", "paloalto")), (json.dumps(wider), MORE_TARGETS)):
        said, files = aclgen(source, again=source == text)
        faults = [f"aclgen: {line}" for line in said]
        for dialect in () if said else dialects:
            faults += [f"{dialect}: {fault}" for fault in faults_of(dialect, files, groups)]
        if faults:
            return faults
    return []


def aclgen(text, again):
    """(what it complains of, {suffix: text} of what it writes); run again it must find nothing changed."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for name in ("def", "pol", "out"):
            (folder / name).mkdir()
        for name in ("def", "pol"):
            (folder / name / "mesh.yaml").write_text(text)
        program = Path(sys.executable).parent / "aclgen"
        command = [program, "--base_directory", ".", "--definitions_directory", "def", "--output_directory", "out"]
        first, *second = (subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False) for _ in range(1 + again))
        files = {path.suffix: path.read_text() for path in (folder / "out").iterdir()}
    if first.returncode or "with errors" in first.stderr:
        lines = [line for line in first.stderr.splitlines() if line.strip() and not re.match(r"[IW]\d{4} ", line)]
        return lines[-4:] or [f"exit {first.returncode}"], {}
    return ["a second run writes again" for ran in second if "no files changed" not in ran.stderr], files


def faults_of(dialect, files, groups):
    suffix, reader = READERS[dialect]
    if suffix not in files:
        return ["no file"]
    try:
        permits = list(reader(files[suffix]))
    except (Unreadable, KeyError, ValueError) as error:
        return [f"{type(error).__name__}: {error}"]
    return differences(permits, groups)


def differences(permits, groups):
    """Flows between the edges of all ranges that are permitted on one side only."""
    wanted = [
        Permit(networks(groups["groups"][rule["from"]]["cidrs"]), networks(groups["groups"][rule["to"]]["cidrs"]), rule["protocol"], rule["port"])
        for rule in groups["rules"]
    ]
    flows = {(one.protocol, one.port) for one in (*wanted, *permits)} | set(firewalls.STRANGERS)
    faults = []
    for protocol, port in sorted(flows, key=str):
        rules, found = ([one for one in side if (one.protocol, one.port) == (protocol, port)] for side in (wanted, permits))
        for source, target in firewalls.pairs(groups["groups"]):
            if protocol in firewalls.ECHO.values() and protocol != firewalls.ECHO[source.version]:
                continue
            expected, is_open = (any(inside(one, source, target) for one in side) for side in (rules, found))
            if expected != is_open:
                faults.append(f"{source} to {target} {protocol} {port or ''}: {'not permitted' if expected else 'permitted'}")
    return faults


def inside(permit, source, target):
    return any(source in one for one in permit.sources) and any(target in one for one in permit.targets)


def networks(cidrs):
    return tuple(firewalls.network(cidr) for cidr in cidrs)


def flow(protocol, port=None, kind=None):
    """(protocol, port), with ICMP's echo requests as groups.json has them: any other kind is another flow."""
    protocol = PROTOCOLS.get(protocol, protocol)
    if protocol in firewalls.ECHO.values() and (protocol, str(kind)) not in ECHO_REQUEST:
        return f"{protocol} of type {kind}", None
    return protocol, None if port is None else int(port)


# The readers, each from a file's text to permits


def cisco(text):
    """IOS, IOS XR, NX-OS and EOS: `permit udp 10.0.1.0 0.0.0.255 host 10.0.2.1 eq 8472`."""
    ignored = re.compile(r"!|(no )?(ip|ipv4|ipv6) access-list |remark |exit$|\d+ remark |statistics per-entry$|$")
    for line in map(str.strip, text.splitlines()):
        if ignored.match(line):
            continue
        words = re.sub(r"^\d+ ", "", line).split()
        if words[:1] != ["permit"]:
            raise Unreadable(line)
        protocol, rest = words[1], words[2:]
        source, rest = cisco_range(rest)
        target, rest = cisco_range(rest)
        match rest:
            case ["eq", port]:
                port, kind = port, None
            case [kind]:
                port = None
            case []:
                port, kind = None, None
            case _:
                raise Unreadable(line)
        # NX-OS has one word for the ICMP of both families.
        protocol = firewalls.ECHO[source.version] if protocol == "icmp" else protocol
        yield Permit((source,), (target,), *flow(protocol, port, kind))


def cisco_range(words):
    match words:
        case ["host", address, *rest]:
            return firewalls.network(address), rest
        case [cidr, *rest] if "/" in cidr:
            return firewalls.network(cidr), rest
        case [address, wildcard, *rest]:
            return firewalls.network(f"{address}/{wildcard}"), rest
    raise Unreadable(" ".join(words))


def juniper(text):
    """Filters of terms, as blocks with one statement a line."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    for body in re.findall(r"\bterm \S+ \{\n(.*?)\n {12}\}", text, re.DOTALL):
        match = re.fullmatch(r"\s*from \{\n(.*)\n\s*\}\n\s*then accept;", body, re.DOTALL)
        if not match:
            raise Unreadable(body)
        blocks = dict(re.findall(r"([\w-]+) \{([^}]*)\}", match.group(1)))
        statements = dict(re.findall(r"^\s*([\w-]+) ([^;{]+);$", re.sub(r"[\w-]+ \{[^}]*\}", "", match.group(1)), re.MULTILINE))
        if unknown := {*blocks, *statements} - {"source-address", "destination-address", "protocol", "next-header", "payload-protocol",
                                                "destination-port", "icmp-type"}:
            raise Unreadable(f"{unknown}")
        ends = [networks(re.findall(r"([^\s;]+);", blocks[end])) for end in ("source-address", "destination-address")]
        protocol = next(statements[word] for word in ("protocol", "next-header", "payload-protocol") if word in statements)
        yield Permit(*ends, *flow(protocol, statements.get("destination-port"), statements.get("icmp-type")))


def paloalto(text):
    """Security rules, which name address groups and services that stand above them."""
    root = ElementTree.fromstring(text)
    named = {entry.get("name"): (entry.findtext("ip-netmask"),) for entry in root.findall(".//address/entry")}
    for entry in root.findall(".//address-group/entry"):
        named[entry.get("name")] = tuple(named[member.text][0] for member in entry.findall("static/member"))
    ports = {entry.get("name"): [(port.tag, port.findtext("port")) for port in entry.find("protocol")]
             for entry in root.findall(".//vsys/entry/service/entry")}
    for entry in root.findall(".//rulebase/security/rules/entry"):
        if entry.findtext("action") != "allow":
            raise Unreadable(entry.get("name"))
        ends = [networks(cidr for name in members(entry, end) for cidr in named[name]) for end in ("source", "destination")]
        services, applications = members(entry, "service"), members(entry, "application")
        if applications == ["any"]:
            flows = [flow(protocol, port) for name in services for protocol, port in ports[name]]
        else:
            flows = [APPLICATIONS[name] for name in applications]
        yield from (Permit(*ends, *one) for one in flows)


APPLICATIONS = {"icmp-echo-request": ("icmp", None), "icmp6-echo-request": ("icmpv6", None), "ipsec-esp": ("esp", None)}


def members(entry, name):
    return [member.text for member in entry.findall(f"{name}/member")]


READERS = {
    "cisco": (".acl", cisco), "arista": (".eacl", cisco), "cisconx": (".nxacl", cisco), "ciscoxr": (".xacl", cisco),
    "juniper": (".jcl", juniper), "paloalto": (".xml", paloalto),
}
