"""The engineer judge accepts the scripts as they are rendered, and refuses spoilt ones."""

import tempfile
import unittest
from pathlib import Path

from judges import engineer
from suite import cache, mishaps, stories
from suite.fleet import Fleet


def instead(old, new):
    """Replaces a text of steps.sh, which must be there."""
    def spoil(text):
        assert old in text, old
        return text.replace(old, new)
    return spoil


class Engineer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        try:
            cls.fleet = cls.enterClassContext(Fleet(Path(folder.name), 3))
        except cache.Unavailable as why:
            raise unittest.SkipTest(str(why)) from why

    def faults(self, old, new):
        return "\n".join(engineer.walk(self.fleet, stories.TWO_SHARED, spoil=instead(old, new)))

    def test_restarts_everything(self):
        self.assertIn("is restarted without need", self.faults("if (rest != name) return 1", "return 1"))

    def test_forgets_the_agents(self):
        self.assertIn("nobody has restarted it", self.faults('    guard\n    mark=$(sed', '    strike_off "$1"; return 0\n    mark=$(sed'))

    def test_never_says_done(self):
        self.assertIn("changes a finished mesh", self.faults('check() {', 'check() {\n    kube rollout restart daemonset/cilium'))


    def test_writes_to_another_cluster(self):
        spoil = instead('[ "$live" != "$uid" ]', "false")
        self.assertIn("the stranger's cluster was changed",
                      "\n".join(engineer.meets(self.fleet, mishaps.wrong_context, spoil=spoil)))

    def test_sends_a_patch_that_is_in_place(self):
        spoil = instead('    in_place "$probe" "$wanted_sum"\n', "    false\n")
        self.assertIn("the patch was not accepted", "\n".join(engineer.meets(self.fleet, mishaps.late, spoil=spoil)))


if __name__ == "__main__":
    unittest.main()
