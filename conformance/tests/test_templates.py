"""The templates judge refuses a record that is not what Go does."""

import json
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from judges import templates

LINES = '{"text":"{{ 1 }}","2.27":{"plain":"ok"},"2.29":{"plain":"ok"}}\n{"text":"{{ 1 }}","isKey":true,"2.27":{"plain":"alters"},"2.29":{"plain":"ok"}}\n'


class Templates(unittest.TestCase):
    def test_the_same_verdicts(self):
        self.assertEqual(templates.differences(templates.verdicts(LINES), templates.verdicts(LINES)), [])

    def test_another_verdict(self):
        other = LINES.replace("alters", "ok")
        self.assertEqual(len(templates.differences(templates.verdicts(LINES), templates.verdicts(other))), 1)

    def test_an_entry_missing_on_either_side(self):
        first = LINES.splitlines()[0]
        self.assertEqual(len(templates.differences(templates.verdicts(LINES), templates.verdicts(first))), 1)
        self.assertEqual(len(templates.differences(templates.verdicts(first), templates.verdicts(LINES))), 1)

    @unittest.skipIf(shutil.which("go") is None, "no go")
    def test_a_broken_record(self):
        record = (templates.FIXTURES / "verdicts.jsonl").read_text()
        values = [{"text": "{{ .Cluster.Name }}"}, {"text": "{{ .Foo }}"}]
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "values.json").write_text(json.dumps(values))
            done = subprocess.run(["go", "run", ".", "judge", folder], cwd=templates.PROGRAM, capture_output=True, text=True, check=True)
        judged = templates.verdicts(done.stdout)
        recorded = {key: verdict for key, verdict in templates.verdicts(record).items() if key in judged}
        self.assertEqual(templates.differences(recorded, judged), [])
        recorded["{{ .Foo }}", False]["2.29"]["plain"] = "ok"
        self.assertEqual(len(templates.differences(recorded, judged)), 1)
