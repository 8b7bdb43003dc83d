"""The aerleon judge accepts an input that says what groups.json says, and refuses one that is a port, a range or a word off."""

import copy
import json
import sys
import unittest
from pathlib import Path

from judges import aerleon

NODES = ["10.0.1.0/24", "10.0.2.0/24", "fd00:0:0:1::/64", "fd00:0:0:2::/64"]
ONE = ["10.0.1.0/24"]
GROUPS = {
    "groups": {"nodes": {"cidrs": NODES, "hosts": []}, "nodes-of-a": {"cidrs": ONE, "hosts": []}},
    "rules": [
        {"from": "nodes", "to": "nodes", "protocol": "udp", "port": 8472},
        {"from": "nodes", "to": "nodes-of-a", "protocol": "tcp", "port": 32381},
        {"from": "nodes", "to": "nodes", "protocol": "icmp", "port": None},
        {"from": "nodes", "to": "nodes", "protocol": "esp", "port": None},
    ],
}


def term(name, to, protocol, **more):
    return {"name": name, "source-address": "NODES", "destination-address": to, "protocol": protocol, "action": "accept", **more}


INPUT = {
    "networks": {"NODES": {"values": [{"address": cidr} for cidr in NODES]}, "A": {"values": [{"address": cidr} for cidr in ONE]}},
    "services": {"UDP_8472": [{"protocol": "udp", "port": 8472}], "TCP_32381": [{"protocol": "tcp", "port": 32381}]},
    "filters": [{
        "header": {"targets": {"cisco": "mesh mixed", "juniper": "mesh mixed", "paloalto": "from-zone any to-zone any mixed"}},
        "terms": [
            term("tunnel", "NODES", "udp", **{"destination-port": "UDP_8472"}),
            term("port", "A", "tcp", **{"destination-port": "TCP_32381"}),
            term("echo", "NODES", "icmp", **{"icmp-type": "echo-request"}),
            term("ipsec", "NODES", "esp"),
        ],
    }],
}


@unittest.skipUnless((Path(sys.executable).parent / "aclgen").exists(), "aerleon is not installed")
class Aerleon(unittest.TestCase):
    def faults(self, edit):
        text = copy.deepcopy(INPUT)
        edit(text)
        return aerleon.judge(json.dumps(text), GROUPS)

    def test_an_input_that_says_what_the_groups_say(self):
        self.assertEqual(self.faults(lambda _: None), [])

    def test_broken_inputs(self):
        def terms(text):
            return text["filters"][0]["terms"]

        for name, edit, said in (
            ("another port", lambda text: text["services"]["UDP_8472"][0].update(port=8473), "udp 8472: not permitted"),
            ("a range too few", lambda text: text["networks"]["NODES"]["values"].pop(), "fd00:0:0:2:: to fd00:0:0:2:: udp 8472: not permitted"),
            ("a range too wide", lambda text: text["networks"]["A"]["values"][0].update(address="10.0.0.0/23"), "tcp 32381: permitted"),
            ("a term too few", lambda text: terms(text).pop(), "esp : not permitted"),
            ("ICMP of any type", lambda text: terms(text)[2].pop("icmp-type"), "icmp : not permitted"),
            ("from anywhere", lambda text: terms(text)[1].pop("source-address"), "cisco: "),
            ("a service that is not defined", lambda text: terms(text)[0].update({"destination-port": "UDP_1"}), "aclgen: "),
            ("a word that aerleon has not", lambda text: terms(text)[0].update(protocol="vxlan"), "aclgen: "),
            ("no terms", lambda text: text["filters"][0].update(terms=[]), "aclgen: "),
        ):
            with self.subTest(name):
                faults = self.faults(edit)
                self.assertTrue(any(said in fault for fault in faults), faults[:5])


if __name__ == "__main__":
    unittest.main()
