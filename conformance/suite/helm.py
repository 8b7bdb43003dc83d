"""The real Cilium charts through the real Helm."""

import hashlib
import json
import os
import subprocess
from pathlib import Path

import yaml

from suite import cache


def charts_folder():
    return Path(os.environ.get("MESHGEN_CHARTS") or cache.FOLDER / "charts")


def archive(version):
    return charts_folder() / f"cilium-{version}.tgz"


def archive_digest(version):
    return hashlib.sha256(archive(version).read_bytes()).hexdigest()


def template(version, values):
    """(manifests, None) or (None, Helm's own words)."""
    text, error = rendered(version, values)
    if error:
        return None, error
    return [one for one in yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) if one], None


def rendered(version, values):
    """The manifests as Helm prints them, or its own words: (text, None) or (None, words)."""
    command = [
        cache.tool("helm"), "template", "--kube-version", "v1.30.0", "kube-system-cilium", "-n", "kube-system", str(archive(version)),
        "-f", "-",
    ]
    run = subprocess.run(command, input=json.dumps(values), text=True, capture_output=True, check=False)
    return (None, run.stderr.strip()) if run.returncode else (run.stdout, None)


def version():
    return cache.HELM.rpartition("@")[2]
