"""The TLS judge connects every pair of a right mesh, and exactly the right pairs fail otherwise."""

import unittest
from dataclasses import replace

from judges import tls
from suite import cache, cases, helm, outputs, pki
from suite.netns import Namespace
from tests import handmade

ALL = {case.id: case for case in cases.all_cases()}


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            cache.tool("etcd")
            with Namespace():
                pass
        except cache.Unavailable as why:
            raise unittest.SkipTest(str(why)) from why

    def plan(self, case_id, source=tls.from_values):
        case = ALL[case_id]
        if source is tls.from_charts and not helm.archive(case.clusters[0].cilium).exists():
            self.skipTest(f"no chart {case.clusters[0].cilium}")
        return source(case, handmade.outputs(case, "mesh"))

    def test_right_meshes_connect(self):
        for case_id in tls.CASES:
            with self.subTest(case_id):
                self.assertEqual(tls.all_connect(*self.plan(case_id)), [])

    def test_right_meshes_connect_through_their_charts(self):
        for case_id in tls.CASES:
            with self.subTest(case_id):
                self.assertEqual(tls.all_connect(*self.plan(case_id, tls.from_charts)), [])

    def test_bad_remote_certificates(self):
        servers, dials = self.plan(tls.SPOILT)
        for name in tls.FAULTS:
            with self.subTest(name):
                self.assertEqual(list(tls.exactly_refused(*tls.with_remote(servers, dials, tls.spoilt_leaf(name)))), [])

    def test_one_wrong_ca(self):
        servers, dials = self.plan("1.20.0-bundle-kvstoremesh")
        dials[0] = replace(dials[0], trusted=pki.issue_ca()[0])
        self.assertEqual(list(tls.shake(servers, dials)), [(dials[0].source, dials[0].target)])

    def test_server_certificate_of_another_name(self):
        servers, dials = self.plan("1.18.10-sharedCA-kvstoremesh")
        other = pki.issue(outputs.own_ca("cluster-1"), "x", ["*.mesh.cilium.io"], ["server auth"])
        servers[2] = replace(servers[2], cert=other[0], key=other[1])
        self.assertEqual(set(tls.shake(servers, dials)), {("cluster-1", "cluster-3"), ("cluster-2", "cluster-3")})


if __name__ == "__main__":
    unittest.main()
