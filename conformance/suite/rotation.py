"""The CA of a running mesh is replaced, render by render: real charts, real certificates, and who trusts whom after every single step.

What etcd trusts it reads when its pod starts; certificates it reads at every handshake.
"""

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from judges import charts
from suite import cases, goyaml, helm, onepass, outputs, patches, pki
from suite.cluster import Cluster, flags_of, pod

# How `meshgen pki` makes the next CA, and the stages that are expected then where all charts can trust two CAs.
STORIES = {
    "the CA's key was stolen": ("ca", ["both", "leaves", "drop"]),
    "the CA ends": ("renew-ca", ["leaves"]),
}
NOBODY_TRUSTS_TWO = ["leaves"]


@dataclass
class Running(Cluster):
    """A cluster whose etcd goes on with the CAs that it has read at its start."""

    started: dict = field(default_factory=dict)
    rolls: bool = False

    def upgrade(self, manifests):
        before = self.template()
        after = next((one for one in manifests if (one["kind"], one["metadata"]["name"]) == ("Deployment", "clustermesh-apiserver")), None)
        self.rolls = after is not None and after["spec"]["template"] != before
        faults = super().upgrade(manifests)
        self.start()
        return faults

    def run_certgen(self, job):
        """Pods may start before the Job has issued anything: that is the worse case."""
        self.start()
        super().run_certgen(job)

    def an_hour_passes(self):
        """Jobs that are to be deleted some time after their end are, and the next upgrade makes them again."""
        lasting = {name for (kind, name), one in self.release.items() if kind == "Job" and "ttlSecondsAfterFinished" not in one["spec"]}
        self.jobs_done &= lasting

    def template(self):
        deployment = self.release.get(("Deployment", "clustermesh-apiserver"))
        return deployment and deployment["spec"]["template"]

    def start(self):
        """The pod starts, if it has to and what it mounts is there."""
        if self.rolls and not list(self.missing_mounts(only=charts.apiserver(self))):
            self.restart()

    def restart(self):
        self.rolls, self.started = False, {}
        deployment = charts.apiserver(self)
        etcd = next(one for one in pod(deployment)["containers"] if one["name"] == "etcd")
        path = flags_of(etcd)["trusted-ca-file"]
        self.started = {path: self.mounted(deployment, "etcd", path.rpartition("/")[0])[path]}

    def mounted(self, workload, container_name, directory):
        files = super().mounted(workload, container_name, directory)
        if container_name == "etcd":
            files |= {path: data for path, data in self.started.items() if path in files}
        return files


class World:
    """Clusters that share a CA, in their first mesh. `spoil(stage, name, values, secret)` may give other (values, secret)."""

    def __init__(self, versions, kvstoremesh, spoil=None):
        self.case = cases.Case("rotation", "sharedCA", cases.three_clusters(*versions), kvstoremesh)
        self.spoil = spoil
        self.objects = {one.name: cases.installation(one) for one in self.case.clusters}
        self.states = {one.name: Running.born(pki.issue_ca()) for one in self.case.clusters}
        self.cut = {}  # of two clusters, in no order: the first reason
        self.watcher = lambda where: None
        self.stage = None
        self.patched = set()
        # Up to 1.13 peers hold each other's certificates, which `pki remote` makes.
        self.remotes = "remote-old" if any(cases.number(one.cilium) < (1, 14) for one in self.case.clusters) else None

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name)
        onepass.meshgen(self.folder, "pki", "ca", "-o", "old", "--now", onepass.START)
        self.mesh_file(None)
        self.make_remotes()
        for _ in range(2):
            self.dump()
            self.steps()
        self.dump()
        self.cut.clear()
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def next(self, kind):
        """A further CA, named as the next one."""
        words = ["mesh.yaml"] if kind == "renew-ca" else []
        onepass.meshgen(self.folder, "pki", kind, *words, "-o", "new", "--now", onepass.START, "--days", "1200")
        self.mesh_file("new")
        for state in self.states.values():
            state.an_hour_passes()

    def make_remotes(self):
        if self.remotes:
            onepass.meshgen(self.folder, "pki", "remote", "-o", self.remotes, "--now", onepass.START)

    def mesh_file(self, next_ca):
        mesh = outputs.mesh_with(self.case, "mesh", {})
        mesh["ca"] = onepass.files("old/ca") | ({"next": onepass.files(f"{next_ca}/ca")} if next_ca else {})
        for cluster in mesh["clusters"]:
            del cluster["dumps"]  # they are where meshgen looks for them by itself
            if self.remotes:
                cluster["remoteCert"] = onepass.files(f"{self.remotes}/{cluster['name']}/tls")
        (self.folder / "mesh.yaml").write_text(json.dumps(mesh, indent=2))

    def dump(self):
        for name, state in self.states.items():
            folder = self.folder / "dumps" / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "cilium.yaml").write_text(json.dumps(self.objects[name]))
            for secret in ("cilium-ca", "clustermesh-apiserver-remote-cert"):
                if data := state.objects.get(("Secret", secret)):
                    (folder / f"{secret}.yaml").write_text(json.dumps(cases.secret(secret, data)))

    def plan(self):
        """What plan says; where it says that remote certificates are by the CA of before, others are made, as its help has it."""
        try:
            return json.loads(onepass.meshgen(self.folder, "plan", "--format", "json").stdout)
        except onepass.Failed as failed:
            if self.remotes == "remote-new" or "error[remote-cert-wrong-ca]" not in str(failed) or "meshgen pki remote" not in str(failed):
                raise
        self.remotes = "remote-new"
        self.mesh_file("new")
        self.make_remotes()
        return self.plan()

    def announced(self):
        return {frozenset(pair) for pair in self.plan()["rotation"]["cut"]}

    # What the engineer does

    def rotate(self):
        """From stage to stage until it is done; the stages."""
        stages = []
        for _ in range(6):
            self.stage = self.plan()["rotation"]["stage"]
            if self.stage == "done":
                return stages
            stages.append(self.stage)
            self.steps()
            self.dump()
        raise outputs.Failed(f"the rotation does not end: {stages}")

    def steps(self):
        outputs.render(self.folder / "mesh.yaml", self.folder / "out", "--phase", "mesh")
        index = json.loads((self.folder / "out" / "index.json").read_text())
        for entry in index["clusters"]:
            for step in entry["steps"]:
                if self.step(entry["name"], step):
                    self.judge()
            self.watcher(f"{self.stage}, {entry['name']}")

    def step(self, name, step):
        """Whether it changed the cluster."""
        state = self.states[name]
        if step["action"] == "apply":
            secret = goyaml.load_yaml((self.folder / "out" / step["file"]).read_bytes())
            state.apply_secret(self.spoilt(name, None, secret)[1])
            if self.reconciles_always(name):
                self.upgrade(name, outputs.read_values(self.objects[name]))
        elif step["action"] == "patch":
            self.patch(name, self.folder / "out" / step["file"])
        elif step["action"] == "restart" and "deployment/clustermesh-apiserver" in step["command"]:
            state.restart()
        else:
            return False
        return True

    def patch(self, name, file):
        self.patched.add(name)
        before = outputs.read_values(self.objects[name])
        self.objects[name] = patches.apply(self.objects[name], "json" if file.suffix == ".json" else "merge", goyaml.load_yaml(file.read_bytes()))
        after = self.spoilt(name, outputs.read_values(self.objects[name]), None)[0]
        if before != after or self.reconciles_always(name):
            self.upgrade(name, after)

    def reconciles_always(self, name):
        """Up to KKP 2.25 every reconcile is an upgrade by Helm, so one follows each change by itself; later only changed values are."""
        return cases.number(self.member(name).kkp) < (2, 26)

    def member(self, name):
        return next(one for one in self.case.clusters if one.name == name)

    def upgrade(self, name, values):
        manifests, error = helm.template(self.member(name).cilium, values)
        faults = [error] if error else self.states[name].upgrade(manifests)
        if faults:
            raise outputs.Failed(f"{name}: {faults}")

    def spoilt(self, name, values, secret):
        return self.spoil(self.stage, name, values, secret) if self.spoil else (values, secret)

    # Who trusts whom

    def judge(self):
        for one in self.case.clusters:
            for other in self.case.peers(one, "mesh"):
                if not all(charts.agent(state) for state in (self.states[one.name], self.states[other.name]) if state.release):
                    continue
                if all(state.release for state in (self.states[one.name], self.states[other.name])):
                    for fault in charts.dial(self.states, one, other):
                        self.cut.setdefault(frozenset((one.name, other.name)), f"{self.stage}: {one.name} to {other.name}: {fault}")

    def still_trusted(self):
        """Where the old CA is trusted although it has been replaced."""
        old = (self.folder / "old/ca.crt").read_text().strip()
        for name, state in self.states.items():
            files = {"etcd": charts.etcd(state)["trusted-ca-file"], **{f"{key[1]}/{field_}": data for key, content in state.objects.items()
                     for field_, data in content.items() if key[0] in ("Secret", "ConfigMap") and field_.endswith("ca.crt")}}
            yield from (f"{name}: {place} still has the old CA" for place, data in files.items() if old in data.decode() and "hubble" not in place)


def faults(versions, kvstoremesh, story, spoil=None, announced=None, read_back=False):
    """What is wrong with a whole rotation. `read_back`: the certificates that peers hold on 1.13 come from dumps, until others are made."""
    kind, usual = STORIES[story]
    try:
        with World(versions, kvstoremesh, spoil) as world:
            if read_back:
                world.remotes = None
                world.mesh_file(None)
            world.next(kind)
            promised = world.announced() if announced is None else announced
            stages = world.rotate()
            if len(promised) == 3:
                usual = NOBODY_TRUSTS_TWO
            return [*told(world, promised), *world.still_trusted(),
                    *([] if stages == usual else [f"its stages are {stages}, not {usual}"])]
    except (outputs.Failed, onepass.Failed, charts.Broken) as failed:
        return [str(failed)]


def told(world, promised):
    """Cut is what `plan` has announced, and nothing else."""
    for pair, why in world.cut.items():
        if pair not in promised:
            yield f"cut without a word: {why}"
    for pair in promised - world.cut.keys():
        yield f"announced as cut, and is not: {sorted(pair)}"
