"""The judge of CloudFormation accepts a template that says what the rules say, and refuses one that is off."""

import copy
import json
import unittest

from judges import cloudformation
from suite import cache
from tests import test_aws

RULES = test_aws.RULES


def ingress(protocol, *ports):
    said = dict(zip(("FromPort", "ToPort"), ports))
    return {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {
        "GroupId": {"Ref": "SecurityGroupId"}, "SourcePrefixListId": {"Fn::GetAtt": ["Peers", "PrefixListId"]}, "IpProtocol": protocol,
        "Description": "tunnel (nodes)", **said}}


TEMPLATE = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Parameters": {"SecurityGroupId": {"Type": "AWS::EC2::SecurityGroup::Id"}},
    "Resources": {
        "Peers": {"Type": "AWS::EC2::PrefixList", "Properties": {
            "PrefixListName": "peers", "AddressFamily": "IPv4", "MaxEntries": 1, "Entries": [{"Cidr": "10.0.2.0/24"}]}},
        "Udp": ingress("udp", 8472, 8472), "Icmp": ingress("icmp", 8, 0), "Esp": ingress("50"),
    },
}


class CloudFormation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            cloudformation.linter()
            cls.stacks = cls.enterClassContext(cloudformation.Stacks())
        except cache.Unavailable as why:
            raise unittest.SkipTest(str(why)) from why

    def faults(self, edit=lambda _: None, edit_again=lambda _: None):
        template = copy.deepcopy(TEMPLATE)
        edit(template["Resources"])
        again = copy.deepcopy(template)
        edit_again(again["Resources"])
        return cloudformation.judge(self.stacks, json.dumps(template), json.dumps(again), RULES, "1")

    def test_a_template_that_says_what_the_rules_say(self):
        self.assertEqual(self.faults(), [])

    def test_broken_templates(self):
        def of(name):
            return lambda resources: resources[name]["Properties"]

        udp, peers = of("Udp"), of("Peers")
        for name, edit, said in (
            ("another port", lambda all_: udp(all_).update(FromPort=8473, ToPort=8473), "udp 8472: closed"),
            ("a port that is none", lambda all_: udp(all_).update(ToPort="x"), "E3012"),
            ("a range too wide", lambda all_: peers(all_).update(Entries=[{"Cidr": "10.0.2.0/23"}]), "10.0.3.255 udp 8472: open"),
            ("a rule too few", lambda all_: all_.pop("Esp"), "esp : closed"),
            ("the same rule twice", lambda all_: all_.update(Again=all_["Udp"]), "Duplicate"),
            ("a property that is none", lambda all_: udp(all_).update(Port=8472), "E3002"),
            ("a property too few", lambda all_: peers(all_).pop("AddressFamily"), "E3003"),
            ("a family that is none", lambda all_: peers(all_).update(AddressFamily="ipv4"), "E3030"),
            ("a reference to nothing", lambda all_: udp(all_).update(GroupId={"Ref": "Group"}), "E1020"),
            ("a name with a hyphen", lambda all_: all_.update({"udp-2": all_.pop("Udp")}), "E3001"),
        ):
            with self.subTest(name):
                faults = self.faults(edit)
                self.assertTrue(any(said in fault for fault in faults), faults)

    def test_a_template_that_is_made_otherwise_the_second_time(self):
        faults = self.faults(edit_again=lambda resources: resources["Udp"]["Properties"].update(Description="again"))
        self.assertTrue(faults[0].startswith("applied again"), faults)


if __name__ == "__main__":
    unittest.main()
