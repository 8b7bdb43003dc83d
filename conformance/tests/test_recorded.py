"""A changed output cannot slip past a machine without charts."""

import unittest

from judges import recorded

ENTRY = {"digest": "a" * 64, "verdict": "accepted"}


class Recorded(unittest.TestCase):
    def test_same_output(self):
        self.assertEqual(list(recorded.disagreement(ENTRY, "a" * 64)), [])

    def test_changed_output(self):
        self.assertIn("changed since it was judged", next(recorded.disagreement(ENTRY, "b" * 64)))

    def test_output_that_was_refused(self):
        self.assertEqual(list(recorded.disagreement({**ENTRY, "verdict": "refused"}, "a" * 64)), ["was judged and refused"])

    def test_new_case(self):
        self.assertEqual(list(recorded.disagreement(None, "a" * 64)), ["was never judged"])


if __name__ == "__main__":
    unittest.main()
