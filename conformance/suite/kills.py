"""What a killed script leaves behind, and going on from there.

A killed script leaves the clusters and the folder as its last command left them, and nothing else. So a run is recorded once, with
each state that differs from the one before, and every state is gone on from. That stands for a kill after every single command.
"""

import base64
import hashlib
import json
import random
import shutil
from dataclasses import dataclass

from suite import goyaml, pki
from suite.desk import Stopped, contents

WAYS = ("nothing", "a render", "a dump and a render")


@dataclass
class State:
    """`script` is the one that was at work, `after` its last command."""

    script: str
    number: int
    after: str
    held: dict
    folder: object


class Recorder:
    """Keeps every state of a walk that differs from the one before."""

    def __init__(self, walk, folder):
        self.walk, self.folder = walk, folder
        self.states, self.seen = [], None
        self.starts = []  # of each run of a script: the state before, and how many commands it had
        walk.desk.watcher = self.note

    def run(self, script, *words):
        self.script = script
        before = self.keep(script, 0, "the start")
        ran = self.walk.need(self.walk.desk.script(script, *words))
        self.starts.append((before, len(ran.commands)))
        return ran

    def note(self, number, words):
        held = self.walk.fleet.save()
        here = contents(self.walk.desk.work)
        seen = hashlib.sha256(json.dumps([held, {path: data.hex() for path, data in here.items()}], sort_keys=True).encode()).digest()
        if seen != self.seen:
            self.seen = seen
            self.states.append(self.keep(self.script, number, " ".join(words)[:160], held))

    def keep(self, script, number, after, held=None):
        self.count = getattr(self, "count", 0) + 1
        folder = self.folder / str(self.count)
        shutil.copytree(self.walk.desk.work, folder)
        return State(script, number, after, held or self.walk.fleet.save(), folder)


def restore(walk, state):
    walk.fleet.restore(state.held)
    shutil.rmtree(walk.desk.work)
    shutil.copytree(state.folder, walk.desk.work)
    walk.desk.faults.clear()
    walk.faults.clear()


def end_of(walk):
    """What must be the same however often a script was killed. Leaves are told by what they prove: each run issues others."""
    walk.desk.settle()
    mesh = {name: (cluster.installation()["spec"], cluster.secret("cilium-ca")) for name, cluster in walk.clusters.items()}
    cas = {name: ca["ca.crt"] for name, (_, ca) in mesh.items()}
    return {name: {"spec": proofs(parsed(spec), cas), "cilium-ca": ca} for name, (spec, ca) in mesh.items()}


def parsed(spec):
    """A spec with the valuesBlock as a tree: certificates stand in it too."""
    return {**spec, "valuesBlock": goyaml.load_go(spec.get("valuesBlock") or "{}")}


def differences(one, other, path=""):
    """The paths at which two trees differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from differences(one.get(key), other.get(key), f"{path}/{key}")
    elif one != other:
        yield path


def proofs(tree, cas):
    """Values in which a certificate that is no CA's, with its key, is said by whom it is and for whom. `cas` are PEM, by name."""
    if isinstance(tree, list):
        return [proofs(one, cas) for one in tree]
    if not isinstance(tree, dict):
        return tree
    cert, key = pem(tree.get("cert")), pem(tree.get("key"))
    if cert and key and pki.key_fits(cert, key) and not pki.is_ca(cert):
        trusted = [name for name, ca in cas.items() if pki.distrust(cert, ca, "client auth") is None]
        return {**tree, "cert": f"of {pki.common_name(cert)} by the CA of {trusted}", "key": "its key"}
    return {key: proofs(one, cas) for key, one in tree.items()}


def pem(text):
    """The PEM of a value in base64, or None."""
    try:
        found = base64.b64decode(text or "", validate=True)
    except (TypeError, ValueError):
        return None
    return found if found.startswith(b"-----BEGIN ") else None


def record(walk, folder):
    """A whole story, recorded; the recorder and how it ends."""
    recorder = Recorder(walk, folder)
    walk.begin(dump=recorder.run)
    for _ in range(5):
        walk.render()
        recorder.run("steps.sh", "--yes")
        if walk.is_done():
            break
    walk.desk.watcher = None
    return recorder, end_of(walk)


def go_on(walk, state, wanted, way):
    """From a state to the end, in one of the `WAYS`; the faults."""
    faults = []
    try:
        if state.script == "dump.sh" or way == "a dump and a render":
            walk.need(walk.desk.script("dump.sh"))
        elif way == "nothing":
            walk.need(walk.steps())
        if not walk.is_done() or way != "nothing":
            walk.to_the_end()
        differ = list(differences(end_of(walk), wanted))
        if differ:
            faults.append(f"the clusters are not as they are without a kill: {', '.join(differ)}")
    except Stopped as stopped:
        faults.append(str(stopped))
    for cluster in walk.clusters.values():
        faults += [*cluster.left_due(), *cluster.faults]
        cluster.faults = []
        left = list((walk.desk.work / "dumps" / cluster.name).glob(".*"))
        faults += [f"{path.name} is left in the dumps of {cluster.name}" for path in left]
    return [f"killed in {state.script} after {state.after}, then {way} before it is run again: {fault}"
            for fault in faults + walk.desk.faults + walk.faults]


def everywhere(walk, folder, chosen=lambda state: True):
    """Every distinct state of the story that is chosen, gone on from in turn in each way; faults for each."""
    recorder, wanted = record(walk, folder)
    for count, state in enumerate(filter(chosen, recorder.states)):
        restore(walk, state)
        yield state, go_on(walk, state, wanted, WAYS[count % len(WAYS)])


def at_random(walk, folder, count, seed=14):
    """SIGKILL of the script and its kubectl at `count` places."""
    recorder, wanted = record(walk, folder)
    places = [(before, number) for before, commands in recorder.starts for number in range(1, commands + 1)]
    for turn, (before, number) in enumerate(random.Random(seed).sample(places, count)):
        restore(walk, before)
        words = ("--yes",) if before.script == "steps.sh" else ()
        ran = walk.desk.script(before.script, *words, kill_at=number)
        state = State(before.script, number, " ".join(ran.commands[-1])[:160], None, None)
        faults = [f"command {number} was not killed"] if ran.code != -9 else []
        yield state, faults + go_on(walk, state, wanted, WAYS[turn % len(WAYS)])
