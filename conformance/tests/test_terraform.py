"""The Terraform judge accepts a program that keeps the protocol, and refuses each that does not."""

import json
import stat
import sys
import tempfile
import unittest
from pathlib import Path

from judges import terraform
from suite import cache

# Keeps the protocol: answers from what stands in mesh.yaml, and fails where it should.
PROGRAM = r"""#!PYTHON
import hashlib, json, re, sys, time
def fail(text): sys.exit(print(text, file=sys.stderr) or 1)
peers = {"cluster-1": "cluster-2", "cluster-2": "cluster-1"}
rules = [{"from": a, "to": b, "fromCIDRs": [], "toCIDRs": [], "toHost": None, "protocol": "udp", "port": 8472, "reason": ""} for a, b in peers.items()]
if sys.argv[1] == "firewall": sys.exit(print(json.dumps({VARIABLE: rules[LEFT_OUT:]} if "tfvars" in sys.argv else rules)))
query = json.loads(sys.stdin.read())
if "clusters" in query: fail("unknown query key `clusters`; did you mean `cluster`?")
if "mesh" not in query: fail("the query names no mesh file")
try: text = open(query["mesh"]).read()
except OSError as error: fail(f"cannot read {query['mesh']}: {error}")
if "[\n" in text: fail("mesh.yaml:1:1: error[syntax]: this is not YAML")
if "gone.crt" in text: fail("mesh.yaml:1:1: error[input-missing]: gone")
if CHECKS and text.count("172.25") == 2: fail("mesh.yaml:1:1: error[pod-cidr-overlap]: twice")
address = lambda name: re.search(rf"name: {name}\n.*?ips: \[(.*?)\]", text, re.S).group(1)
answer = {"mesh": "m", "clusters": json.dumps([{"name": name} for name in peers]), "complete": "true", "phase": "mesh", "missing": "[]",
          "steps": "[]", "firewall": json.dumps(rules), "warnings": "[]"}
if name := query.get("cluster"):
    patch = f"peer: {address(peers[name])}\n" + NOISE
    answer |= {"patch_type": "merge", "patch_sha256": hashlib.sha256(patch.encode()).hexdigest()}
    key = "KEY" if "guide" in text else ""
    if SECRETS(query, key): answer["patch"] = patch + key
print(json.dumps(answer | MORE))
"""
GOOD = {"CHECKS": "True", "NOISE": '""', "SECRETS": 'lambda query, key: not key or query.get("secrets") == "true"', "MORE": "{}",
        "VARIABLE": '"cluster_mesh_rules"', "LEFT_OUT": "0"}
BAD = {
    "a number in the answer": {"MORE": '{"phase": 4}'},
    "an answer that changes": {"NOISE": "str(time.time_ns())"},
    "errors that are not found": {"CHECKS": "False"},
    "keys that nobody asked for": {"SECRETS": "lambda query, key: True"},
    "no keys though they were asked for": {"SECRETS": "lambda query, key: not key"},
    "the rules under another name": {"VARIABLE": '"rules"'},
    "a rule too few in the variable file": {"LEFT_OUT": "1"},
}


class Terraform(unittest.TestCase):
    def refused(self, replaced):
        key = next(iter(terraform.keys_of(terraform.FIXTURES / "guide")))
        text = PROGRAM.replace("#!PYTHON", f"#!{sys.executable}").replace('"KEY"', json.dumps(key))
        for name, value in {**GOOD, **replaced}.items():
            text = text.replace(name, f"({value})")
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "meshgen"
            program.write_text(text)
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            try:
                judged = terraform.judge(terraform.Terraform(program))
            except cache.Unavailable as why:
                self.skipTest(str(why))
            return [verdict for verdict in judged if verdict.why]

    def test_a_good_program(self):
        self.assertEqual(self.refused({}), [])

    def test_bad_programs(self):
        for name, replaced in BAD.items():
            with self.subTest(name):
                self.assertNotEqual(self.refused(replaced), [])

    def test_a_changed_answer(self):
        recorded = {"digest": "a", "verdict": "accepted"}
        self.assertEqual(list(terraform.disagreement(recorded, "a")), [])
        for entry, digest in ((recorded, "b"), (None, "a"), ({**recorded, "verdict": "refused"}, "a")):
            self.assertNotEqual(list(terraform.disagreement(entry, digest)), [])


if __name__ == "__main__":
    unittest.main()
