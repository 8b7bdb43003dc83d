"""The judge of births accepts right values, and refuses each known way to be wrong."""

import json
import unittest

from judges import births
from suite import helm, outputs, patches


class Births(unittest.TestCase):
    def values(self, version, patch):
        if not helm.archive(version).exists():
            self.skipTest(f"no chart {version}")
        _, three = births.mesh(version)
        try:
            text = births.initial_values(version, three[1].name)
        except FileNotFoundError:
            self.skipTest("no meshgen to judge")
        return three[1], json.dumps(patches.merge(json.loads(text), patch))

    def judge(self, version, patch):
        cluster, text = self.values(version, patch)
        return births.judge(version, cluster, text)

    def test_right_values_are_accepted(self):
        self.assertEqual(self.judge("1.18.10", {}), [])

    def test_each_broken_one_is_refused(self):
        for patch, why in (
            ({"clustermesh": {"apiserver": {"updateStrategy": None}}}, "waits for itself"),
            ({"tls": None}, "not by the CA of the mesh"),
            ({"envoy": None}, "Envoy"),
            ({"hubble": None}, "Hubble"),
            ({"clustermesh": {"config": {"clusters": []}}}, "its peers are"),
            ({"clustermesh": {"apiserver": {"tls": {"ca": {"cert": "x", "key": "x"}}}}}, "Helm:"),
        ):
            with self.subTest(why):
                faults = self.judge("1.18.10", patch)
                self.assertTrue(any(why in fault for fault in faults), faults)

    def test_a_cluster_born_beside_others(self):
        for spoil, why in (
            (lambda values: values, None),
            (lambda values: patches.merge(values, {"tls": {"ca": None}}), "cluster-3 to cluster-1"),
            (lambda values: patches.merge(values, {"clustermesh": {"config": {"clusters": []}}}), "patched are"),
        ):
            with self.subTest(why):
                if not helm.archive("1.19.4").exists() or not outputs.meshgen_binary().exists():
                    self.skipTest("no chart 1.19.4, or no meshgen")
                faults = births.beside("1.19.4", spoil)
                self.assertTrue(any(why in fault for fault in faults) if why else not faults, faults)
