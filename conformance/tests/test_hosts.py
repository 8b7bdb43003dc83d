"""The judge of ufw and firewalld accepts files that say what the rules say, and refuses what is closed, open, unreadable or not at rest."""

import tempfile
import unittest
from pathlib import Path

from judges import hosts, packets
from suite import cache
from suite.netns import Namespace
from tests.test_packets import MESH, rule, rules

CLUSTERS = MESH["clusters"][:2]
ONE, OTHER = CLUSTERS
TOGGLE = "if ufw show added | grep -q 9999; then ufw delete allow 9999/tcp; else ufw allow 9999/tcp; fi\n"


def openings(rules_, cluster):
    """(family, source, destination, protocol, port) of what a cluster's nodes let in."""
    for one in rules_:
        if one["to"] != cluster["name"] or set(one["toCIDRs"]) != set(cluster["nodeCIDRs"]) & set(one["toCIDRs"]):
            continue
        for source in one["fromCIDRs"]:
            for target in one["toCIDRs"]:
                family = {True: "ipv6", False: "ipv4"}[":" in source]
                if (":" in source) == (":" in target) and one["protocol"] != {"ipv4": "icmpv6", "ipv6": "icmp"}[family]:
                    yield family, source, target, one["protocol"], one["port"]


def ufw(found):
    lines = [f"ufw allow proto {protocol} from {source} to {target}{f' port {port}' if port else ''}\n"
             for _, source, target, protocol, port in found if not protocol.startswith("icmp")]
    return "set -e\n" + "".join(lines)


def firewalld(found):
    words = {"icmp": '<icmp-type name="echo-request"/>', "icmpv6": '<icmp-type name="echo-request"/>', "esp": '<protocol value="esp"/>'}
    lines = [f'<rule family="{family}"><source address="{source}"/><destination address="{target}"/>'
             f'{words.get(protocol) or f"""<port port="{port}" protocol="{protocol}"/>"""}<accept/></rule>'
             for family, source, target, protocol, port in found]
    return ('<policy target="CONTINUE" priority="-10"><ingress-zone name="ANY"/><egress-zone name="HOST"/>'
            f'{"".join(lines)}</policy>')


WRITERS = {"ufw": ufw, "firewalld": firewalld}


class Hosts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            cache.tool("nft")
            cache.tool("iptables-restore")
            cls.tools = [kind.found() for kind in (hosts.Ufw, hosts.Firewalld)]
            with Namespace():
                pass
        except cache.Unavailable as why:
            raise unittest.SkipTest(str(why)) from why
        cls.nodes = packets.nodes_of({"clusters": CLUSTERS})
        names = {cluster["name"] for cluster in CLUSTERS}
        cls.rules = [one for one in rules() if {one["from"], one["to"]} <= names]

    def test_what_the_rules_say(self):
        for tool in self.tools:
            with self.subTest(tool.name):
                texts = {cluster["name"]: WRITERS[tool.name](openings(self.rules, cluster)) for cluster in CLUSTERS}
                self.assertEqual(hosts.judge(tool, self.nodes, self.rules, texts), [])

    def test_one_rule_too_few_and_one_too_many(self):
        fewer = [one for one in self.rules if (one["to"], one["port"]) != (ONE["name"], 8472)]
        more = [*fewer, rule(ONE, OTHER, OTHER["nodeCIDRs"][:1], "tcp", 22)]
        for tool in self.tools:
            with self.subTest(tool.name):
                texts = {cluster["name"]: WRITERS[tool.name](openings(more, cluster)) for cluster in CLUSTERS}
                self.assertEqual(hosts.judge(tool, self.nodes, self.rules, texts), [
                    "cluster-1 to cluster-2 10.0.2.10 tcp 22: passes", "cluster-2 to cluster-1 10.0.1.10 udp 8472: dropped",
                    "cluster-2 to cluster-1 fd00:0:0:1::a udp 8472: dropped",
                ])

    def test_texts_that_cannot_be_read(self):
        one = ("ipv4", "10.0.2.0/24", "10.0.1.0/24", "udp", 8472)
        for tool in self.tools:
            write = WRITERS[tool.name]
            self.assertEqual(tool.reads(write([one])), [], tool.name)
            for name, wrong in (("port", (*one[:4], 99999)), ("range", ("ipv4", "10.0.2.0/33", *one[2:])),
                                ("families", ("ipv4", "fd00::/64", *one[2:])), ("protocol", (*one[:3], "vxlan", 8472))):
                with self.subTest(f"{tool.name}: {name}"):
                    self.assertNotEqual(tool.reads(write([one, wrong])), [])

    def test_a_set_that_is_not_there_or_wrong(self):
        tool = next(tool for tool in self.tools if tool.name == "firewalld")
        policy = firewalld([("ipv4", "SOURCE", "10.0.1.0/24", "udp", 8472)]).replace('address="SOURCE"', 'ipset="cluster-mesh-ipv4"')
        entries = '<ipset type="hash:net"><option name="family" value="inet"/><entry>10.0.2.0/24</entry></ipset>'
        place = "ipsets/cluster-mesh-ipv4.xml"
        self.assertEqual(tool.reads({hosts.POLICY: policy, place: entries}), [])
        # The checker passes over a set that is missing, the engine does not.
        with Namespace() as namespace, tempfile.TemporaryDirectory() as folder:
            self.assertIn("INVALID_IPSET", tool.put({hosts.POLICY: policy}, namespace, Path(folder))[0])
        for name, files in (("range", {place: entries.replace("/24", "/33")}), ("family", {place: entries.replace('"inet"', '"inet6"')})):
            with self.subTest(name):
                self.assertNotEqual(tool.reads({hosts.POLICY: policy, **files}), [])

    def test_a_script_that_does_not_come_to_rest(self):
        self.assertEqual(self.tools[0].reads(TOGGLE), ["run again it changes the rules"])


if __name__ == "__main__":
    unittest.main()
