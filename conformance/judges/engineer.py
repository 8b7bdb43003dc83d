"""An engineer takes clusters from nothing to a running mesh with the scripts as they are: init, dump.sh, render, steps.sh.

Real: the API server of each cluster, its CRD, kubectl, the shell, meshgen. Played (suite/played.py): KKP, Helm, certgen, the
controllers of workloads, and `kubectl exec`.
"""

import json
import re
import shutil
import tempfile
from pathlib import Path

from suite import changes, goyaml, guises, kills, mishaps, readme, secondwalk, stories
from suite.desk import Desk, Stopped, contents
from suite.fleet import Fleet
from suite.played import Played
from suite.report import Verdict, skipped


FEW = 3  # kills of a form in a run that is not long


def run(options):
    with tempfile.TemporaryDirectory() as folder, Fleet(Path(folder), 5) as fleet:
        for story in chosen(options):
            yield Verdict.of(story.name, walk(fleet, story))
            yield from killed(fleet, story, options)
        if not options.case or "mishaps" in options.case:
            yield from mishaps_(fleet)
        if not options.case or "README" in options.case:
            for count in (2, 3, 5) if options.long else (2, 5):
                yield Verdict.of(f"the README's walk for {count} clusters", readme_walk(fleet, count))
        if not options.case or "one pass" in options.case:
            for story in stories.ONE_PASS:
                yield Verdict.of(f"the README's one pass for {story.name}", one_pass(fleet, story))
        if not options.case or "guises" in options.case:
            yield from guises_(fleet)
        if not options.case or "changes" in options.case:
            yield Verdict.of("another ID, then another Cilium, then another name, in a living mesh", changed(fleet, stories.THREE_SHARED))
            for story in stories.CHANGED if options.long else ():
                yield Verdict.of(f"another ID, then another name, in {story.name}", changed(fleet, story, (changes.renumbered, changes.renamed)))


def changed(fleet, story, of=changes.CHANGES, **spoil):
    """A finished mesh whose second cluster is changed; the faults. `spoil` alters what plan says."""
    with Walk(fleet, story) as walk_:
        try:
            walk_.begin()
            walk_.to_the_end()
            faults = [fault for change in of for fault in change(walk_, **spoil)]
        except Stopped as stopped:
            return [str(stopped)]
        return [*faults, *walk_.all_faults()]


def chosen(options):
    for story in stories.STORIES:
        if any(story.name.startswith(prefix) for prefix in options.case) if options.case else options.long or not story.long:
            yield story


def mishaps_(fleet):
    for name, mishap in mishaps.MISHAPS.items():
        if mishap is mishaps.full_disk and not mishaps.can_mount():
            yield skipped(name, "only root can mount a disk that is full")
            continue
        yield Verdict.of(name, meets(fleet, mishap))


def meets(fleet, mishap, **desk):
    """The faults of a walk of two clusters, a stranger's beside them, that meets a mishap."""
    with Walk(fleet, stories.TWO_SHARED, stranger=mishap is mishaps.wrong_context, **desk) as walk_:
        try:
            walk_.begin()
            return list(mishap(walk_))
        except Stopped as stopped:
            return [str(stopped)]


def guises_(fleet):
    for name, guise in guises.GUISES.items():
        yield Verdict.of(name, dressed(fleet, guise))
    for shell in (("dash",), ("busybox", "sh")):
        if not shutil.which(shell[0]):
            yield skipped(" ".join(shell), "it is not installed")
        else:
            yield Verdict.of(" ".join(shell), walk(fleet, stories.TWO_SHARED, shell=shell))


def dressed(fleet, guise, **desk):
    with Walk(fleet, stories.TWO_SHARED, **desk) as walk_:
        faults = []
        try:
            faults += guise(walk_)
        except Stopped as stopped:
            faults.append(str(stopped))
        return [*faults, *guises.was_run(walk_)]


def readme_walk(fleet, count):
    """Line by line as the README has it; `--yes` stands for the person who answers y."""
    said, lines = readme.walk()
    story = stories.Story("README", stories.members(count, "2.30.5", "1.18.10"))
    with Walk(fleet, story) as walk_:
        for line in lines:
            line = re.sub("--clusters [^ ]+", f"--clusters {','.join(one.name for one in story.members)}", line)
            ran = walk_.desk.run(["sh", "-c", line + (" --yes" if line.endswith("steps.sh") else "")])
            if ran.code:
                return [f"{line}: {ran.said[-600:]}"]
        if not walk_.is_done():
            walk_.faults.append("the mesh is not done at its end")
        if len(lines) != said:
            walk_.faults.append(f"the README says {said} commands, and has {len(lines)}")
        return walk_.all_faults()


def one_pass(fleet, story, **desk):
    """The README's second walk; the faults."""
    with Walk(fleet, story, **desk) as walk_:
        try:
            return list(secondwalk.faults(walk_))
        except Stopped as stopped:
            return [str(stopped)]


def killed(fleet, story, options):
    """Killed and run again: at a few places of each form, drawn by a fixed seed. With --long at ten places of every story, and
    after every command of those that say so."""
    is_whole = story.kills == "everywhere"
    if not story.kills or not (options.long or is_whole):
        return
    count = 10 if options.long else FEW
    with tempfile.TemporaryDirectory() as folder, Walk(fleet, story) as walk_:
        if options.long and is_whole:
            said, runs = "after every command", kills.everywhere(walk_, Path(folder))
        else:
            said, runs = f"{count} times", kills.at_random(walk_, Path(folder), count)
        for state, faults in runs:
            yield Verdict.of(f"{story.name}: killed {said}: {state.script} {state.number}", faults)


def walk(fleet, story, **desk):
    """From nothing to done; the faults."""
    with Walk(fleet, story, **desk) as walk_:
        try:
            walk_.whole()
        except Stopped as stopped:
            walk_.faults.append(str(stopped))
        return walk_.all_faults()


class Walk:
    """One story on a fleet; `desk` is what the engineer's machine is given."""

    def __init__(self, fleet, story, stranger=False, **desk):
        self.stranger = stranger
        self.fleet, self.story, self.desk_options = fleet, story, desk
        self.faults = []

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.fleet.restore(self.fleet.empty)
        clusters = {}
        stranger = (stories.Member("stranger", 9, "2.30.5", "1.18.10"),) if self.stranger else ()
        for place, member in enumerate((*self.story.members, *stranger), 1):
            self.fleet.install(place, member.crd)
            played = Played(self.fleet.servers[place - 1], member.name, member.kkp, member.cilium, member.installation(), place)
            played.born()
            clusters[member.name] = played
        self.clusters = {name: one for name, one in clusters.items() if name != "stranger"}
        self.desk = Desk(Path(self.temporary.name), clusters, **self.desk_options)
        self.desk.__enter__()
        return self

    def __exit__(self, *_):
        self.desk.__exit__()
        self.temporary.cleanup()

    # What the engineer does

    def whole(self):
        story = self.story
        self.begin()
        self.to_the_end(story.rounds)
        self.once_more()
        if story.later:
            self.join()
            self.to_the_end(story.rounds)
            self.once_more()
        if story.leaves:
            self.leave()

    def begin(self, dump=None):
        first = self.story.members[0]
        names = ",".join(member.name for member in self.story.first_members)
        self.need(self.desk.meshgen("init", "walk", "--clusters", names, "--kkp", first.kkp, "--cilium", first.cilium))
        self.edit(self.settings)
        self.render()
        dump("dump.sh") if dump else self.need(self.desk.script("dump.sh"))

    def join(self):
        """Those that come later."""
        for member in self.story.members[len(self.story.first_members):]:
            self.need(self.desk.meshgen("init", "walk", "--add", member.name, "--kkp", member.kkp, "--cilium", member.cilium))
            self.render()
            self.need(self.desk.script("dump.sh", member.name))

    def leave(self):
        """One is told to leave; its entry is deleted when steps.sh says so."""
        self.edit(lambda mesh: entry(mesh, self.story.leaves).update(leaves=True))
        self.to_the_end(2)
        self.desk.settle()
        ran = self.once_more()
        if "may be deleted" not in ran.said:
            self.faults.append("nothing says that the entry may be deleted")
        gone = self.clusters.pop(self.story.leaves)
        if gone.server.get("Deployment", "kube-system", "clustermesh-apiserver"):
            self.faults.append(f"{gone.name} still has a clustermesh-apiserver")
        self.faults += [*gone.faults, *gone.mesh_faults([])]
        self.edit(lambda mesh: mesh["clusters"].remove(entry(mesh, self.story.leaves)))
        self.once_more()

    def settings(self, mesh):
        """What a person changes in the proposed mesh.yaml."""
        if self.story.trust != "sharedCA":
            mesh["trust"] = self.story.trust
            mesh.pop("ca", None)
        for cluster, member in zip(mesh["clusters"], self.story.members):
            cluster |= {"kkp": member.kkp, "cilium": member.cilium}
            if self.story.known:
                cluster["apiserver"] = {"ips": [self.clusters[member.name].address()]}

    def edit(self, change):
        path = self.desk.work / "mesh.yaml"
        mesh = goyaml.load_yaml(path.read_text())
        before = json.dumps(mesh)
        change(mesh)
        if json.dumps(mesh) != before:
            path.write_text(json.dumps(mesh, indent=2))

    def render(self):
        self.need(self.desk.meshgen("render", "walk/mesh.yaml", "-o", "walk/out"))

    def steps(self, *words, **how):
        return self.desk.script("steps.sh", "--yes", *words, **how)

    def need(self, ran):
        if ran.code:
            raise Stopped(f"exit {ran.code}: {ran.said.strip()[-1500:]}")
        return ran

    def is_done(self):
        """Whether `plan` finds nothing to do and nothing missing."""
        plan = self.desk.meshgen("plan", "walk/mesh.yaml", "--detailed-exitcode")
        if plan.code not in (0, 2):
            raise Stopped(f"plan exits {plan.code}: {plan.said}")
        return plan.code == 0

    def to_the_end(self, rounds=None):
        """Render and steps.sh until done."""
        for count in range(1, 7):
            self.render()
            self.need(self.steps())
            if self.is_done():
                if rounds is not None and count > rounds:
                    self.faults.append(f"{count} rounds, where {rounds} are enough")
                return
        self.faults.append(f"not done after {count} rounds")

    def once_more(self):
        """Reading, compiling and running again changes nothing."""
        self.desk.settle()
        self.need(self.desk.script("dump.sh"))
        self.render()
        before = contents(self.desk.work)
        ran = self.need(self.steps())
        self.faults += [f"changes a finished mesh: {' '.join(words)}" for words in ran.changes]
        if "meshgen verify" not in ran.last:
            self.faults.append(f"does not end with what is next: {ran.last}")
        now = contents(self.desk.work)
        self.desk.settle()
        changed = sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path) and "/checks/" not in path)
        self.faults += [f"{path} is another after a further dump, render and steps.sh" for path in changed]
        return ran

    def all_faults(self):
        shared = None
        if self.story.trust == "sharedCA":
            shared = next(iter(self.clusters.values())).secret("cilium-ca")["ca.crt"]
        for name, cluster in self.clusters.items():
            cluster.settle()
            self.faults += cluster.faults
            self.faults += cluster.left_due()
            self.faults += cluster.mesh_faults([one for one in self.clusters if one != name], shared)
        return self.faults + self.desk.faults


def entry(mesh, name):
    return next(cluster for cluster in mesh["clusters"] if cluster["name"] == name)
