"""The judge of AWS accepts the module and variables that say what the rules say, and refuses either when it is off."""

import copy
import json
import unittest

from judges import aws
from suite import cache, outputs, tf

RULES = [
    {"from": source, "to": target, "fromCIDRs": [f"10.0.{source}.0/24"], "toCIDRs": [f"10.0.{target}.0/24"], "toHost": None,
     "protocol": protocol, "port": port}
    for source, target in (("1", "2"), ("2", "1")) for protocol, port in (("udp", 8472), ("icmp", None), ("esp", None))
]


def opening(protocol, port=None, **more):
    return {"family": "ipv4", "protocol": protocol, "port": port, "description": "tunnel (nodes)", **more}


VARIABLES = {
    "cluster_mesh_peers": {"ipv4": ["10.0.2.0/24"], "ipv6": []},
    "cluster_mesh_ingress": {"udp": opening("udp", 8472), "icmp": opening("icmp"), "esp": opening("esp")},
}


class Aws(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            tf.program()
            cls.aws = cls.enterClassContext(aws.Played())
        except cache.Unavailable as why:
            raise unittest.SkipTest(str(why)) from why

    def faults(self, edit=lambda _: None, module=aws.module):
        variables = copy.deepcopy(VARIABLES)
        edit(variables)
        try:
            return aws.judge(self.aws, module(), json.dumps(variables), RULES, "1")
        except outputs.Failed as failed:
            return [str(failed)]

    def test_variables_that_say_what_the_rules_say(self):
        self.assertEqual(self.faults(), [])

    def test_broken_variables(self):
        def rules(variables):
            return variables["cluster_mesh_ingress"]

        for name, edit, said in (
            ("another port", lambda all_: rules(all_)["udp"].update(port=8473), "udp 8472: closed"),
            ("a port that is none", lambda all_: rules(all_)["udp"].update(port=99999), "no port"),
            ("a range too wide", lambda all_: all_["cluster_mesh_peers"].update(ipv4=["10.0.2.0/23"]), "10.0.3.255 udp 8472: open"),
            ("a rule too few", lambda all_: rules(all_).pop("esp"), "esp : closed"),
            ("the same rule twice", lambda all_: rules(all_).update(again=opening("udp", 8472)), "Duplicate"),
            ("another family's ranges", lambda all_: all_["cluster_mesh_peers"].update(ipv4=["fd00::/64"]), "a list of IPv4"),
            ("words that AWS refuses", lambda all_: rules(all_)["udp"].update(description="nodes'"), "does not take"),
            ("a variable without a field", lambda all_: rules(all_)["udp"].pop("port"), "Invalid value for input variable"),
            ("more than the quota", lambda all_: rules(all_).update({f"tcp-{port}": opening("tcp", port) for port in range(1, 80)}), "Limit"),
        ):
            with self.subTest(name):
                faults = self.faults(edit)
                self.assertTrue(any(said in fault for fault in faults), faults)

    def test_broken_modules(self):
        for old, new, said in (
            ('esp = "50"', 'esp = "esp"', "no protocol esp"),
            ("icmp = 8,", "icmp = 0,", "echo request"),
            ("to_port     = rule.port != null ? rule.port", "to_port     = rule.port != null ? 65535", "no port"),
            ('ipv4 = "IPv4"', 'ipv4 = "IPv6"', "a list of IPv6"),
        ):
            with self.subTest(new):
                text = aws.module()
                self.assertIn(old, text)
                faults = self.faults(module=lambda text=text.replace(old, new): text)
                self.assertTrue(any(said in fault for fault in faults), faults)


if __name__ == "__main__":
    unittest.main()
