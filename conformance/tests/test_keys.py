"""The judge of keys that charts have lost refuses a table in which one of them is missing."""

import json
import unittest

from judges import keys, kept


class Keys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        versions = kept.released()
        if not versions:
            raise unittest.SkipTest("no charts")
        cls.gone = keys.vanished(versions)
        cls.rows = json.loads(kept.ROWS.read_text())

    def test_the_table_is_complete(self):
        self.assertEqual(list(keys.unnamed(self.gone, self.rows)), [])

    def test_a_row_that_is_taken_out_is_missed(self):
        for path, version in [("tunnel", "1.15.0"), ("enableCiliumEndpointSlice", "1.18.0"), ("clustermesh.enableMCSAPISupport", "1.20.0"),
                              ("encryption.ipsec.interface", "1.20.0"), ("encryption.wireguard.encapsulate", "1.15.0")]:
            others = [row for row in self.rows if row["path"] != path]
            faults = list(keys.unnamed(self.gone, others))
            self.assertIn(f"{path} has gone in {version}, and there is neither a row nor a reason", faults)

    def test_a_reason_is_no_row_for_others(self):
        self.assertNotIn("nonsense", " ".join(keys.unnamed({"etcd.clusterSize": ["1.16.0"]}, [])))
        self.assertEqual(len(list(keys.unnamed({"etcdctl": ["1.16.0"]}, []))), 1)

    def test_a_reason_that_nothing_needs(self):
        self.assertEqual(list(keys.unneeded(self.gone)), [])
        without = {key: versions for key, versions in self.gone.items() if not key.startswith("bgp") and not key.startswith("l2") and not key.startswith("egress")}
        self.assertEqual(len(list(keys.unneeded(without))), 1)


class Reading(unittest.TestCase):
    def test_paths_of_templates(self):
        text = '{{ .Values.a.b }} {{- if (.Values.c).d }} {{ hasKey .Values.e "f" }} {{ hasKey .Values "g" }}'
        self.assertEqual(keys.paths_in(text), {"a.b", "c.d", "e", "e.f", "g"})

    def test_paths_of_values_and_schemas(self):
        self.assertEqual(set(keys.leaves({"a": {"b": 1, "c": {}}, "d": [1]})), {"a.b", "a.c", "d"})
        self.assertEqual(set(keys.properties({"properties": {"a": {"properties": {"b": {}}}, "c": {}}})), {"a.b", "c"})


if __name__ == "__main__":
    unittest.main()
