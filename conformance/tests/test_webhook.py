"""The webhook judge accepts right patches and refuses each known way to be wrong."""

import copy
import unittest

import yaml

from judges import webhook
from suite import cases, goyaml, patches
from tests import handmade

ALL = {case.id: case for case in cases.all_cases()}


def block_output(case_id="1.18.10-inline-direct", phase="mesh"):
    case = ALL[case_id]
    return case.clusters[0].kkp, handmade.outputs(case, phase)["cluster-1"]


def with_block(output, text):
    """The same JSON Patch with another text for the block."""
    out = copy.deepcopy(output)
    out.patch[-1]["value"] = text
    out.after = patches.apply_json(out.before, out.patch)
    return out


class Webhook(unittest.TestCase):
    def assert_refused(self, why, kkp, output):
        faults = webhook.judge(kkp, output)
        self.assertTrue(any(why in fault for fault in faults), f"wanted {why!r}, got {faults}")

    def test_right_patches_are_accepted(self):
        for case in ALL.values():
            for phase in case.phases:
                for cluster in case.clusters:
                    with self.subTest(case.id, phase=phase, cluster=cluster.name):
                        self.assertEqual(webhook.judge(cluster.kkp, handmade.output(case, cluster, phase)), [])

    def test_only_the_mesh_keys(self):
        kkp, output = block_output()
        only = {key: output.values[key] for key in ("cluster", "clustermesh")}
        self.assert_refused("cni is immutable", kkp, with_block(output, yaml.safe_dump(only)))

    def test_values_beside_the_block(self):
        kkp, output = block_output()
        output.after = patches.merge(output.before, {"spec": {"values": {"cluster": {"id": 1}}}})
        self.assert_refused("both set", kkp, output)

    def test_lost_setting(self):
        kkp, output = block_output()
        values = output.values
        del values["hubble"]
        self.assert_refused("changes what it does not own: hubble", kkp, with_block(output, yaml.safe_dump(values)))

    def test_enforced_setting_changed(self):
        kkp, output = block_output()
        text = yaml.safe_dump(patches.merge(output.values, {"kubeProxyReplacement": "false"}))
        self.assert_refused("the controller would change it back", kkp, with_block(output, text))

    def test_bare_string_that_go_takes_for_a_boolean(self):
        kkp, output = block_output()
        text = output.after["spec"]["valuesBlock"].replace("name: cluster-1", "name: on")
        self.assert_refused("read the block differently", kkp, with_block(output, text))

    def test_second_document(self):
        kkp, output = block_output()
        self.assert_refused("more than one document", kkp, with_block(output, output.after["spec"]["valuesBlock"] + "---\na: 1\n"))

    def test_key_twice(self):
        kkp, output = block_output()
        self.assert_refused("the key cluster twice", kkp,
                            with_block(output, output.after["spec"]["valuesBlock"] + "cluster: {id: 1, name: cluster-1}\n"))

    def test_annotation_of_the_service_lost(self):
        kkp, output = block_output()
        service = {"clustermesh": {"apiserver": {"service": {"annotations": {"a": "b"}}}}}
        output.before["spec"]["valuesBlock"] = yaml.safe_dump(patches.merge(output.values_before, service))
        self.assert_refused("loses clustermesh.apiserver.service.annotations", kkp, output)

    def test_patch_without_tests(self):
        kkp, output = block_output()
        for position, why in ((0, "accepted after a change of metadata"), (1, "accepted after a change of spec")):
            spoiled = copy.deepcopy(output)
            del spoiled.patch[position]
            self.assert_refused(why, kkp, spoiled)

    def test_patch_that_a_heartbeat_refuses(self):
        kkp, output = block_output()
        output.patch.insert(0, {"op": "test", "path": "/metadata/resourceVersion", "value": "1234"})
        self.assert_refused("refused after a change of metadata, status", kkp, output)

    def test_block_on_an_old_release(self):
        case = ALL["1.14.3-sharedCA-direct"]
        output = handmade.outputs(case, "mesh")["cluster-2"]
        output.after = patches.merge(output.before, {"spec": {"values": {}, "valuesBlock": yaml.safe_dump(output.values)}})
        self.assert_refused("moves the values to the other field", "2.24.15", output)


class Reading(unittest.TestCase):
    def test_go_reads_yaml_1_1(self):
        go = {"y": True, "no": False, "on": True, "1e3": 1000.0, "08": 8.0, "0o17": 15, "017": 15, "0x1F": 31, "1e-7": 1e-7, "1_000": 1000}
        for text, value in go.items():
            with self.subTest(text):
                self.assertTrue(goyaml.same(goyaml.load_go(f"a: {text}"), {"a": value}))
        for text in ("2026-11-23", "1:30", "=", "0.1.2", "null1", "-"):
            with self.subTest(text):
                self.assertEqual(goyaml.load_go(f"a: {text}x"), {"a": f"{text}x"})

    def test_go_prints_numbers(self):
        for number, text in ((24, "24"), (1000000, "1e+06"), (21000000, "2.1e+07"), (1.5, "1.5"), (0.00001, "1e-05"), (123456, "123456")):
            self.assertEqual(goyaml.sprint(number), text)


class Recorded(unittest.TestCase):
    def test_agrees_with_kkps_own_code(self):
        path = webhook.recorded_file()
        if path is None:
            self.skipTest("no recorded verdicts of KKP's code")
        verdicts = list(webhook.recorded_verdicts(path))
        self.assertEqual(len(verdicts), 711)
        self.assertEqual([(one["tag"], one["name"]) for one, _, agrees in verdicts if not agrees], [])


if __name__ == "__main__":
    unittest.main()
