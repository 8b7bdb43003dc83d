"""Each reader of the formats judge refuses a spoilt text."""

import json
import tempfile
import unittest
from pathlib import Path

from judges import formats
from suite import cache, lsp

SARIF = {
    "version": "2.1.0",
    "runs": [{
        "tool": {"driver": {"name": "meshgen", "rules": [{"id": "id-duplicate"}]}},
        "results": [{"ruleId": "id-duplicate", "level": "error", "message": {"text": "twice"}}],
    }],
}
RULES = [{"from": "a", "to": "b", "toCIDRs": ["10.0.0.0/24", "10.0.1.0/24"], "toHost": None, "port": 4240, "reason": 'health, "both" ways'}]
CSV = 'from,to,toCIDRs,toHost,port,reason\r\na,b,10.0.0.0/24 10.0.1.0/24,,4240,"health, ""both"" ways"\r\n'
SCHEMA = {"type": "object", "properties": {"mesh": {"type": "string"}}, "additionalProperties": False}


class Formats(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_sarif(self):
        try:
            schema = cache.sarif_schema()
        except cache.Unavailable as why:
            self.skipTest(str(why))
        path = self.folder / "findings.json"
        for level, accepted in (("error", True), ("fatal", False)):
            SARIF["runs"][0]["results"][0]["level"] = level
            path.write_text(json.dumps(SARIF))
            self.assertEqual(formats.against(["--schemafile", schema], [path]) == [], accepted)

    def test_csv(self):
        self.assertEqual(formats.csv_faults(CSV, RULES), [])
        for spoilt in (CSV.replace('""both""', '"both"'), CSV.replace("4240", "2379"), CSV.replace("toHost,", ""), CSV + CSV):
            self.assertNotEqual(formats.csv_faults(spoilt, RULES), [])

    def test_editor(self):
        (self.folder / "schema.json").write_text(json.dumps(SCHEMA))
        paths = {}
        for name, text in (("good", "mesh: a\n"), ("bad", "mesh: a\ncolour: red\n")):
            paths[name] = self.folder / f"{name}.yaml"
            paths[name].write_text(f"# yaml-language-server: $schema=schema.json\n{text}")
        try:
            found = lsp.diagnostics(paths.values())
        except cache.Unavailable as why:
            self.skipTest(str(why))
        self.assertEqual(found[paths["good"]], [])
        self.assertIn("colour", found[paths["bad"]][0])


if __name__ == "__main__":
    unittest.main()
