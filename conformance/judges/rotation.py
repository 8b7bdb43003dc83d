"""The CA of a running mesh is replaced: whoever loses trust in whom, at any step, is who `plan` has said is cut."""

from suite import helm, parallel, rotation
from suite.report import Verdict, skipped

# Cilium versions of the clusters, and whether KVStoreMesh runs. Of the last two meshes some pairs are cut, and so where 1.13 is.
MESHES = (
    (("1.13.0",), False), (("1.13.14",), False), (("1.13.14", "1.14.16", "1.14.16"), False),
    (("1.14.16",), False), (("1.15.16",), False), (("1.16.9",), False), (("1.18.10",), True), (("1.19.4",), True), (("1.20.0",), True),
    (("1.17.16", "1.19.4", "1.20.0"), True), (("1.16.9",), True),
)


def run(options):
    chosen = []
    for versions, kvstoremesh in MESHES:
        for story in rotation.STORIES:
            absent = [version for version in versions if not helm.archive(version).exists()]
            if absent:
                yield skipped(subject(versions, kvstoremesh, story), f"no {helm.archive(absent[0]).name}")
            else:
                chosen.append((versions, kvstoremesh, story))
    for one, faults in zip(chosen, parallel.each(faults_of, chosen)):
        yield Verdict.of(subject(*one), faults)
    if helm.archive("1.13.14").exists():
        for story in rotation.STORIES:
            yield Verdict.of(f"1.13.14, certificates read back, {story}", rotation.faults(("1.13.14",), False, story, read_back=True))


def subject(versions, kvstoremesh, story):
    return f"{' '.join(versions)}{' with KVStoreMesh' if kvstoremesh else ''}, {story}"


def faults_of(one):
    return rotation.faults(*one)
