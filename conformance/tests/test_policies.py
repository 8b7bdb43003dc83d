"""The judge of policies accepts those that say what the rules say, and refuses what Cilium or the API server refuse, or what is wider or narrower."""

import copy
import json
import tempfile
import unittest
from pathlib import Path

from judges import policies
from suite import cache
from suite.apiserver import Server

RULES = [
    {"from": source, "to": target, "fromCIDRs": [f"10.0.{source}.0/24"], "toCIDRs": [f"10.0.{target}.0/24"], "toHost": None,
     "protocol": protocol, "port": port}
    for source, target in (("1", "2"), ("2", "1")) for protocol, port in (("udp", 8472), ("tcp", 4240), ("icmp", None))
]
PORTS = {"toPorts": [{"ports": [{"port": "8472", "protocol": "UDP"}, {"port": "4240", "protocol": "TCP"}]}]}
ECHO = {"icmps": [{"fields": [{"type": 8, "family": "IPv4"}]}]}
RANGE, ENTITY = {"fromCIDR": ["10.0.2.0/24"]}, {"fromEntities": ["remote-node"]}
HOST = {
    "apiVersion": "cilium.io/v2", "kind": "CiliumClusterwideNetworkPolicy", "metadata": {"name": "cluster-mesh"},
    "spec": {"nodeSelector": {}, "ingress": [{**RANGE, **PORTS}, {**RANGE, **ECHO}, {**ENTITY, **PORTS}, {**ENTITY, **ECHO}]},
}
POLICY = {
    "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "cluster-mesh-1"},
    "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": [{"ipBlock": {"cidr": "10.0.2.0/24"}}]}]},
}


def edited(policy, edit):
    policy = copy.deepcopy(policy)
    edit(policy["spec"])
    return policy


class CiliumsParser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            cache.tool("cilium-policy")
        except cache.Unavailable as why:
            raise unittest.SkipTest(str(why)) from why

    def faults(self, edit):
        return policies.caught(policies.host_faults, json.dumps(edited(HOST, edit)), RULES, "1")

    def test_a_policy_that_says_what_the_rules_say(self):
        self.assertEqual(self.faults(lambda _: None), [])

    def test_broken_policies(self):
        for name, edit, said in (
            ("a port that is none", lambda spec: spec["ingress"][0]["toPorts"][0]["ports"][0].update(port="99999"), "99999"),
            ("a range that is none", lambda spec: spec["ingress"][0].update(fromCIDR=["10.0.2.0/33"]), "unable to parse CIDR"),
            # Which of the two Cilium names first differs from run to run.
            ("range and entity in one", lambda spec: spec["ingress"][0].update(ENTITY), "combining From"),
            ("two selectors", lambda spec: spec.update(endpointSelector={}), "both EndpointSelector and NodeSelector"),
            ("a field that is unknown", lambda spec: spec.update(ingres=[]), "unknown field"),
            ("no rules", lambda spec: spec.update(ingress=[]), "at least one of Ingress"),
            ("only some nodes", lambda spec: spec.update(nodeSelector={"matchLabels": {"a": "b"}}), "every node"),
            ("a way out", lambda spec: spec.update(egress=[{"toEntities": ["all"]}]), "every node"),
            ("a port too few", lambda spec: spec["ingress"][0]["toPorts"][0]["ports"].pop(), "10.0.2.0 tcp 4240: closed"),
            ("a range too wide", lambda spec: spec["ingress"][0].update(fromCIDR=["10.0.2.0/23"]), "10.0.3.255 udp 8472: open"),
            ("no word on connected peers", lambda spec: spec["ingress"].pop(), "connected peers may"),
            ("another entity", lambda spec: spec["ingress"][3].update(fromEntities=["world"]), "entities"),
        ):
            with self.subTest(name):
                faults = self.faults(edit)
                self.assertTrue(any(said in fault for fault in faults), faults)


class NetworkPolicies(unittest.TestCase):
    def faults(self, edit):
        return policies.caught(policies.network_policy_faults, edited(POLICY, edit)["spec"], RULES, "1")

    def test_a_policy_that_says_what_the_rules_say(self):
        self.assertEqual(self.faults(lambda _: None), [])

    def test_broken_policies(self):
        for name, edit in (
            ("ports only, where ICMP is needed", lambda spec: spec["egress"][0].update(ports=[{"protocol": "UDP", "port": 8472}])),
            ("another range", lambda spec: spec["egress"][0]["to"][0]["ipBlock"].update(cidr="10.0.3.0/24")),
            ("an exception", lambda spec: spec["egress"][0]["to"][0]["ipBlock"].update({"except": ["10.0.2.0/28"]})),
            ("the other direction closed as well", lambda spec: spec.update(policyTypes=["Egress", "Ingress"])),
            ("some pods", lambda spec: spec.update(podSelector={"matchLabels": {"a": "b"}})),
            ("everywhere", lambda spec: spec["egress"].append({})),
        ):
            with self.subTest(name):
                self.assertNotEqual(self.faults(edit), [])


class ApiServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        try:
            cls.server = cls.enterClassContext(Server(Path(folder.name)))
            policies.prepare(cls.server)
        except cache.Unavailable as why:
            raise unittest.SkipTest(str(why)) from why

    def test_policies(self):
        for policy in (HOST, POLICY):
            self.assertEqual(policies.comes_to_rest(self.server, json.dumps(policy)), [])

    def test_broken_policies(self):
        for name, policy, edit, said in (
            ("a range that is none", POLICY, lambda spec: spec["egress"][0]["to"][0]["ipBlock"].update(cidr="10.0.2.0/33"), "invalid"),
            ("a field that is unknown", POLICY, lambda spec: spec.update(egres=[]), "egres"),
            ("a port that is none", POLICY, lambda spec: spec["egress"][0].update(ports=[{"protocol": "UDP", "port": 99999}]), "65535"),
            ("a field that Cilium has not", HOST, lambda spec: spec.update(ingres=[]), "ingres"),
            ("a protocol that Cilium has not", HOST, lambda spec: spec["ingress"][0]["toPorts"][0]["ports"][0].update(protocol="VXLAN"), "VXLAN"),
        ):
            with self.subTest(name):
                faults = policies.comes_to_rest(self.server, json.dumps(edited(policy, edit)))
                self.assertTrue(any(said in fault for fault in faults), faults)

    def test_a_name_that_is_made_anew(self):
        policy = {**POLICY, "metadata": {"generateName": "cluster-mesh-"}}
        self.assertNotEqual(policies.comes_to_rest(self.server, json.dumps(policy)), [])


if __name__ == "__main__":
    unittest.main()
