"""The x509 judge refuses a recording that is not what Go says."""

import unittest

from judges import x509

LINES = '{"name": "a", "ca": "", "pair": "", "handshake": ""}\n{"name": "b", "ca": "", "pair": "bad key", "handshake": "no pair"}\n'


class X509(unittest.TestCase):
    def test_the_same_verdicts_in_other_words(self):
        other = LINES.replace("bad key", "broken key")
        self.assertEqual(x509.differences(x509.verdicts(LINES), x509.verdicts(other)), [])

    def test_another_verdict(self):
        other = LINES.replace("bad key", "")
        self.assertEqual(len(x509.differences(x509.verdicts(LINES), x509.verdicts(other))), 1)

    def test_an_entry_missing_on_either_side(self):
        first = LINES.splitlines()[0]
        self.assertEqual(len(x509.differences(x509.verdicts(LINES), x509.verdicts(first))), 1)
        self.assertEqual(len(x509.differences(x509.verdicts(first), x509.verdicts(LINES))), 1)
