"""The judge of the lock accepts what meshgen does, and refuses programs that forget, renumber, reuse or rewrite."""

import tempfile
import unittest
import unittest.mock
from pathlib import Path

from judges import lock
from suite import outputs

REAL = outputs.meshgen_binary()


@unittest.skipIf(not REAL.exists(), "no meshgen to judge")
class Lock(unittest.TestCase):
    def faults(self, script, judge, *words):
        """What is said of a program that does more, or less, than the real one; `$real` is that."""
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "meshgen"
            program.write_text(f"#!/bin/sh\nreal={REAL.resolve()}\n{script}\n")
            program.chmod(0o755)
            with unittest.mock.patch.object(outputs, "meshgen_binary", lambda: program):
                return "\n".join(lock.in_folder(judge, *words))

    def test_the_real_one(self):
        self.assertEqual(self.faults('exec "$real" "$@"', lock.changed, lock.CHANGES["another ID"]), "")

    def test_a_lock_that_is_forgotten(self):
        forgets = 'case $*in\n*--lock*) ;; *) rm -f mesh.lock.yaml ;; esac\nexec "$real" "$@"'.replace("$*in", '"$*" in')
        for what, change in lock.CHANGES.items():
            with self.subTest(what):
                faults = self.faults(forgets, lock.changed, change)
                self.assertIn("validate exits 0", faults)
                self.assertIn("mesh.lock.yaml is another", faults)

    def test_a_former_cluster_that_is_not_remembered(self):
        """Every render begins a new lock."""
        self.assertIn("is taken", self.faults('rm -f mesh.lock.yaml\nexec "$real" "$@"', lock.never_again))

    def test_a_renumbering(self):
        renumbers = '"$real" "$@" || exit\n[ ! -f out/index.json ] || sed -i "s/\\"id\\": 3/\\"id\\": 8/" out/index.json'
        self.assertIn("the IDs are", self.faults(renumbers, lock.harmless, lock.HARMLESS["another order"]))

    def test_a_page_that_is_written_anew(self):
        block = lock.PAGES["a list of blocks"]
        for script, why in (
            ('"$real" "$@" && { [ "$1" != init ] || sed -i "s/ *# since 2024//" mesh.yaml; }', "bytes that were there"),
            ('"$real" "$@" && { [ "$1" != init ] || sed -i "s/id: 3/id: 2/" mesh.yaml; }', "the ID 2 is taken"),
            ('[ "$1" = init ] || exec "$real" "$@"', "bytes that were there"),
            ('[ "$1" != init ] || { echo >> mesh.yaml; exit 2; }\nexec "$real" "$@"', "written all the same"),
        ):
            with self.subTest(why):
                self.assertIn(why, self.faults(script, lock.added, block))


if __name__ == "__main__":
    unittest.main()
