"""What goes wrong while the engineer works, and what the scripts must say and leave alone then.

Each mishap gets a Walk of two clusters that is begun; it gives faults, and goes on to the end by what the script says is next.
"""

import base64
import os
import re
import subprocess

from suite import goyaml
from suite.desk import contents

ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def stops(ran, *words):
    """A script that stops says where, what and how to go on, and exits with 1."""
    if ran.code != 1:
        yield f"exits {ran.code}, not 1: {ran.said[-300:]}"
    if not ran.last.startswith("Next: "):
        yield f"does not end with what is next: {ran.last}"
    for word in words:
        if word not in ran.said:
            yield f"does not say {word!r}: {ran.said[-600:]}"


def ends_well(walk):
    walk.to_the_end()
    walk.once_more()
    yield from walk.all_faults()


def unreachable(walk):
    walk.desk.unreachable.add("cluster-2")
    before = contents(walk.desk.work)
    yield from stops(walk.desk.script("dump.sh"), "not read: cluster-2")
    if contents(walk.desk.work) != before:
        yield "dump.sh changed dumps although nothing is new"
    walk.render()
    yield from stops(walk.steps(), "of cluster-2", "Unable to connect")
    walk.desk.unreachable.clear()
    yield from ends_well(walk)


def wrong_context(walk):
    """The context of cluster-2 leads to a stranger's cluster."""
    walk.render()
    walk.need(walk.steps("--cluster", "cluster-1"))
    walk.desk.contexts["cluster-2"] = "stranger"
    walk.desk.write_kubeconfig()
    stranger, before = walk.desk.clusters["stranger"], contents(walk.desk.work / "dumps/cluster-2")
    held = everything(walk, stranger)
    yield from stops(walk.steps(), "another cluster", "cluster-2")
    yield from stops(walk.desk.script("dump.sh", "cluster-2"), "another cluster answers")
    now = everything(walk, stranger)
    changed = sorted(key for key in held.keys() | now.keys() if held.get(key) != now.get(key))
    if changed:
        yield f"the stranger's cluster was changed: {[base64.b64decode(key).decode() for key in changed]}"
    if contents(walk.desk.work / "dumps/cluster-2") != before:
        yield "the dumps were changed"
    walk.desk.contexts["cluster-2"] = "cluster-1"
    walk.desk.write_kubeconfig()
    yield from stops(walk.desk.script("dump.sh"), "not read: cluster-2")
    walk.desk.contexts["cluster-2"] = "cluster-2"
    walk.desk.write_kubeconfig()
    yield from ends_well(walk)


def everything(walk, cluster):
    return {key: value for key, value in walk.fleet.save().items() if walk.fleet.owner(key) == cluster.place}


def edited(walk):
    """Somebody changes the values between render and steps.sh."""
    walk.render()
    cluster = walk.clusters["cluster-1"]
    installation = cluster.installation()
    block = goyaml.load_go(installation["spec"]["valuesBlock"])
    cluster.server.merge("ApplicationInstallation", "kube-system", "cilium", {"spec": {
        "valuesBlock": installation["spec"]["valuesBlock"] + "debug:\n  enabled: true\n"}})
    cluster.settle()
    ran = walk.steps()
    yield from stops(ran, "step 1 of cluster-1", "that change has been kept")
    if (cluster.values()) != {**block, "debug": {"enabled": True}}:
        yield "the values are another than somebody left them"
    if (walk.desk.work / "dumps/cluster-1/.due").exists():
        yield "restarts are due although no patch was accepted"
    walk.need(walk.desk.next(ran))
    yield from ends_well(walk)
    if cluster.values().get("debug") != {"enabled": True}:
        yield "the change of somebody else is lost"


def late(walk):
    """Helm comes to no end in time."""
    walk.render()
    cluster = walk.clusters["cluster-1"]
    cluster.broken = True
    ran = walk.steps(environment={"MESHGEN_TIMEOUT": "2s"})
    yield from stops(ran, "step 2 of cluster-1", "after 2s", "kubectl describe")
    cluster.broken = False
    yield from stops(walk.desk.next(ran), "have not been restarted")  # it asks, and nobody answers
    yield from ends_well(walk)


def full_disk(walk):
    folder = walk.desk.work / "dumps/cluster-1"
    walk.render()
    before = contents(folder)
    with Full(folder):
        full = contents(folder)
        yield from stops(walk.desk.script("dump.sh"), "not read: cluster-1")
        if contents(folder) != full:
            yield "dump.sh harmed a dump"
        ran = walk.steps()
        yield from stops(ran, "cluster-1", "cannot write")
        yield from (f"changes a cluster of which it cannot note what is due: {' '.join(words)}" for words in ran.changes)
        if contents(folder) != full:
            yield "steps.sh harmed a dump"
    if contents(folder) != before:
        yield "the dumps are others than before"
    yield from ends_well(walk)


class Full:
    """A folder without room, for as long as the `with` block runs; its files are there."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        files = contents(self.folder)
        mount("-t", "tmpfs", "-o", "size=128k", "tmpfs", self.folder)
        for name, data in files.items():
            (self.folder / name).write_bytes(data)
        try:
            with open(self.folder / ".filler", "wb", buffering=0) as filler:
                while filler.write(b"x" * 512):
                    pass
        except OSError:
            pass

    def __exit__(self, *_):
        subprocess.run(["umount", self.folder], check=True)


def mount(*words):
    subprocess.run(["mount", *map(str, words)], check=True, capture_output=True)


def can_mount():
    return os.geteuid() == 0


MISHAPS = {
    "a cluster that cannot be reached": unreachable,
    "a context that is wrong": wrong_context,
    "values that somebody edits in between": edited,
    "a wait that runs out": late,
    "a full disk": full_disk,
}
