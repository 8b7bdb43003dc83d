"""mesh.lock.yaml and `init --add`: what a cluster was given once stays its own, and a new entry touches no other byte of mesh.yaml.

Each session is a folder of its own: a mesh is rendered with `--lock`, mesh.yaml is changed as a person changes it, and meshgen is asked again.
"""

import ipaddress
import json
import subprocess
import tempfile
from pathlib import Path

import yaml

from suite import goyaml, onepass, outputs
from suite.report import Verdict


def run(options):
    for what, change in CHANGES.items():
        yield Verdict.of(what, in_folder(changed, change))
    for what, change in HARMLESS.items():
        yield Verdict.of(f"{what} is no change", in_folder(harmless, change))
    yield Verdict.of("what a former cluster had is never proposed again", in_folder(never_again))
    for what, text in PAGES.items():
        yield Verdict.of(f"a cluster is added to {what}", in_folder(added, text))


def in_folder(judge, *words):
    with tempfile.TemporaryDirectory() as folder:
        return list(judge(Path(folder), *words))


def meshgen(folder, *words):
    return subprocess.run([str(outputs.meshgen_binary()), *words], cwd=folder, capture_output=True, text=True, check=False)


# The lock


def entry(number, **more):
    service = {"type": "NodePort", "nodePort": 32000 + number}
    return {"name": f"cluster-{number}", "id": number, "podCIDRs": [f"172.{24 + number}.0.0/16"], "apiserver": {"service": service}} | more


def mesh():
    return {"apiVersion": "meshgen/v1", "ca": onepass.files("ca/ca"), "defaults": {"kkp": "2.25.8", "cilium": "1.14.9"},
            "clusters": [entry(number) for number in (1, 2, 3)]}


def begun(folder):
    """The mesh, which was rendered with a lock."""
    onepass.meshgen(folder, "pki", "ca", "-o", "ca")
    wanted = mesh()
    write(folder, wanted)
    onepass.meshgen(folder, "render", "mesh.yaml", "-o", "out", "--lock")
    return wanted


def write(folder, wanted):
    (folder / "mesh.yaml").write_text(yaml.safe_dump(wanted, sort_keys=False))


def replaced(**more):
    """cluster-2 goes, and another one comes that has something of it."""
    def change(wanted):
        wanted["clusters"][1] = entry(4, **more)
    return change


def returns_as_another(wanted):
    wanted["clusters"] = [*wanted["clusters"], wanted["clusters"][1] | {"name": "cluster-4", "podCIDRs": ["172.28.0.0/16"], "id": 4}]
    del wanted["clusters"][1]


# By what is changed: how. Each is a fault of the second cluster, or of the one that takes its place.
CHANGES = {
    "another ID": lambda wanted: wanted["clusters"][1].update(id=7),
    "IDs that change places": lambda wanted: (wanted["clusters"][1].update(id=3), wanted["clusters"][2].update(id=2)),
    "another name": lambda wanted: wanted["clusters"][1].update(name="renamed"),
    "another range": lambda wanted: wanted["clusters"][1].update(podCIDRs=["172.40.0.0/16"]),
    "a wider range": lambda wanted: wanted["clusters"][1].update(podCIDRs=["172.26.0.0/15"]) or wanted["clusters"].pop(2),
    "another node port": lambda wanted: wanted["clusters"][1]["apiserver"]["service"].update(nodePort=32100),
    "the ID of a former cluster": replaced(id=2),
    "the range of a former cluster": replaced(podCIDRs=["172.26.0.0/16"]),
    "a part of the range of a former cluster": replaced(podCIDRs=["172.26.128.0/17"]),
    "the node port of a former cluster": returns_as_another,
}
HARMLESS = {
    "another order": lambda wanted: wanted["clusters"].reverse(),
    "a cluster that goes": lambda wanted: wanted["clusters"].pop(),
    "a cluster that comes": lambda wanted: wanted["clusters"].append(entry(4)),
}


def changed(folder, change):
    """Refused by validate and render, with nothing written; allowed where the clusters are unlocked."""
    wanted = begun(folder)
    before = contents(folder)
    change(wanted)
    write(folder, wanted)
    for words in (("validate",), ("render", "mesh.yaml", "-o", "out"), ("render", "mesh.yaml", "-o", "out", "--lock")):
        ran = meshgen(folder, *words)
        if ran.returncode != 1 or "error[lock-changed]" not in ran.stdout + ran.stderr:
            yield f"{' '.join(words)} exits {ran.returncode}: {(ran.stdout + ran.stderr).strip()[:300]}"
    now = contents(folder)
    yield from (f"{path} is another" for path in before.keys() | now.keys() if path != "mesh.yaml" and before.get(path) != now.get(path))
    unlocked = [word for one in wanted["clusters"] for word in ("--unlock", one["name"])]
    ran = meshgen(folder, "render", "mesh.yaml", "-o", "out", "--lock", *unlocked)
    if ran.returncode:
        yield f"it stays refused where it is unlocked: {ran.stderr.strip()[:300]}"
    ran = meshgen(folder, "validate")
    if ran.returncode:
        yield f"it is refused after it was noted: {ran.stdout.strip()[:300]}"


def harmless(folder, change):
    wanted = begun(folder)
    change(wanted)
    write(folder, wanted)
    ran = meshgen(folder, "render", "mesh.yaml", "-o", "out")
    if ran.returncode:
        yield f"it is refused: {ran.stderr.strip()[:300]}"
    if ids(folder) != {one["name"]: one["id"] for one in wanted["clusters"]}:
        yield f"the IDs are {ids(folder)}"


def ids(folder):
    index = json.loads((folder / "out/index.json").read_text())
    return {one["name"]: one["id"] for one in index["clusters"]}


def never_again(folder):
    """A cluster goes, and others are added until nothing of it could be taken by chance."""
    wanted = begun(folder)
    gone = wanted["clusters"].pop(0)
    write(folder, wanted)
    onepass.meshgen(folder, "render", "mesh.yaml", "-o", "out", "--lock")
    for number in range(10, 14):
        text = (folder / "mesh.yaml").read_bytes()
        onepass.meshgen(folder, "init", ".", "--add", f"new-{number}")
        yield from one_entry_more(folder, text, f"new-{number}", gone)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# A further entry

HEAD = 'apiVersion: meshgen/v1\nmesh: production # ours\ndefaults: {kkp: "2.31.0", cilium: 1.19.4}\n'
BLOCK = HEAD + """clusters:
  # the first one
  - name: cluster-1   # since 2024
    id: 1
    podCIDRs: [172.25.0.0/16]
  - {name: "cluster-2", id: 2, podCIDRs: [ 172.26.0.0/16 ]}
"""
# By what they are: pages as people write them.
PAGES = {
    "a list of blocks": BLOCK,
    "a page with line ends of Windows": BLOCK.replace("\n", "\r\n"),
    "a page whose last line has no end": BLOCK.rstrip("\n"),
    "a page that goes on behind the list": BLOCK + "\n# the end of the clusters\nservices: []\n",
    "a page that is indented deeply": BLOCK.replace("\n  ", "\n        "),
    "a page whose list is not indented": BLOCK.replace("\n  ", "\n"),
    "a list in brackets": HEAD + "clusters: [{name: cluster-1, id: 1, podCIDRs: [172.25.0.0/16]}]\n",
    "a list in brackets over lines": HEAD + "clusters: [\n  {name: cluster-1, id: 1, podCIDRs: [172.25.0.0/16]}, # one\n]\n",
    "a list that is empty": HEAD + "clusters: []\n",
    "a page with a mark at its beginning": "\ufeff" + BLOCK,
    "a page with markers": "---\n" + BLOCK + "...\n",
    "a page of JSON": json.dumps({"apiVersion": "meshgen/v1", "clusters": [entry(1)], "defaults": {"kkp": "2.31.0", "cilium": "1.19.4"}}, indent=2),
    "a page with an anchor": HEAD + "clusters:\n  - &one {name: cluster-1, id: 1, podCIDRs: [172.25.0.0/16]}\n",
}


def added(folder, text):
    (folder / "mesh.yaml").write_bytes(before := text.encode())
    ran = meshgen(folder, "init", ".", "--add", "cluster-9")
    if ran.returncode:
        if (folder / "mesh.yaml").read_bytes() != before:
            yield "it is refused, and written all the same"
        if ran.returncode != 2 or not ran.stderr.strip():
            yield f"it exits {ran.returncode}: {ran.stderr.strip()[:300]}"
        return
    yield from one_entry_more(folder, before, "cluster-9", None)


def one_entry_more(folder, before, name, gone):
    """One piece was inserted, and it is an entry that clashes with none, nor with one that is gone."""
    after = (folder / "mesh.yaml").read_bytes()
    kept = next((at for at in range(len(before) + 1) if after[:at] + after[at + len(after) - len(before):] == before), None)
    if kept is None or len(after) <= len(before):
        yield "bytes that were there are others"
    ran = meshgen(folder, "validate")
    if ran.returncode:
        yield f"it does not validate afterwards: {ran.stdout.strip()[:300]}"
    clusters = goyaml.load_yaml(after.decode().removeprefix("\ufeff"))["clusters"]
    if clusters[-1]["name"] != name or len(clusters) != len((goyaml.load_yaml(before.decode().removeprefix("\ufeff"))["clusters"] or [])) + 1:
        yield f"the clusters are {[one['name'] for one in clusters]}"
    new, others = clusters[-1], [*clusters[:-1], *([gone] if gone else [])]
    if new["id"] in [one["id"] for one in others]:
        yield f"the ID {new['id']} is taken"
    overlaps = [one["name"] for one in others if net(one).overlaps(net(new))]
    if overlaps:
        yield f"its range overlaps {overlaps}"


def net(one):
    return ipaddress.ip_network(one["podCIDRs"][0])
