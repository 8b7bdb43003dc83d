"""The module for AWS: what the real Terraform makes of its variables goes to moto, which plays AWS, and is read back and compared with rules.json.

The provider hashicorp/aws cannot be had from a package registry. So the resources, which only hand on what the locals hold, are played
here; and moto refuses less than AWS does, so what AWS documents of the fields is checked beside it. cfn-lint reads templates of
CloudFormation, which these variables are not: the judge `cloudformation` has it.
"""

import os
import re
import unittest.mock

from suite import cache, firewalls, outputs, tf
from suite.report import Verdict

DESCRIPTION = re.compile(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{0,255}")  # "Security group rules" in the guide of Amazon VPC
PROTOCOLS = {"udp": "udp", "tcp": "tcp", "icmp": "icmp", "icmpv6": "icmpv6", "50": "esp"}
ECHO_TYPES = {"icmp": 8, "icmpv6": 128}
ACCOUNT = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "eu-central-1"}


def module():
    return (tf.MODULES / "terraform-aws" / "main.tf").read_text()


def run(options):
    tf.program()
    with Played() as aws:
        for mesh_file in firewalls.meshes():
            rules, faults = firewalls.rules(mesh_file), []
            for cluster in firewalls.clusters(mesh_file):
                form = "tfvars" if cluster == firewalls.clusters(mesh_file)[0] else "aws"  # either has the variables of the module
                try:
                    found = judge(aws, module(), firewalls.form(mesh_file, form, cluster), rules, cluster)
                except outputs.Failed as failed:
                    found = [str(failed)]
                faults += [f"{cluster}: {fault}" for fault in found]
            yield Verdict.of(firewalls.name(mesh_file), faults)


def judge(aws, module_text, variables, rules, cluster):
    """The faults of the variables of one cluster, in a module."""
    wanted = tf.evaluated(module_text, variables, "{lists = local.prefix_lists, rules = local.ingress}")
    if faults := list(undocumented(wanted)):
        return faults
    group = aws.group()
    lists = {family: aws.prefix_list(one) for family, one in wanted["lists"].items()}
    refused = [why for rule in wanted["rules"].values() if (why := aws.permit(group, rule, lists))]
    if refused:
        return refused
    before = aws.state(group)
    if not all("Duplicate" in (aws.permit(group, rule, lists) or "") for rule in wanted["rules"].values()):
        return ["permitted again, AWS does not find the rules"]
    if aws.state(group) != before:
        return ["permitted again, the group changes"]
    return list(firewalls.differences(firewalls.inbound(rules, cluster), aws.openings(group)))


def undocumented(wanted):
    """What AWS would not take although moto does."""
    for one in wanted["lists"].values():
        versions = {firewalls.network(cidr).version for cidr in one["cidrs"]}
        if versions != {{"IPv4": 4, "IPv6": 6}.get(one["address_family"])}:
            yield f"a list of {one['address_family']} with {one['cidrs']}"
    for name, rule in wanted["rules"].items():
        protocol, ports = rule["ip_protocol"], (rule["from_port"], rule["to_port"])
        if protocol not in PROTOCOLS:
            yield f"{name}: no protocol {protocol}"
        elif protocol in ECHO_TYPES and ports != (ECHO_TYPES[protocol], -1):
            yield f"{name}: {ports} are not the type and code of an echo request"
        elif protocol in ("udp", "tcp") and not (ports[0] == ports[1] and 0 < ports[0] < 65536):
            yield f"{name}: no port: {ports}"
        elif protocol == "50" and ports != (None, None):
            yield f"{name}: a port where the protocol has none"
        if not DESCRIPTION.fullmatch(rule["description"]):
            yield f"{name}: {rule['description']!r} holds what AWS does not take"


class Played:
    """moto's EC2, in this process."""

    def __enter__(self):
        try:
            import boto3
            import botocore.exceptions
            import moto
        except ImportError as error:
            raise cache.Unavailable(f"{error.name} is not installed") from error
        self.error = botocore.exceptions.ClientError
        self.environment = unittest.mock.patch.dict(os.environ, ACCOUNT)
        self.environment.start()
        self.moto = moto.mock_aws()
        self.moto.start()
        self.ec2, self.groups = boto3.client("ec2"), 0
        return self

    def __exit__(self, *_):
        self.moto.stop()
        self.environment.stop()

    def group(self):
        """A group as KKP's, empty."""
        self.groups += 1
        return self.ec2.create_security_group(GroupName=f"kubernetes-{self.groups}", Description="nodes")["GroupId"]

    def prefix_list(self, one):
        made = self.ec2.create_managed_prefix_list(PrefixListName=one["name"], AddressFamily=one["address_family"], MaxEntries=len(one["cidrs"]),
                                                   Entries=[{"Cidr": cidr} for cidr in one["cidrs"]])
        return made["PrefixList"]["PrefixListId"]

    def permit(self, group, rule, lists):
        """What AWS says against a rule. Without ports they are -1, since moto does not know that they may be absent."""
        ports = {key: -1 if rule[name] is None else rule[name] for key, name in (("FromPort", "from_port"), ("ToPort", "to_port"))}
        entry = {"PrefixListId": lists[rule["prefix_list"]], "Description": rule["description"]}
        try:
            self.ec2.authorize_security_group_ingress(
                GroupId=group, IpPermissions=[{"IpProtocol": rule["ip_protocol"], **ports, "PrefixListIds": [entry]}])
        except self.error as error:
            return str(error)
        return None

    def state(self, group):
        """The rules of the group, as AWS says them."""
        return self.ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]

    def openings(self, group):
        """What the group lets in."""
        for rule in self.state(group):
            if not rule["IsEgress"]:
                protocol = PROTOCOLS[rule["IpProtocol"]]
                port = rule["FromPort"] if protocol in ("udp", "tcp") else None
                for entry in self.ec2.get_managed_prefix_list_entries(PrefixListId=rule["PrefixListId"])["Entries"]:
                    yield entry["Cidr"], protocol, port
