"""The real pre-commit in a repository made for it: what its hooks let through and what they stop."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from suite import cache, cases, outputs
from suite.report import Verdict

ROOT = cases.HERE.parent
MESH = """apiVersion: meshgen/v1
mesh: production
defaults: {kkp: "2.31.0", cilium: 1.19.4, serviceCIDRs: [10.240.16.0/20]}
clusters:
  - {name: a, id: 1, podCIDRs: [10.1.0.0/16], nodeCIDRs: [192.0.2.0/25], dumps: dumps/a/}
  - {name: b, id: 2, podCIDRs: [10.2.0.0/16], nodeCIDRs: [192.0.2.128/25], apiserver: {ips: [203.0.113.20]}}
"""
SERVICE = """apiVersion: v1
kind: Service
metadata: {name: clustermesh-apiserver, namespace: kube-system}
spec: {type: LoadBalancer, ports: [{port: 2379}]}
status: {loadBalancer: {ingress: [{ip: 203.0.113.10}]}}
"""


def run(options):
    if not shutil.which("git"):
        raise cache.Unavailable("git is not installed")
    yield from judge(outputs.meshgen_binary())
    if shutil.which("cargo"):
        yield Verdict.of("the rust hook builds meshgen and runs it", installed("meshgen-source"))
        yield Verdict.of("the python hook builds the wheel, installs it with pip and runs it", installed("meshgen"))


def judge(program):
    with Repository("meshgen-system", program) as repository:
        for name, files, expected in (
            ("a clean commit passes", {"mesh.yaml": MESH, "dumps/a/service.yaml": SERVICE}, None),
            ("a bad mesh is stopped", {"mesh.yaml": MESH.replace("10.2.0.0/16", "10.1.0.0/17")}, "pod-cidr-overlap"),
            ("a changed dump triggers the hook", {"dumps/a/service.yaml": SERVICE.replace("ip: 203.0.113.10", "ip: 203.0.113.20")}, "address-duplicate"),
            ("a dump that is no YAML is stopped", {"dumps/a/service.yaml": SERVICE + "]\n"}, "syntax"),
            ("a sound change of a dump passes", {"dumps/a/service.yaml": SERVICE.replace("ip: 203.0.113.10", "ip: 203.0.113.11")}, None),
        ):
            yield Verdict.of(name, repository.commits(files, expected))
        yield Verdict.of("an unrelated file does not trigger the hook", unrelated(repository))


def unrelated(repository):
    """The mesh in the folder is broken but not staged: a hook that ran would say so."""
    repository.write({"mesh.yaml": "broken: [\n"})
    code, text = repository.commit({"notes.txt": "meshgen\n"})
    return [] if code == 0 and "Skipped" in text else [f"exit {code}: {text[-300:]}"]


def installed(hook):
    with Repository(hook, None) as repository:
        return [*repository.commits({"mesh.yaml": MESH, "dumps/a/service.yaml": SERVICE}, None),
                *repository.commits({"mesh.yaml": MESH.replace("id: 2", "id: 1")}, "id-duplicate")]


class Repository:
    """A repository with pre-commit installed, whose hook comes from a repository of meshgen's."""

    def __init__(self, hook, program):
        self.hook, self.program = hook, program

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory()
        top = Path(self.temporary.name)
        self.folder = top / "repository"
        (top / "bin").mkdir()
        if self.program:
            (top / "bin" / "meshgen").symlink_to(self.program.resolve())
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))},
            "PATH": f"{top / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PRE_COMMIT_HOME": str(top / "home"),
            "CARGO_TARGET_DIR": str(cache.FOLDER / "precommit-target"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "t"), ("EMAIL", "t@example.com"))},
        }
        source = self.source(top / "meshgen")
        self.folder.mkdir()
        self.git("init", "-q")
        revision = self.git("rev-parse", "HEAD", cwd=source).strip()
        config = f"repos:\n- repo: {source}\n  rev: {revision}\n  hooks:\n  - id: {self.hook}\n"
        self.write({".pre-commit-config.yaml": config})
        self.run([sys.executable, "-m", "pre_commit", "install"])
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def source(self, folder):
        """A repository that holds meshgen as it stands here; for the system hook its manifest is enough."""
        files = [".pre-commit-hooks.yaml"]
        if not self.program:
            listed = self.git("ls-files", "-z", "--", ":!conformance", cwd=ROOT)
            files = [name for name in listed.split("\0") if name and (ROOT / name).exists()]
        for name in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        self.git("init", "-q", cwd=folder)
        self.git("add", "-A", cwd=folder)
        self.git("commit", "-q", "-m", "meshgen", cwd=folder)
        return folder

    def write(self, files):
        for name, text in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text)

    def commit(self, files):
        self.write(files)
        self.git("add", *files)
        ran = self.run(["git", "commit", "-q", "-m", "change"], check=False)
        return ran.returncode, ran.stdout + ran.stderr

    def commits(self, files, expected):
        """Faults of a commit that should pass, or be stopped with a finding of the `expected` code; stopped changes are taken back."""
        code, text = self.commit(files)
        if expected is None:
            return [] if code == 0 and "Passed" in text else [f"exit {code}: {text[-400:]}"]
        self.git("reset", "-q", "--hard")
        return [] if code and f"error[{expected}]" in text else [f"exit {code}: {text[-400:]}"]

    def git(self, *words, cwd=None):
        return self.run(["git", *words], cwd=cwd).stdout

    def run(self, command, cwd=None, check=True):
        return subprocess.run(command, cwd=cwd or self.folder, env=self.environment, check=check, capture_output=True, text=True)
