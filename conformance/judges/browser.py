"""The page of `meshgen report` in a real browser: Chromium draws it, axe-core looks for what shuts readers out."""

import json
import subprocess
import tempfile
from pathlib import Path

from suite import cache, outputs
from suite.report import Verdict

LOOK = Path(__file__).resolve().parent.parent / "browser" / "look.mjs"
SIZES = (2, 5, 64, 255)
HEAD = """apiVersion: meshgen/v1
mesh: production
maxConnectedClusters: 255
defaults: {kkp: "2.30.5", cilium: 1.18.10, serviceCIDRs: [10.240.16.0/20]}
clusters:
"""


def run(options):
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path = page(Path(folder), size)
            yield Verdict.of(f"report of {size} clusters", look(path))
        path = Path(folder) / "health.html"
        case = outputs.cases.HERE.parent / "fixtures" / "verify" / "one-way-block"
        report(case / "mesh.yaml", path, "--checks", str(case / "checks"))
        yield Verdict.of("report with health", look(path))


def page(folder, size):
    """The page of a mesh of so many clusters."""
    mesh, path = folder / f"{size}.yaml", folder / f"{size}.html"
    mesh.write_text(HEAD + "".join(cluster(number) for number in range(1, size + 1)))
    report(mesh, path)
    return path


def cluster(number):
    pods = f"10.{number // 16}.{number % 16 * 16}.0/20"
    return (f"- {{name: cluster-{number}, id: {number}, podCIDRs: [{pods}], nodeCIDRs: [192.168.{number}.0/24], "
            f"apiserver: {{ips: [203.0.113.{number}]}}}}\n")


def report(mesh, path, *arguments):
    command = [outputs.meshgen_binary(), "report", mesh, "-o", path, "--now", "2026-11-23T00:00:00Z", *arguments]
    subprocess.run(command, check=True, capture_output=True)


def look(path):
    """What the browser finds wrong with a page."""
    command = [cache.tool("node"), LOOK, cache.browser_modules(), cache.tool("chromium"), path]
    ran = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=900, check=False)
    if ran.returncode:
        return [f"the browser stopped: {ran.stderr.strip()[-300:]}"]
    return json.loads(ran.stdout)[str(path)]
