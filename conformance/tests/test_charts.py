"""The charts judge accepts what the facts call right, and refuses each known way to be wrong."""

import base64
import copy
import unittest

import yaml

from judges import charts
from suite import cases, helm, outputs, patches, pki
from tests import handmade

ALL = {case.id: case for case in cases.all_cases()}


def change(made, patch, only=None):
    """The outputs with a merge patch on top of the values, of one cluster or of all."""
    out = copy.deepcopy(made)
    for name, output in out.items():
        if only in (None, name):
            values = patches.merge(output.values, patch)
            spec = {"valuesBlock": yaml.safe_dump(values)} if output.after["spec"].get("valuesBlock") else {"values": values}
            output.after = {**output.after, "spec": {**output.after["spec"], **spec}}
    return out


def apiserver(patch):
    return {"clustermesh": {"apiserver": patch}}


class Charts(unittest.TestCase):
    def judge(self, case_id, phase, spoil=lambda made: made):
        case = ALL[case_id]
        for cluster in case.clusters:
            if not helm.archive(cluster.cilium).exists():
                self.skipTest(f"no chart {cluster.cilium}")
        made = handmade.outputs(case, phase)
        return charts.judge(case, phase, spoil(made), outputs.own_ca)

    def assert_refused(self, why, case_id, phase, spoil):
        faults = self.judge(case_id, phase, spoil)
        self.assertTrue(any(why in fault for fault in faults), f"wanted {why!r}, got {faults}")

    def test_right_outputs_are_accepted(self):
        for case_id in ("1.13.0-sharedCA", "1.16.9-inline-direct", "1.20.0-bundle-kvstoremesh", "1.19.4-sharedCA-born", "mixed-new-sharedCA"):
            with self.subTest(case_id):
                self.assertEqual(self.judge(case_id, "mesh"), [])

    def test_hook_without_an_unavailable_pod_waits_for_itself(self):
        spoil = apiserver({"updateStrategy": None})
        self.assert_refused("waits for itself", "1.18.10-inline-direct", "bootstrap", lambda made: change(made, spoil))

    def test_method_helm_wants_existing_secrets(self):
        spoil = apiserver({"tls": {"auto": {"method": "helm"}}})
        self.assert_refused("refuses to own", "1.19.4-inline-kvstoremesh", "mesh", lambda made: change(made, spoil))

    def test_ca_in_the_values_wants_the_existing_secret(self):
        ca = handmade.secret_data("cluster-1.ca.yaml")
        spoil = {"tls": {"ca": {"cert": ca["ca.crt"], "key": ca["ca.key"]}}}
        self.assert_refused("refuses to own the existing Secret cilium-ca", "1.17.16-sharedCA-direct", "join",
                            lambda made: change(made, spoil))

    def test_ca_dropped_from_the_values_of_a_cluster_born_with_it(self):
        self.assert_refused("Helm would delete the Secret cilium-ca", "1.18.10-sharedCA-born", "mesh",
                            lambda made: change(made, {"tls": None}))

    def test_the_guides_ca_key_is_refused_by_newer_charts(self):
        ca = handmade.secret_data("cluster-1.ca.yaml")
        spoil = apiserver({"tls": {"ca": {"cert": ca["ca.crt"], "key": ca["ca.key"]}}})
        self.assert_refused("Helm:", "1.15.10-sharedCA-direct", "mesh", lambda made: change(made, spoil))

    def test_the_guides_ca_key_is_ignored_silently_on_1_15_3(self):
        ca = handmade.secret_data("cluster-1.ca.yaml")
        spoil = apiserver({"tls": {"ca": {"cert": ca["ca.crt"], "key": ca["ca.key"]}}})

        def as_the_guide(made):
            out = change(made, spoil)
            for output in out.values():
                output.secret = None
            return out

        self.assert_refused("not trusted", "1.15.3-sharedCA-direct", "mesh", as_the_guide)

    def test_missing_secret_breaks_trust(self):
        def without_secret(made):
            made["cluster-2"].secret = None
            return made

        self.assert_refused("cluster-1 to cluster-2: the server certificate is refused", "1.18.10-sharedCA-kvstoremesh", "mesh",
                            without_secret)

    def test_old_leaves_stay_where_the_job_does_not_run_again(self):
        spoil = apiserver({"podLabels": None})
        self.assert_refused("bootstrapped under its own CA", "1.20.0-sharedCA-kvstoremesh", "mesh", lambda made: change(made, spoil))

    def test_peer_without_port(self):
        def without_port(made):
            peers = made["cluster-1"].values["clustermesh"]["config"]["clusters"]
            for peer in peers:
                del peer["port"]
            return change(made, {"clustermesh": {"config": {"clusters": peers}}}, "cluster-1")

        self.assert_refused("dials ['https://cluster-2.mesh.cilium.io:<no value>']", "1.16.6-sharedCA-direct", "mesh", without_port)

    def peers_changed(self, edit, only="cluster-1"):
        def spoil(made):
            peers = made[only].values["clustermesh"]["config"]["clusters"]
            edit(peers)
            return change(made, {"clustermesh": {"config": {"clusters": peers}}}, only)

        return spoil

    def test_wrong_address(self):
        spoil = self.peers_changed(lambda peers: peers[0].update(ips=["198.51.100.99"]))
        self.assert_refused("resolves to", "1.14.9-inline-direct", "mesh", spoil)

    def test_forgotten_peer(self):
        spoil = self.peers_changed(lambda peers: peers.pop())
        self.assert_refused("no configuration", "1.19.4-bundle-kvstoremesh", "mesh", spoil)

    def test_inline_without_the_peers_ca(self):
        spoil = self.peers_changed(lambda peers: peers[0]["tls"].pop("caCert"))
        self.assert_refused("the server certificate is refused", "1.17.7-inline-kvstoremesh", "mesh", spoil)

    def test_inline_with_another_peers_certificate(self):
        spoil = self.peers_changed(lambda peers: peers[0].update(tls={**peers[0]["tls"], "cert": peers[1]["tls"]["cert"]}))
        self.assert_refused("the client key is not", "1.15.16-inline-direct", "mesh", spoil)

    def test_inline_under_auth_mode_cluster(self):
        leaf = pki.issue(outputs.own_ca("cluster-2"), "remote-cluster-2")
        cert, key = (base64.b64encode(pem).decode() for pem in leaf)
        spoil = self.peers_changed(lambda peers: peers[0].update(tls={**peers[0]["tls"], "cert": cert, "key": key}))

        def as_certgen_would(made):
            return change(spoil(made), apiserver({"tls": {"authMode": "cluster"}}))

        self.assert_refused("etcd knows no user remote-cluster-2", "1.18.6-inline-direct", "mesh", as_certgen_would)

    def test_bundle_does_not_reach_kvstoremesh(self):
        for case_id in ("1.14.16-bundle-direct", "1.15.16-bundle-direct", "1.16.9-bundle-direct", "1.18.2-bundle-direct"):
            with self.subTest(case_id):
                spoil = apiserver({"kvstoremesh": {"enabled": True}})
                self.assert_refused("the server certificate is refused", case_id, "mesh", lambda made: change(made, spoil))

    def test_bundle_without_the_own_ca(self):
        def others_only(made):
            bundle = "".join(handmade.decoded(f"cluster-{number}.ca.yaml", "ca.crt") for number in (2, 3))
            return change(made, {"tls": {"caBundle": {"content": bundle}}}, "cluster-1")

        self.assert_refused("agents to KVStoreMesh: the server certificate is refused", "1.18.10-bundle-kvstoremesh", "mesh",
                            others_only)

    def test_bundle_without_content(self):
        spoil = {"tls": {"caBundle": {"content": None}}}
        self.assert_refused("never starts", "1.19.4-bundle-direct", "bootstrap", lambda made: change(made, spoil))

    def test_mesh_config_switched_off(self):
        spoil = {"clustermesh": {"config": {"enabled": False}}}
        self.assert_refused("never starts", "1.19.4-inline-kvstoremesh", "bootstrap", lambda made: change(made, spoil))

    def test_server_certificate_without_the_address(self):
        spoil = apiserver({"tls": {"server": None}})
        self.assert_refused("does not name mesh.cluster-3.example.org", "1.14.3-sharedCA-direct", "mesh",
                            lambda made: change(made, spoil))

    def test_wrong_id(self):
        self.assert_refused("cluster-id is '7'", "1.16.9-sharedCA-direct", "bootstrap",
                            lambda made: change(made, {"cluster": {"id": 7}}, "cluster-2"))

    def test_peers_too_early(self):
        self.assert_refused("has cluster-2 among its peers", "1.18.10-sharedCA-direct", "bootstrap",
                            lambda made: handmade.outputs(ALL["1.18.10-sharedCA-direct"], "mesh"))

    def test_key_in_the_values(self):
        ca = handmade.secret_data("cluster-1.ca.yaml")
        self.assert_refused("a private key stands in the values", "1.19.4-bundle-direct", "mesh",
                            lambda made: change(made, {"anything": ca["ca.key"]}))


if __name__ == "__main__":
    unittest.main()
