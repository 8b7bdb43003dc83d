"""The packets judge accepts files that say what the rules say, and refuses one accept too few or too many."""

import unittest

from judges import packets
from suite import cache, cases, goyaml
from suite.netns import Namespace

MESH = goyaml.load_yaml((cases.CASES / "firewall-vxlan" / "mesh.yaml").read_text())


def rules():
    """Some flows of each kind between every pair, both families."""
    out = []
    for source in MESH["clusters"]:
        for target in MESH["clusters"]:
            if source is target:
                continue
            for protocol, port in (("udp", 8472), ("tcp", 4240), ("icmp", None), ("icmpv6", None), ("esp", None)):
                out.append(rule(source, target, target["nodeCIDRs"], protocol, port))
            out.append(rule(source, target, target["apiserver"]["ips"], "tcp", 2379))
    return out


def rule(source, target, to, protocol, port):
    return {"from": source["name"], "to": target["name"], "fromCIDRs": source["nodeCIDRs"], "toCIDRs": to, "toHost": None,
            "protocol": protocol, "port": port, "reason": ""}


def nft(rules_, cluster):
    lines = []
    for one in rules_:
        if one["to"] != cluster:
            continue
        for version, word in ((4, "ip"), (6, "ip6")):
            ends = [[cidr for cidr in one[key] if (":" in cidr) == (version == 6)] for key in ("fromCIDRs", "toCIDRs")]
            if not all(ends) or one["protocol"] == {4: "icmpv6", 6: "icmp"}[version]:
                continue
            match = {"udp": f"udp dport {one['port']}", "tcp": f"tcp dport {one['port']}", "icmp": "icmp type echo-request",
                     "icmpv6": "icmpv6 type echo-request", "esp": "meta l4proto esp"}[one["protocol"]]
            lines.append(f"{word} saddr {{ {', '.join(ends[0])} }} {word} daddr {{ {', '.join(ends[1])} }} {match} accept")
    body = "\n".join(lines)
    return (f"add table inet meshgen\ndelete table inet meshgen\ntable inet meshgen {{\nchain input {{\ntype filter hook input priority 0;\n"
            f"ct state established,related accept\nicmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert }} accept\n{body}\ndrop\n}}\n}}\n")


def iptables(rules_, cluster, version):
    lines = []
    for one in rules_:
        ends = [[cidr for cidr in one[key] if (":" in cidr) == (version == 6)] for key in ("fromCIDRs", "toCIDRs")]
        if one["to"] != cluster or not all(ends) or one["protocol"] == {4: "icmpv6", 6: "icmp"}[version]:
            continue
        match = {"icmp": "icmp", "icmpv6": "ipv6-icmp"}.get(one["protocol"], one["protocol"])
        port = f" --dport {one['port']}" if one["port"] else ""
        lines.append(f"-A MESHGEN -s {','.join(ends[0])} -d {','.join(ends[1])} -p {match}{port} -j ACCEPT")
    discovery = ["-A MESHGEN -p ipv6-icmp --icmpv6-type 135 -j ACCEPT", "-A MESHGEN -p ipv6-icmp --icmpv6-type 136 -j ACCEPT"]
    own = [cidr for one in MESH["clusters"] if one["name"] != cluster for cidr in one["nodeCIDRs"] if (":" in cidr) == (version == 6)]
    end = ["-A MESHGEN -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT", *(discovery if version == 6 else []),
           f"-A MESHGEN -s {','.join(own)} -j DROP"]
    return "\n".join(["*filter", ":MESHGEN - [0:0]", *lines, *end, "COMMIT", ""])


class Packets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            cache.tool("nft")
            cache.tool("iptables-restore")
            with Namespace():
                pass
        except cache.Unavailable as why:
            raise unittest.SkipTest(str(why)) from why
        cls.nodes = packets.nodes_of(MESH)

    def files(self, rules_):
        return {node.cluster: {"nft": nft(rules_, node.cluster)} for node in self.nodes}

    def test_files_that_say_what_the_rules_say(self):
        self.assertEqual(packets.judge(self.nodes, rules(), self.files(rules())), [])

    def test_iptables_files(self):
        files = {node.cluster: {"iptables": iptables(rules(), node.cluster, 4), "ip6tables": iptables(rules(), node.cluster, 6)}
                 for node in self.nodes}
        self.assertEqual(packets.judge(self.nodes, rules(), files), [])

    def test_one_accept_too_few(self):
        fewer = [one for one in rules() if (one["from"], one["to"], one["port"]) != ("cluster-1", "cluster-2", 8472)]
        self.assertEqual(packets.judge(self.nodes, rules(), self.files(fewer)), [
            "cluster-1 to cluster-2 10.0.2.10 udp 8472: dropped", "cluster-1 to cluster-2 fd00:0:0:2::a udp 8472: dropped",
        ])

    def test_one_accept_too_many(self):
        source, target = MESH["clusters"][2], MESH["clusters"][0]
        more = [*rules(), rule(source, target, target["nodeCIDRs"][:1], "tcp", 22)]
        self.assertEqual(packets.judge(self.nodes, rules(), self.files(more)), ["cluster-3 to cluster-1 10.0.1.10 tcp 22: passes"])

    def test_nothing_is_dropped(self):
        files = {node.cluster: {"nft": "table inet meshgen { }\n"} for node in self.nodes}
        faults = packets.judge(self.nodes, rules(), files)
        self.assertTrue(faults and all(fault.endswith("passes") for fault in faults), faults)

    def test_files_that_grow_when_they_are_loaded_again(self):
        growing = "table inet meshgen { chain input { type filter hook input priority 0; tcp dport 4240 accept; }; }\n"
        appending = "*filter\n-A INPUT -p tcp --dport 4240 -j ACCEPT\nCOMMIT\n"
        for dialect, text in (("nft", growing), ("iptables", f"*filter\n:MESHGEN - [0:0]\n{appending[8:]}")):
            with self.subTest(dialect):
                files = {**self.files(rules()), "cluster-2": {dialect: text}}
                self.assertEqual(packets.judge(self.nodes, rules(), files), [f"cluster-2.{dialect}: loaded again it changes the rules"])

    def test_file_that_does_not_load(self):
        files = self.files(rules())
        files["cluster-2"] = {"iptables": "*filter\n-A MESHGEN -p tcp --dport ssh,http -j ACCEPT\nCOMMIT\n"}
        self.assertIn("cluster-2.iptables", packets.judge(self.nodes, rules(), files)[0])


if __name__ == "__main__":
    unittest.main()
