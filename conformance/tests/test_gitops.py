"""The judge of the objects in the pages accepts them, and refuses one with a field that its controller does not know."""

import tempfile
import unittest
from pathlib import Path

from judges import gitops
from suite import cache


class GitOps(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        try:
            cls.server = cls.enterClassContext(gitops.Controllers(Path(folder.name)))
        except cache.Unavailable as why:
            raise unittest.SkipTest(str(why)) from why

    def test_every_object_is_accepted_and_refused_once_it_is_spoilt(self):
        pages = [(cache.HERE.parent / "docs" / page).read_text() for page in gitops.PAGES]
        found = [one for page in pages for one in gitops.objects(page)]
        self.assertEqual(["Application", "ExternalSecret", "Kustomization"], sorted(one["kind"] for one in found))
        for one in found:
            self.assertEqual([], gitops.refusal(self.server, one))
            one["spec"]["sourceReference"] = {}
            self.assertIn("sourceReference", gitops.refusal(self.server, one)[0])


if __name__ == "__main__":
    unittest.main()
