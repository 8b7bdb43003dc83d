"""A real API server and the real kubectl judge every patch form, by the very commands that index.json and STEPS.md give.

One cluster of a mesh at a time: its ApplicationInstallation is created, dumped as a user would, rendered, applied.
"""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from suite import cases, crd, goyaml, outputs
from suite.apiserver import Server
from suite.report import Verdict, skipped

NAME = ("applicationinstallation", "cilium", "-n", "kube-system")

# KKP release of the CRD, and the case whose cluster-2 is applied under it: both forms, every trust mode.
FORMS = (
    ("2.24.15", "1.14.3-sharedCA-direct"),
    ("2.25.18", "1.14.9-inline-direct"),
    ("2.25.18", "1.14.16-sharedCA-direct"),
    ("2.31.0", "1.18.10-inline-kvstoremesh"),
    ("2.31.0", "1.19.4-sharedCA-kvstoremesh"),
    ("2.31.0", "1.20.0-bundle-kvstoremesh"),
)
WITHOUT_BLOCK = "2.24.15"
def run(options):
    all_cases = {case.id: case for case in cases.all_cases()}
    for release in sorted({release for release, _ in FORMS if crd.real(release) is None}):
        yield skipped(f"KKP {release}'s own CRD", "it is not in ../shared/data/crds; a stand-in takes its place")
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        for release, case_id in FORMS:
            trial = Trial(server, release, all_cases[case_id], outputs.render_mesh)
            for name, faults in trial.scenarios():
                yield Verdict.of(f"{release} {case_id}: {name}", faults)


@dataclass
class Trial:
    """One object under one CRD; `render` makes an output folder of a case around the dumped object."""

    server: Server
    release: str
    case: cases.Case
    render: object

    def scenarios(self):
        self.cluster = self.case.clusters[1]
        with tempfile.TemporaryDirectory() as folder:
            self.folder = Path(folder)
            self.install_crd(self.release)
            self.block = "valuesBlock" in goyaml.load_yaml(self.cluster.object_path.read_text())["spec"]
            self.server.wait_for(self.created_whole, "the CRD", 30)
            dump = self.folder / "dump.yaml"
            dump.write_text(self.server.kubectl("get", *NAME, "-o", "yaml").stdout)
            self.original = goyaml.load_yaml(dump.read_text())
            try:
                self.render(self.case, "mesh", self.folder, {self.cluster.name: dump})
            except outputs.Failed as failed:
                yield "render", [str(failed)]
                return
            before = {cluster.name: goyaml.load_yaml(cluster.object_path.read_text()) for cluster in self.case.clusters}
            made, _ = outputs.read(self.folder / "out", (before | {self.cluster.name: self.original}).__getitem__)
            self.output = made[self.cluster.name]
            index = json.loads((self.folder / "out" / "index.json").read_text())
            steps = next(one for one in index["clusters"] if one["name"] == self.cluster.name)["steps"]
            self.steps = {action: [step["command"] for step in steps if step["action"] == action] for action in
                          ("apply", "patch", "wait")}
            yield "the commands are those of STEPS.md", self.printed()
            yield "Secret", self.secret()
            yield "patch after a change of status", self.first()
            yield "waiting for KKP", self.waits()
            yield "patch again", self.again()
            yield "patch after a change of the values", self.changed()
            if self.block:
                yield "patch where the CRD prunes valuesBlock", self.pruned()
            yield "patch of another object of that name", self.foreign()

    # What happens to the object

    def install_crd(self, release):
        definition = crd.real(release)
        text = definition.read_text() if definition else json.dumps(crd.stand_in(release))
        self.server.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=text)
        self.server.kubectl("wait", "--for=condition=Established", f"crd/{crd.RESOURCE}", "--timeout=30s")
        self.server.wait_for(lambda: not self.server.kubectl("get", crd.RESOURCE, "-A", check=False).returncode, "the CRD", 30)

    def create(self):
        self.server.kubectl("delete", "--ignore-not-found", *NAME)
        installation = goyaml.load_yaml(self.cluster.object_path.read_text())
        for field in ("uid", "resourceVersion"):
            del installation["metadata"][field]
        self.server.kubectl("create", "-f", "-", stdin=json.dumps(installation))

    def created_whole(self):
        """A new object with nothing pruned off it: a CRD takes a moment to be served."""
        self.create()
        return bool(self.current()["spec"].get("valuesBlock")) == self.block

    def restore(self, **spec):
        """Back to the spec that was dumped, with `spec` in place of some of it."""
        wanted = [{"op": "replace", "path": "/spec", "value": {**self.original["spec"], **spec}}]
        self.server.kubectl("patch", *NAME, "--type", "json", "-p", json.dumps(wanted))

    def current(self):
        return json.loads(self.server.kubectl("get", *NAME, "-o", "json").stdout)

    def patch(self):
        return [self.server.shell(command, self.folder / "out") for command in self.steps["patch"]]

    # The scenarios, each a list of faults

    def printed(self):
        # STEPS.md breaks long commands behind `&&` and between words; words and their order are the same.
        text = " ".join((self.folder / "out" / "STEPS.md").read_text().replace(" \\\n", " ").split())
        for command in (*self.steps["apply"], *self.steps["patch"], *self.steps["wait"]):
            if " ".join(command.split()) not in text:
                yield f"STEPS.md does not print: {command}"
        if len(self.steps["patch"]) != 1:
            yield f"{len(self.steps['patch'])} commands that patch"
        if any(" -p " in command for command in self.steps["patch"]):
            yield "the patch stands on the command line"

    def secret(self):
        if bool(self.output.secret) != bool(self.steps["apply"]):
            yield "Secret and commands that apply it do not go together"
        if not self.output.secret:
            return
        own = (cases.CASES / "pki" / f"{self.cluster.name}.ca.yaml").read_text()
        self.server.kubectl("apply", "--server-side", "-f", "-", stdin=own)
        for command in self.steps["apply"]:
            ran = self.server.shell(command, self.folder / "out")
            if ran.returncode:
                yield f"{command}: {ran.stderr.strip()}"
        stored = json.loads(self.server.kubectl("get", "secret", "cilium-ca", "-n", "kube-system", "-o", "json").stdout)
        if stored["data"] != self.output.secret["data"]:
            yield "the Secret is not what was rendered"
        if stored["metadata"].get("annotations"):
            yield "the Secret carries annotations"

    def first(self):
        self.observe("True")
        yield from (f"refused: {ran.stderr.strip()}" for ran in self.patch() if ran.returncode)
        for field in ("values", "valuesBlock"):
            if not goyaml.same(self.current()["spec"].get(field), self.output.after["spec"].get(field)):
                yield f"spec.{field} is not what the patch says"

    def waits(self):
        """KKP says Unknown while Helm works, then True or False, each for the generation that it has seen."""
        for command in self.steps["wait"]:
            if "applicationinstallation" not in command.lower():
                continue
            with self.server.background(command, self.folder / "out") as waiting:
                if waiting.ends_within(2):
                    yield "ends although KKP has not seen the patch"
                    continue
                self.observe("Unknown")
                if waiting.ends_within(2):
                    yield "ends although Helm still works"
                    continue
                self.observe("True")
                if not waiting.ends_within(20):
                    yield "goes on although the release is ready"
                elif waiting.process.returncode:
                    yield f"{command}: {waiting.process.stderr.read().strip()}"

    def observe(self, ready):
        """What KKP's controller writes into the status."""
        condition = {"status": ready, "lastHeartbeatTime": "2026-11-23T00:00:00Z",
                     "observedGeneration": self.current()["metadata"]["generation"]}
        status = {"status": {"method": "helm", "conditions": {"Ready": condition}}}
        self.server.kubectl("patch", *NAME, "--subresource", "status", "--type", "merge", "-p", json.dumps(status))

    def again(self):
        before = self.current()
        refused = any(ran.returncode for ran in self.patch())
        if refused != self.block:
            yield "refused" if refused else "accepted, although the block is another now"
        if self.current()["spec"] != before["spec"]:
            yield "changes the object a second time"

    def changed(self):
        """A block that someone changed since is left alone; a merge patch keeps what it does not name."""
        if self.block:
            self.restore(valuesBlock=self.original["spec"]["valuesBlock"] + "added: later\n")
        else:
            self.restore(values={**self.original["spec"]["values"], "added": "later"})
        before = self.current()
        refused = any(ran.returncode for ran in self.patch())
        after = self.current()
        if self.block and (not refused or after["spec"] != before["spec"]):
            yield "overwrites a block that was changed since it was dumped"
        if not self.block and (refused or after["spec"]["values"].get("added") != "later"):
            yield "loses a value that was added since"

    def pruned(self):
        self.restore()
        self.install_crd(WITHOUT_BLOCK)
        self.server.wait_for(lambda: "valuesBlock" not in self.current()["spec"], "the CRD without valuesBlock", 30)
        if not any(ran.returncode for ran in self.patch()):
            yield "accepted without effect"

    def foreign(self):
        self.install_crd(self.release)
        self.server.wait_for(self.created_whole, "the CRD with valuesBlock", 30)
        before = self.current()
        if not any(ran.returncode for ran in self.patch()):
            yield "accepted"
        if self.current()["spec"] != before["spec"]:
            yield "changes the wrong object"
