"""The judge of docs/secrets.md accepts the page, and refuses one that leaves a key readable."""

import shutil
import unittest

from judges import secrets
from suite import cache, secretspage


class Secrets(unittest.TestCase):
    def setUp(self):
        if not shutil.which("go"):
            self.skipTest("sops is built with Go")
        try:
            cache.tool("sops"), cache.tool("age-keygen")
        except cache.Unavailable as why:
            self.skipTest(str(why))
        self.page = secretspage.section("SOPS")

    def test_the_page_is_accepted(self):
        self.assertEqual([], list(secrets.sops(self.page)))

    def test_a_rule_that_misses_the_values_is_refused(self):
        self.page["yaml"][0] = self.page["yaml"][0].replace("valuesBlock", "valuesblock")
        self.assertIn("can still be read", "\n".join(secrets.sops(self.page)))

    def test_a_copy_that_is_not_encrypted_is_refused(self):
        self.page["sh"][3] = self.page["sh"][3].replace("sops --encrypt", "cat")
        faults = secrets.sops(self.page)
        self.assertIn("the copy for Flux holds a key", next(faults))


if __name__ == "__main__":
    unittest.main()
