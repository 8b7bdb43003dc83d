"""The judge of kept values accepts rows that the charts bear out, and refuses each way in which a row can be wrong."""

import json
import unittest

from judges import kept

ROWS = json.loads(kept.ROWS.read_text())


def row(effect, path):
    return json.loads(json.dumps(next(one for one in ROWS if one["effect"] == effect and one["path"] == path)))


class Kept(unittest.TestCase):
    def setUp(self):
        self.versions = kept.released()
        if not self.versions:
            self.skipTest("no charts")

    def assert_refused(self, why, changed):
        replaced = {kept.label(changed), kept.label(row(changed["effect"], changed["path"]))}
        others = [one for one in ROWS if kept.label(one) not in replaced]
        faults = [fault for one in kept.faults([changed], self.versions, others).values() for fault in one]
        self.assertTrue(any(why in fault for fault in faults), f"wanted {why!r}, got {faults}")

    def test_right_rows_are_accepted(self):
        right = [row("refused", "tunnel"), row("ignored", "tunnel"), row("refused", "tunnelPort"), row("ignored", "underlayProtocol")]
        self.assertEqual(kept.faults(right, self.versions, ROWS), {})

    def test_a_refusal_that_begins_later(self):
        changed = row("refused", "disableEndpointCRD")
        changed["spans"] = [["1.16.0", None]]
        self.assert_refused("1.15.19, disableEndpointCRD: true: the chart refuses it, and no row says so", changed)

    def test_a_refusal_that_begins_earlier(self):
        changed = row("refused", "enableCiliumEndpointSlice")
        changed["spans"] = [["1.17.0", None]]
        self.assert_refused("1.17.0, enableCiliumEndpointSlice: true: the chart takes it", changed)

    def test_a_refusal_that_ends(self):
        changed = row("refused", "ciliumEndpointSlice.sliceMode")
        changed["spans"] = [["1.18.0", "1.19.0"]]
        self.assert_refused('1.19.0, ciliumEndpointSlice.sliceMode: "fcfs": the chart refuses it', changed)

    def test_a_refusal_without_its_second_condition(self):
        changed = row("refused", "ipam.mode")
        changed["when"] = [{"path": "ipam.mode", "test": "one of", "values": ["kubernetes"]}]
        self.assert_refused('ipam.mode: "kubernetes": the chart takes it', changed)

    def test_a_refusal_of_values_that_the_chart_takes(self):
        changed = row("refused", "clustermesh.maxConnectedClusters")
        changed["when"][0]["values"] = ["255", "300"]
        self.assert_refused("clustermesh.maxConnectedClusters: 300: the chart refuses it, and no row says so", changed)

    def test_a_kind_that_the_schema_takes(self):
        changed = row("refused", "enableIPv4Masquerade")
        changed["when"] = [{"path": "autoDirectNodeRoutes", "test": "not a", "values": ["boolean"]}]
        changed["path"] = "autoDirectNodeRoutes"
        faults = kept.faults([changed], self.versions, ROWS)
        self.assertIn("the chart takes it", str(faults))

    def test_a_key_that_is_read(self):
        changed = row("ignored", "clustermesh.enableMCSAPISupport")
        changed["spans"] = [["1.19.0", None]]
        self.assert_refused("1.19.0, clustermesh.enableMCSAPISupport: true: the manifests differ", changed)

    def test_a_key_that_is_ignored_for_longer(self):
        changed = row("ignored", "directRoutingSkipUnreachable")
        changed["spans"] = [["1.13.0", "1.15.0"]]
        self.assert_refused("1.15.0, directRoutingSkipUnreachable: true: the manifests are those without it", changed)

    def test_a_refusal_called_ignored(self):
        changed = {**row("refused", "endpointStatus"), "effect": "ignored"}
        faults = kept.faults([changed], self.versions, [one for one in ROWS if one["path"] != "endpointStatus"])
        self.assertIn("the chart refuses it, and no row says so", str(faults))


if __name__ == "__main__":
    unittest.main()
