"""meshgen reads a valuesBlock as sigs.k8s.io/yaml does: the same values from 100,000 texts, and the same refusals."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from suite import cases, yamltexts
from suite.report import Verdict, skipped

PROGRAM = cases.HERE / "yaml"
COUNT = 100_000

# Where meshgen refuses what the library reads, by the mark that the Go program puts before the value.
STRICTER = {
    "~": "meshgen reads what stands behind the first document, which the library never looks at and KKP loses",
    "^": "meshgen judges the value of a key that stands twice, of which the library keeps the last only",
    "+": "with two byte order marks at the beginning the library loses characters further on, which meshgen does not imitate",
}
# Where the library does not read the same value twice: it goes through a Go map.
BY_CHANCE = "="


def run(options):
    missing = [tool for tool in ("go", "cargo") if shutil.which(tool) is None]
    if missing:
        yield skipped("texts", f"no {missing[0]}")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts"
        texts = list(yamltexts.texts(COUNT))
        path.write_text("".join(json.dumps(text) + "\n" for text in texts))
        go = output(["go", "run", "-mod=readonly", ".", str(path)], PROGRAM)
        ours = output(["cargo", "run", "--locked", "--quiet", "--example", "read-yaml", "--", str(path)], cases.HERE.parent)
    yield Verdict.of(f"{COUNT} texts", differences(texts, go, ours))


def output(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr.strip()[-600:]}")
    return done.stdout.split("\n")[:-1]


def differences(texts, go, ours):
    if not len(texts) == len(go) == len(ours):
        return [f"{len(texts)} texts, but {len(go)} answers of Go and {len(ours)} of meshgen"]
    faults = [(text, difference(theirs, mine)) for text, theirs, mine in zip(texts, go, ours)]
    faults = sorted(((text, why) for text, why in faults if why), key=lambda fault: len(fault[0]))
    return [f"{why}: {text[:200]!r}" for text, why in faults]


def difference(go, ours):
    """What is wrong with meshgen's answer; None where nothing is."""
    value = go.lstrip("".join(STRICTER) + BY_CHANCE)
    marks = go[:len(go) - len(value)]
    if ours.startswith("!"):
        return None if marks or value.startswith("!") else f"only meshgen refuses it ({ours[1:]})"
    if value.startswith("!"):
        return f"only Go refuses it ({value[1:]})"
    is_same = BY_CHANCE in marks or same(read(value), read(ours))
    return None if is_same else f"Go reads {value[:80]}, meshgen {ours[:80]}"


def read(text):
    return json.loads(text, parse_int=integer)


def integer(digits):
    """Both write a float above 64 bits as digits, but not the same ones."""
    number = int(digits)
    return number if -2**63 <= number < 2**64 else float(number)


def same(left, right):
    """Python holds 1 and true to be equal."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return isinstance(left, bool) == isinstance(right, bool) and left == right
