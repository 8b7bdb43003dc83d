"""The template for AWS CloudFormation: cfn-lint, which knows AWS's own schemas of the resources, and a stack on moto that is read back
and compared with rules.json. Made from the same mesh again, the stack has nothing to update.

moto has no prefix lists in stacks. What it lacks is added here, on its own EC2.
"""

import functools

from judges import aws
from suite import cache, firewalls, outputs
from suite.report import Verdict

FORM = "cloudformation"
NOTHING_NEW = "No updates are to be performed."


def run(options):
    linter()
    with Stacks() as stacks:
        for mesh_file in firewalls.meshes():
            rules, faults = firewalls.rules(mesh_file), []
            for cluster in firewalls.clusters(mesh_file):
                try:
                    texts = [firewalls.form(mesh_file, FORM, cluster) for _ in range(2)]
                    found = judge(stacks, *texts, rules, cluster)
                except outputs.Failed as failed:
                    found = [str(failed)]
                faults += [f"{cluster}: {fault}" for fault in found]
            yield Verdict.of(firewalls.name(mesh_file), faults)


def judge(stacks, text, again, rules, cluster):
    """The faults of a template, and of the one that was made after it."""
    if faults := linted(text):
        return faults
    group, name = stacks.group(), f"mesh-{stacks.groups}"
    if refused := stacks.create(name, text, group):
        return [refused]
    if NOTHING_NEW not in (said := stacks.update(name, again, group) or "it changes the stack"):
        return [f"applied again: {said}"]
    return list(firewalls.differences(firewalls.inbound(rules, cluster), stacks.openings(group)))


@functools.cache
def linter():
    try:
        from cfnlint.api import ManualArgs, lint
        from cfnlint.core import get_rules
    except ImportError as error:
        raise cache.Unavailable("cfn-lint is not installed") from error
    notes_too = ["I"]
    config = ManualArgs(include_checks=notes_too, regions=["eu-central-1"])
    return functools.partial(lint, rules=get_rules([], [], notes_too), config=config)  # reading the rules takes longest


def linted(text):
    return [f"{found.rule.id}: {found.message}" for found in linter()(text)][:5]


@functools.cache
def play():
    """Adds to moto's stacks the prefix list, and the rule that names one."""
    from moto.cloudformation import parsing
    from moto.core.common_models import CloudFormationModel
    from moto.ec2.models import ec2_backends

    class PrefixList(CloudFormationModel):
        def __init__(self, made):
            self.physical_resource_id = made.id

        @staticmethod
        def cloudformation_name_type():
            return ""

        @staticmethod
        def cloudformation_type():
            return "AWS::EC2::PrefixList"

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
            wanted = cloudformation_json["Properties"]
            return cls(ec2_backends[account_id][region_name].create_managed_prefix_list(
                address_family=wanted["AddressFamily"], entry=wanted["Entries"], max_entries=wanted["MaxEntries"],
                prefix_list_name=wanted["PrefixListName"]))

        @classmethod
        def has_cfn_attr(cls, attr):
            return attr == "PrefixListId"

        def get_cfn_attribute(self, attribute_name):
            return self.physical_resource_id

    class Rule(CloudFormationModel):
        physical_resource_id = "rule"

        @staticmethod
        def cloudformation_name_type():
            return ""

        @staticmethod
        def cloudformation_type():
            return "AWS::EC2::SecurityGroupIngress"

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
            wanted = cloudformation_json["Properties"]
            entry = {"PrefixListId": wanted["SourcePrefixListId"], "Description": wanted["Description"]}
            ec2_backends[account_id][region_name].authorize_security_group_ingress(
                group_name_or_id=wanted["GroupId"], ip_protocol=wanted["IpProtocol"], from_port=str(wanted.get("FromPort", -1)),
                to_port=str(wanted.get("ToPort", -1)), ip_ranges=[], prefix_list_ids=[entry])
            return cls()

    parsing.get_model_map.cache_clear()
    parsing.get_model_map().update({one.cloudformation_type(): one for one in (PrefixList, Rule)})


class Stacks(aws.Played):
    """The same EC2, and CloudFormation before it."""

    def __enter__(self):
        super().__enter__()
        try:
            import boto3
            play()
        except ImportError as error:
            raise cache.Unavailable(f"{error.name} is not installed") from error
        self.stacks = boto3.client("cloudformation")
        return self

    def create(self, name, text, group):
        return self.asked(self.stacks.create_stack, name, text, group)

    def update(self, name, text, group):
        return self.asked(self.stacks.update_stack, name, text, group)

    def asked(self, do, name, text, group):
        """What AWS says against a stack."""
        try:
            do(StackName=name, TemplateBody=text, Parameters=[{"ParameterKey": "SecurityGroupId", "ParameterValue": group}])
            status = self.stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        except self.error as error:
            return str(error)
        return None if status.endswith("_COMPLETE") and "ROLLBACK" not in status else status
