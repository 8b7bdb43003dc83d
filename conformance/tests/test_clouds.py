"""The judge of the clouds accepts forms that fit the vendors' APIs and say what the rules say, and refuses those that are off."""

import copy
import json
import unittest

from judges import clouds
from suite import cache
from tests import test_aws

RULES = test_aws.RULES


def google(protocol, *ports):
    return {"name": f"mesh-1-{protocol}", "direction": "INGRESS", "sourceRanges": ["10.0.2.0/24"], "targetTags": ["kubernetes-cluster-1"],
            "allowed": [{"IPProtocol": protocol, **({"ports": list(ports)} if ports else {})}]}


def azure(protocol, priority, port="*"):
    return {"name": f"mesh-{protocol}", "properties": {
        "description": "tunnel", "priority": priority, "direction": "Inbound", "access": "Allow", "protocol": protocol,
        "sourceAddressPrefixes": ["10.0.2.0/24"], "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": port}}


def hetzner(protocol, port=None):
    return {"direction": "in", "protocol": protocol, "port": port, "source_ips": ["10.0.2.0/24"], "destination_ips": [], "description": "tunnel"}


class Clouds:
    @classmethod
    def setUpClass(cls):
        try:
            cls.cloud = cls.kind()
        except cache.Unavailable as why:
            raise unittest.SkipTest(str(why)) from why

    def faults(self, edit=lambda _: None):
        rules = copy.deepcopy(self.right)
        edit(rules)
        return clouds.judge(self.cloud, json.dumps(rules), RULES, "1")

    def test_a_form_that_says_what_the_rules_say(self):
        self.assertEqual(self.faults(), [])

    def test_broken_forms(self):
        for name, edit, said in self.broken:
            with self.subTest(name):
                faults = self.faults(edit)
                self.assertTrue(any(said in fault for fault in faults), faults)


class Google(Clouds, unittest.TestCase):
    kind = clouds.Google
    right = [google("udp", "8472"), google("icmp"), google("esp")]
    broken = (
        ("another port", lambda all_: all_[0]["allowed"][0].update(ports=["8473"]), "udp 8472: closed"),
        ("a port as a number", lambda all_: all_[0]["allowed"][0].update(ports=[8472]), "is not of type 'string'"),
        ("a name in capitals", lambda all_: all_[0].update(name="Mesh"), "does not match"),
        ("a name too long", lambda all_: all_[0].update(name="m" * 64), "does not match"),
        ("a name twice", lambda all_: all_[0].update(name=all_[1]["name"]), "twice"),
        ("no name", lambda all_: all_[0].pop("name"), "required"),
        ("a field that is none", lambda all_: all_[0].update(sources=[]), "Additional properties"),
        ("a field that Google writes", lambda all_: all_[0].update(id="1"), "Additional properties"),
        ("a word that is none", lambda all_: all_[0].update(direction="IN"), "is not one of"),
        ("the way out", lambda all_: all_[0].update(direction="EGRESS"), "udp 8472: closed"),
        ("every node", lambda all_: all_[0].update(targetTags=[]), "udp 8472: closed"),
        ("both families", lambda all_: all_[0]["sourceRanges"].append("fd00::/64"), "both families"),
        ("a range too wide", lambda all_: all_[0].update(sourceRanges=["10.0.2.0/23"]), "10.0.3.255 udp 8472: open"),
    )


class Azure(Clouds, unittest.TestCase):
    kind = clouds.Azure
    right = [azure("Udp", 1000, "8472"), azure("Icmp", 1001), azure("Esp", 1002)]
    broken = (
        ("another port", lambda all_: all_[0]["properties"].update(destinationPortRange="8473"), "udp 8472: closed"),
        ("a port as a number", lambda all_: all_[0]["properties"].update(destinationPortRange=8472), "is no str"),
        ("a priority as a text", lambda all_: all_[0]["properties"].update(priority="1000"), "is no int"),
        ("a priority too high", lambda all_: all_[0]["properties"].update(priority=4097), "priority 4097"),
        ("a priority twice", lambda all_: all_[0]["properties"].update(priority=1001), "1001 twice"),
        ("a name twice", lambda all_: all_[0].update(name="mesh-Icmp"), "twice"),
        ("a protocol that is none", lambda all_: all_[0]["properties"].update(protocol="17"), "SecurityRuleProtocol"),
        ("a field that is none", lambda all_: all_[0]["properties"].update(sourceRanges=[]), "is not known"),
        ("no access", lambda all_: all_[0]["properties"].pop("access"), "access is missing"),
        ("a long description", lambda all_: all_[0]["properties"].update(description="x" * 141), "141 characters"),
        ("one prefix for a list", lambda all_: all_[0]["properties"].update(sourceAddressPrefixes="10.0.2.0/24"), "is no list"),
        ("a refusal", lambda all_: all_[0]["properties"].update(access="Deny"), "udp 8472: closed"),
        ("both families", lambda all_: all_[0]["properties"]["sourceAddressPrefixes"].append("fd00::/64"), "both families"),
    )


class Hetzner(Clouds, unittest.TestCase):
    kind = clouds.Hetzner
    right = [hetzner("udp", "8472"), hetzner("icmp"), hetzner("esp")]
    broken = (
        ("another port", lambda all_: all_[0].update(port="8473"), "udp 8472: closed"),
        ("a port as a number", lambda all_: all_[0].update(port=8472), "port 8472 of udp"),
        ("a port of ICMP", lambda all_: all_[1].update(port="8"), "port '8' of icmp"),
        ("a protocol that is none", lambda all_: all_[0].update(protocol="icmpv6"), "icmpv6 is none of"),
        ("a field that is none", lambda all_: all_[0].update(sources=[]), "unexpected keyword"),
        ("the way out", lambda all_: all_[0].update(direction="out"), "udp 8472: closed"),
        ("too many ranges", lambda all_: all_[0].update(source_ips=[f"10.0.2.{n}/32" for n in range(101)]), "101 ranges"),
        ("too many rules", lambda all_: all_.extend([all_[0]] * 50), "53 rules"),
        ("one address too few", lambda all_: all_[0].update(source_ips=["10.0.2.0/25"]), "10.0.2.255 udp 8472: closed"),
    )


if __name__ == "__main__":
    unittest.main()
