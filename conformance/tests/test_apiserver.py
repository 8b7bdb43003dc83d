"""The API server judge accepts right commands and patches, and refuses spoilt ones."""

import json
import tempfile
import unittest
import unittest.mock
from pathlib import Path

from judges import apiserver
from suite import cache, cases, crd, goyaml
from suite.apiserver import Server
from tests import handmade

ALL = {case.id: case for case in cases.all_cases()}


def spoilt(edit):
    """A renderer whose patch of cluster-2 is edited before it is written down."""
    def render(case, phase, folder, dumped):
        handmade.render_mesh(case, phase, folder, dumped)
        for path in (folder / "out/clusters/cluster-2").glob("20-patch.*"):
            patch = json.loads(path.read_text())
            edit(patch, goyaml.load_yaml(dumped["cluster-2"].read_text())["metadata"])
            path.write_text(json.dumps(patch))
    return render


def waiting(command):
    """A renderer that prints `command` where the wait for KKP stands; KUBECTL is cluster-2's."""
    def render(case, phase, folder, dumped):
        with unittest.mock.patch.object(handmade, "WAIT", command):
            handmade.render_mesh(case, phase, folder, dumped)
    return render


class ApiServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        try:
            cls.server = cls.enterClassContext(Server(Path(folder.name)))
        except cache.Unavailable as why:
            raise unittest.SkipTest(str(why)) from why

    def faults(self, release, case_id, render=handmade.render_mesh):
        trial = apiserver.Trial(self.server, release, ALL[case_id], render)
        return {name: faults for name, generator in trial.scenarios() if (faults := list(generator))}

    def test_right_patches_are_accepted(self):
        for release, case_id in (("2.24.15", "1.14.3-sharedCA-direct"), ("2.31.0", "1.18.10-inline-kvstoremesh")):
            with self.subTest(case_id):
                self.assertEqual(self.faults(release, case_id), {})

    def test_a_stand_in_for_the_definition_decides_alike(self):
        with unittest.mock.patch.object(crd, "real", return_value=None):
            for release, case_id in (("2.24.15", "1.14.3-sharedCA-direct"), ("2.31.0", "1.18.10-inline-kvstoremesh")):
                with self.subTest(case_id):
                    self.assertEqual(self.faults(release, case_id), {})

    def test_waits_that_end_too_early_or_never(self):
        wait = "KUBECTL wait applicationinstallation/cilium --timeout=1m"
        for command in (f"{wait} --for=jsonpath='{{.status.conditions.Ready.status}}'=True",  # true since before the patch
                        f"{wait} --for=jsonpath='{{.status.conditions.Ready.observedGeneration}}'=2",  # Helm has only begun
                        f"{wait} --for=condition=Ready"):  # KKP's conditions are a map
            with self.subTest(command):
                self.assertEqual(self.faults("2.31.0", "1.18.10-bundle-kvstoremesh", waiting(command)).keys(), {"waiting for KKP"})

    def test_block_patch_without_its_tests(self):
        found = self.faults("2.31.0", "1.18.10-bundle-kvstoremesh", spoilt(lambda patch, _: patch.__delitem__(slice(0, 2))))
        self.assertEqual(found.keys(), {
            "patch again", "patch after a change of the values", "patch where the CRD prunes valuesBlock",
            "patch of another object of that name",
        })

    def test_block_patch_that_names_a_resource_version(self):
        def edit(patch, metadata):
            patch.insert(0, {"op": "test", "path": "/metadata/resourceVersion", "value": metadata["resourceVersion"]})

        self.assertIn("patch after a change of status", self.faults("2.31.0", "1.18.10-bundle-kvstoremesh", spoilt(edit)))

    def test_merge_patch_of_a_block_is_pruned(self):
        def block_instead(patch, _):
            patch["spec"] = {"valuesBlock": json.dumps(patch["spec"]["values"])}

        self.assertIn("patch after a change of status", self.faults("2.24.15", "1.14.3-sharedCA-direct", spoilt(block_instead)))

    def test_merge_patch_without_a_uid(self):
        found = self.faults("2.24.15", "1.14.3-sharedCA-direct", spoilt(lambda patch, _: patch.pop("metadata")))
        self.assertEqual(found.keys(), {"patch of another object of that name"})


if __name__ == "__main__":
    unittest.main()
