"""Go's html/template and yaml.v3 still do with values what `cargo test` compares meshgen with."""

import json
import shutil
import subprocess

from suite import cases
from suite.report import Verdict, skipped

PROGRAM = cases.HERE / "templates"
FIXTURES = cases.HERE.parent / "fixtures" / "kkp-templates"


def run(options):
    if shutil.which("go") is None:
        yield skipped("values with templates", "no go")
        return
    recorded = verdicts((FIXTURES / "verdicts.jsonl").read_text())
    judged = subprocess.run(["go", "run", "-mod=readonly", ".", "judge", str(FIXTURES)], cwd=PROGRAM, capture_output=True, text=True, check=False)
    if judged.returncode:
        yield Verdict.of("values with templates", judged.stderr.splitlines()[-6:] or ["the program fails"])
        return
    yield Verdict.of(f"{len(recorded)} values with templates", differences(recorded, verdicts(judged.stdout)))


def verdicts(text):
    """By text and by whether it is a key."""
    lines = [json.loads(line) for line in text.splitlines()]
    return {(line.pop("text"), line.pop("isKey", False)): line for line in lines}


def differences(recorded, judged):
    keys = [*recorded, *(key for key in judged if key not in recorded)]
    return [f"{key}: recorded {recorded.get(key)}, Go says {judged.get(key)}" for key in keys if recorded.get(key) != judged.get(key)]
