"""conformance/judged.json: what was judged, by what, and that it was accepted. README.md describes the format, tests/it/judged.rs reads it."""

import datetime
import json
import os
import re
import subprocess

from suite import cache, cases, helm

FILE = cases.HERE / "judged.json"
ROOT = cases.HERE.parent


def case_id(case, phase):
    return f"{case.id}/{phase}"


def entry(mesh_file, arguments, kinds, digest, charts=()):
    """Everything that it takes to make the judged output again: see `tests/it/judged.rs`."""
    return {
        "mesh": f"conformance/{mesh_file.relative_to(cases.HERE)}",
        "arguments": list(arguments),
        "kinds": list(kinds),
        "digest": digest,
        "charts": sorted(set(charts), key=cases.number),
        "verdict": "accepted",
    }


def save(judged, counts):
    """`judged` maps case ids to entries, `counts` judges to {result: number}."""
    versions = sorted({version for one in judged.values() for version in one["charts"]}, key=cases.number)
    FILE.write_text(json.dumps({
        "version": 1,
        "recordedOn": datetime.date.today().isoformat(),
        "programs": programs(),
        "charts": {version: helm.archive_digest(version) for version in versions},
        "judges": counts,
        "cases": judged,
    }, indent=1) + "\n")


def update_readme():
    """The table in README.md is made from the file, by the test that watches it."""
    subprocess.run(["cargo", "test", "--locked", "--quiet", "--test", "it", "judged::readme"], cwd=ROOT, check=True,
                   env={**os.environ, "MESHGEN_UPDATE": "1"}, stdout=subprocess.DEVNULL)


def programs():
    """The version of every program that took part, in its own words."""
    built_from = re.search(r"k8s.io/kubernetes (v\S+)", (cases.HERE / "apiserver" / "go.mod").read_text()).group(1)
    found = {"Helm": helm.version(), "kube-apiserver": built_from}
    for name, command in {
        "etcd": [cache.tool("etcd"), "--version"],
        "nftables": [cache.tool("nft"), "--version"],
        "iptables": [cache.tool("iptables-restore"), "--version"],
    }.items():
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found[name] = re.search(r"v?\d+\.\d+(\.\d+)?", said).group()
    return found
