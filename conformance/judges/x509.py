"""Go's verdicts on odd certificates, keys and PEM files are still those that `cargo test` compares meshgen with."""

import json
import shutil
import subprocess

from suite import cases
from suite.report import Verdict, skipped

PROGRAM = cases.HERE / "x509"
FIXTURES = cases.HERE.parent / "fixtures" / "x509"
PARTS = ("ca", "pair", "handshake")


def run(options):
    if shutil.which("go") is None:
        yield skipped("odd certificates and keys", "no go")
        return
    recorded = verdicts((FIXTURES / "verdicts.jsonl").read_text())
    judged = subprocess.run(["go", "run", ".", "judge", str(FIXTURES / "corpus.json.gz")], cwd=PROGRAM, capture_output=True, text=True, check=False)
    if judged.returncode:
        yield Verdict.of("odd certificates and keys", judged.stderr.splitlines()[-6:])
        return
    yield Verdict.of(f"{len(recorded)} odd certificates and keys", differences(recorded, verdicts(judged.stdout)))


def verdicts(text):
    """By name; the words may change with the version of Go, so only whether it accepts counts."""
    lines = [json.loads(line) for line in text.splitlines()]
    return {line["name"]: tuple(line[part] == "" for part in PARTS) for line in lines}


def differences(recorded, judged):
    names = [*recorded, *(name for name in judged if name not in recorded)]
    return [f"{name}: recorded {recorded.get(name)}, Go says {judged.get(name)}" for name in names if recorded.get(name) != judged.get(name)]
