"""The judge of a CA's replacement accepts the stages as they are rendered, and refuses each that is spoilt."""

import unittest

from judges import tls
from suite import cache, helm, outputs, rotation
from suite.netns import Namespace
from suite.patches import merge

STOLEN = "the CA's key was stolen"
FEW = ("1.19.4",)


def without_bundle(stage, name, values, secret):
    """cluster-2 is never told to trust two CAs."""
    if values and stage in ("both", "leaves") and name == "cluster-2":
        values = merge(values, {"tls": {"caBundle": None}})
    return values, secret


def only_the_new_one(stage, name, values, secret):
    """The old CA is missing in the bundle, while certificates are still by it."""
    if values and stage == "both":
        content = values["tls"]["caBundle"]["content"].split("-----END CERTIFICATE-----\n")
        values = merge(values, {"tls": {"caBundle": {"content": content[1] + "-----END CERTIFICATE-----\n"}}})
    return values, secret


def keeps_the_bundle(stage, name, values, secret):
    """The last stage does not take the trust in the old CA away."""
    if values and stage == "drop" and name == "cluster-1":
        return before[name], secret
    if values:
        before[name] = values
    return values, secret


before = {}


class Rotation(unittest.TestCase):
    def setUp(self):
        if not all(helm.archive(version).exists() for version in (*FEW, *tls.ROTATED)) or not outputs.meshgen_binary().exists():
            self.skipTest("no charts, or no meshgen")

    def assert_refused(self, why, *words, **how):
        faults = rotation.faults(FEW, True, STOLEN, *words, **how)
        self.assertTrue(any(why in fault for fault in faults), faults)

    def test_right_stages(self):
        self.assertEqual(rotation.faults(FEW, True, STOLEN), [])

    def test_a_cluster_that_is_not_told_to_trust_both(self):
        self.assert_refused("cut without a word", without_bundle)

    def test_a_bundle_without_the_old_ca(self):
        self.assert_refused("cut without a word: both", only_the_new_one)

    def test_an_old_ca_that_stays(self):
        self.assert_refused("still has the old CA", keeps_the_bundle)

    def test_a_cut_that_does_not_come(self):
        self.assert_refused("announced as cut, and is not", announced={frozenset(("cluster-1", "cluster-2"))})

    def test_peers_on_1_13_that_keep_certificates_of_the_old_ca(self):
        """cluster-2 goes on giving its peers what `pki remote` made before."""
        if not helm.archive("1.13.14").exists():
            self.skipTest("no chart 1.13.14")

        def keeps_old_peers(stage, name, values, secret):
            if values and name == "cluster-2":
                before.setdefault("peers", values["clustermesh"]["config"]["clusters"])
                if stage:
                    values = merge(values, {"clustermesh": {"config": {"clusters": before["peers"]}}})
            return values, secret

        faults = rotation.faults(("1.13.14",), False, "the CA ends", keeps_old_peers)
        self.assertEqual(faults, [])  # the key is the same one, so they still prove
        before.clear()
        with rotation.World(("1.13.14",), False, keeps_old_peers) as world:
            world.next("ca")
            world.rotate()
            world.cut.clear()
            world.judge()
            self.assertTrue(world.cut)

    def test_real_etcds_refuse_too(self):
        try:
            cache.tool("etcd")
            with Namespace():
                pass
        except cache.Unavailable as why:
            self.skipTest(str(why))
        faults = tls.rotated(FEW, True, STOLEN, only_the_new_one)
        self.assertTrue(any("both" in fault for fault in faults), faults)


if __name__ == "__main__":
    unittest.main()
