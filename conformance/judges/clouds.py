"""The forms for Google Cloud, Azure and Hetzner against what the vendors publish of their APIs: Google's discovery document, the types of
Azure's and the class of Hetzner's own Python package. What a form lets in is compared with rules.json.

No program of these clouds runs here: whether the cloud takes a rule, and does with it what it says, is not judged.
"""

import collections.abc
import enum
import json
import typing

import jsonschema

from suite import cache, firewalls, outputs
from suite.report import Verdict, skipped

GOOGLE = ("google-api-python-client==2.202.0", "googleapiclient/discovery_cache/documents/compute.v1.json")
# Limits that stand in the vendors' words only, not in what a program can read.
AZURE_PRIORITIES, AZURE_DESCRIPTION = range(100, 4097), 140  # SecurityRulePropertiesFormat
HETZNER_RANGES, HETZNER_RULES = 100, 50  # FirewallRule; "set rules" of the Hetzner Cloud API
ICMP = {4: "icmp", 6: "icmpv6"}
PORTS = ("udp", "tcp")


def run(options):
    for cloud in (Google, Azure, Hetzner):
        try:
            known = cloud()
        except cache.Unavailable as why:
            yield skipped(cloud.form, why)
            continue
        for mesh_file in firewalls.meshes():
            rules = firewalls.rules(mesh_file)
            faults = [f"{cluster}: {fault}" for cluster in firewalls.clusters(mesh_file) for fault in of_cluster(known, mesh_file, rules, cluster)]
            yield Verdict.of(f"{cloud.form}: {firewalls.name(mesh_file)}", faults)


def of_cluster(cloud, mesh_file, rules, cluster):
    try:
        return judge(cloud, firewalls.form(mesh_file, cloud.form, cluster), rules, cluster)
    except outputs.Failed as failed:
        return [str(failed)]


def judge(cloud, text, rules, cluster):
    """The faults of a form: what its API has no place for, else where it lets in another packet than the rules."""
    written = json.loads(text)
    faults = [fault for rule in written for fault in cloud.shape(rule)][:5] or list(cloud.limits(written))[:5]
    if faults:
        return faults
    found = [opening for rule in written for opening in cloud.openings(rule)]
    return list(firewalls.differences(firewalls.inbound(rules, cluster), found))


def opening(cidr, protocol, port):
    """One word for ICMP stands for that of the family."""
    return cidr, ICMP[firewalls.network(cidr).version] if protocol == "icmp" else protocol, port


class Google:
    """The Compute API, as Google's client reads it: bodies of `firewalls.insert`."""

    form = "gcp"
    protocols = {"58": "icmpv6"}

    def __init__(self):
        document = json.loads(cache.file_of_wheel(*GOOGLE))
        insert = document["resources"]["firewalls"]["methods"]["insert"]
        schema = document["schemas"][insert["request"]["$ref"]]
        self.schema = jsonschema.Draft7Validator(self.strict(schema, insert["id"]))

    def strict(self, schema, method):
        """JSON Schema of it: what it has not, or what the server alone writes, is refused, and patterns are of the whole text."""
        if "properties" in schema:
            written = {name: one for name, one in schema["properties"].items() if not one.get("readOnly")}
            required = [name for name, one in written.items() if method in one.get("annotations", {}).get("required", ())]
            return {"type": "object", "additionalProperties": False, "required": required,
                    "properties": {name: self.strict(one, method) for name, one in written.items()}}
        kept = {key: schema[key] for key in ("type", "enum") if key in schema}
        if "pattern" in schema:
            kept["pattern"] = f"^(?:{schema['pattern']})$"
        if "items" in schema:
            kept["items"] = self.strict(schema["items"], method)
        return kept

    def shape(self, rule):
        yield from (f"{rule.get('name')}: {error.message}" for error in self.schema.iter_errors(rule))

    def limits(self, written):
        yield from twice([rule["name"] for rule in written])
        for rule in written:
            if len({firewalls.network(cidr).version for cidr in rule["sourceRanges"]}) != 1:
                yield f"{rule['name']}: ranges of both families"  # as the comment of KKP's own rules says

    def openings(self, rule):
        if rule.get("direction") != "INGRESS" or not rule["targetTags"]:
            return
        for allowed in rule["allowed"]:
            protocol = allowed["IPProtocol"]
            for port in allowed.get("ports", [None]):
                for cidr in rule["sourceRanges"]:
                    yield cidr, self.protocols.get(protocol, protocol), port and int(port)


class Azure:
    """Azure Resource Manager, as Microsoft's package has it: the list `properties.securityRules` of a network security group."""

    form = "azure"

    def __init__(self):
        try:
            from azure.mgmt.network import models
        except ImportError as error:
            raise cache.Unavailable("azure-mgmt-network is not installed") from error
        self.rule, self.models = models.SecurityRule, {"_models": models}

    def shape(self, rule):
        yield from (f"{rule.get('name')}: {fault}" for fault in faults_of(self.rule, rule, self.models))

    def limits(self, written):
        yield from twice([rule["name"] for rule in written])
        yield from twice([rule["properties"]["priority"] for rule in written])
        for rule in written:
            said = rule["properties"]
            if said["priority"] not in AZURE_PRIORITIES:
                yield f"{rule['name']}: priority {said['priority']}"
            if len(said["description"]) > AZURE_DESCRIPTION:
                yield f"{rule['name']}: a description of {len(said['description'])} characters"
            if len({firewalls.network(cidr).version for cidr in said["sourceAddressPrefixes"]}) != 1:
                yield f"{rule['name']}: ranges of both families"

    def openings(self, rule):
        said = rule["properties"]
        if (said["direction"], said["access"], said["sourcePortRange"], said["destinationAddressPrefix"]) != ("Inbound", "Allow", "*", "*"):
            return
        protocol, port = said["protocol"].lower(), said["destinationPortRange"]
        for cidr in said["sourceAddressPrefixes"]:
            yield opening(cidr, protocol, int(port) if protocol in PORTS and port != "*" else None)


class Hetzner:
    """The Hetzner Cloud API, as its own package has it: the rules of a firewall."""

    form = "hetzner"

    def __init__(self):
        try:
            from hcloud.firewalls import FirewallRule
        except ImportError as error:
            raise cache.Unavailable("hcloud is not installed") from error
        self.rule = FirewallRule

    def words(self, kind):
        return {getattr(self.rule, name) for name in vars(self.rule) if name.startswith(kind)}

    def shape(self, rule):
        try:
            sent = self.rule(**rule).to_payload()
        except TypeError as error:
            yield str(error)
            return
        if lost := {key for key, value in rule.items() if value not in (None, []) and sent.get(key) != value}:
            yield f"not sent: {lost}"
        for kind, value in (("DIRECTION", rule["direction"]), ("PROTOCOL", rule["protocol"])):
            if value not in self.words(kind):
                yield f"{value} is none of {sorted(self.words(kind))}"
        if (rule["port"] is not None) != (rule["protocol"] in PORTS) or not isinstance(rule["port"], str | None):
            yield f"port {rule['port']!r} of {rule['protocol']}"

    def limits(self, written):
        if len(written) > HETZNER_RULES:
            yield f"{len(written)} rules"
        yield from (f"{len(rule['source_ips'])} ranges" for rule in written if not 0 < len(rule["source_ips"]) <= HETZNER_RANGES)

    def openings(self, rule):
        if rule["direction"] == self.rule.DIRECTION_IN and not rule["destination_ips"]:
            yield from (opening(cidr, rule["protocol"], rule["port"] and int(rule["port"])) for cidr in rule["source_ips"])


def twice(values):
    yield from (f"{value} twice" for value in sorted({value for value in values if values.count(value) > 1}))


def faults_of(hint, value, names):
    """Where a value is not of a type of Azure's package; of a text or a name of a list, only the names of the list are taken."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    enums = [one for one in arguments if isinstance(one, enum.EnumType)]
    if isinstance(hint, type) and issubclass(hint, collections.abc.MutableMapping):
        yield from faults_of_model(hint, value, names)
    elif enums:
        if value not in {member.value for one in enums for member in one}:
            yield f"{value!r} is no {enums[0].__name__}"
    elif origin is typing.Union:
        yield from faults_of(arguments[0], value, names)  # the other is that there is none
    elif origin is list:
        yield from (fault for item in value for fault in faults_of(arguments[0], item, names)) if isinstance(value, list) else [f"{value!r} is no list"]
    elif type(value) is not hint:
        yield f"{value!r} is no {hint.__name__}"


def faults_of_model(model, value, names):
    if not isinstance(value, dict):
        yield f"{value!r} is no {model.__name__}"
        return
    model({})  # it learns its fields when it is made
    hints = typing.get_type_hints(model, localns=names)
    fields = {field._rest_name: hints[name] for name, field in model._attr_to_rest_field.items() if "create" in field._visibility}
    needed = {name for name, hint in fields.items() if type(None) not in typing.get_args(hint)}
    yield from (f"{name} is missing" for name in sorted(needed - set(value)))
    yield from (f"{name} is not known" for name in sorted(set(value) - set(fields)))
    for name in sorted(set(value) & set(fields)):
        yield from (f"{name}: {fault}" for fault in faults_of(fields[name], value[name], names))
