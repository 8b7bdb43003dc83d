"""The pre-commit judge refuses a program that finds nothing, one that always finds something, and one that looks at mesh.yaml alone."""

import stat
import tempfile
import unittest
from pathlib import Path

from judges import precommit

PROGRAMS = {
    "finds nothing": "exit 0",
    "always finds something": "echo 'error[pod-cidr-overlap] error[address-duplicate] error[syntax]'; exit 1",
    "looks at mesh.yaml alone": "grep -q 10.1.0.0/17 mesh.yaml && echo 'error[pod-cidr-overlap]' && exit 1; exit 0",
}


class PreCommit(unittest.TestCase):
    def program(self, text):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name) / "meshgen"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def test_bad_programs(self):
        for name, text in PROGRAMS.items():
            with self.subTest(name):
                self.assertNotEqual([verdict for verdict in precommit.judge(self.program(text)) if verdict.why], [])


if __name__ == "__main__":
    unittest.main()
