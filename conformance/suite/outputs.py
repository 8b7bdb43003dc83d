"""What meshgen made of a case: its output folder, read and applied to the dumped objects."""

import base64
import hashlib
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from suite import cache, cases, goyaml, patches


KINDS = ("secret", "patch")  # the files that a cluster is given, and so what is judged and recorded


@dataclass
class Output:
    """One cluster's part: the object before and after the patch, and the Secret that goes first."""

    phase: str
    before: dict
    after: dict
    patch_type: str = "merge"
    patch: object = None
    secret: dict | None = None

    @property
    def values(self):
        return read_values(self.after)

    @property
    def values_before(self):
        return read_values(self.before)


def read_values(installation):
    """The values that KKP hands to Helm."""
    block = installation["spec"].get("valuesBlock")
    return goyaml.load_go(block) if block else installation["spec"].get("values") or {}


def meshgen_binary():
    """The program under judgement: MESHGEN_BIN, else what `cargo build --release` makes."""
    return Path(os.environ.get("MESHGEN_BIN") or cases.HERE.parent / "target" / "release" / "meshgen")


def build():
    """Makes sure that there is a program to judge; says why not."""
    if not os.environ.get("MESHGEN_BIN"):
        built = subprocess.run(["cargo", "build", "--release", "--locked", "--quiet"], cwd=cases.HERE.parent, check=False)
        if built.returncode:
            return "cargo build --release fails"
    return None if os.access(meshgen_binary(), os.X_OK) else f"no program at {meshgen_binary()}"


class Failed(Exception):
    """meshgen itself refused the case."""


def render(mesh_file, folder, *arguments):
    command = [str(meshgen_binary()), "render", "-o", str(folder), *arguments, str(mesh_file)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise Failed(f"meshgen render exits {run.returncode}: {run.stderr.strip()[:20_000]}")


def validate(mesh):
    """The codes of what `meshgen validate` finds in a mesh."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mesh.yaml"
        path.write_text(json.dumps(mesh))
        ran = subprocess.run([str(meshgen_binary()), "validate", "--format", "json", str(path)], capture_output=True, text=True, check=False)
        return {finding["code"] for finding in json.loads(ran.stdout)["findings"]}


def read(folder, before):
    """(outputs by cluster, digest) of an output folder; `before` gives the dumped object of a cluster."""
    index = json.loads((folder / "index.json").read_text())
    digest = hashlib.sha256()
    outputs = {}
    for cluster in index["clusters"]:
        installation = before(cluster["name"])
        output = Output(cluster["phase"], installation, installation)
        for one in cluster["files"]:
            content = (folder / one["path"]).read_bytes()
            if one["kind"] == "secret":
                output.secret = goyaml.load_yaml(content)
            elif one["kind"] == "patch":
                output.patch_type = one["patchType"]
                output.patch = goyaml.load_yaml(content)
                output.after = patches.apply(installation, output.patch_type, output.patch)
            else:
                continue
            digest.update(content)
        outputs[cluster["name"]] = output
    return outputs, digest.hexdigest()


def of_case(case, phase):
    """(outputs, digest) of one committed case, freshly rendered."""
    objects = {cluster.name: goyaml.load_yaml(cluster.object_path.read_text()) for cluster in case.clusters}
    with tempfile.TemporaryDirectory() as folder:
        render(case.mesh_file(phase), Path(folder), "--phase", phase)
        return read(Path(folder), objects.__getitem__)


def mesh_with(case, phase, dumped):
    """The case's mesh for any folder: dumps by absolute path, some ApplicationInstallations replaced (paths by cluster)."""
    mesh = goyaml.load_yaml(cases.mesh_yaml(case, join=phase == "join"))
    for cluster in mesh["clusters"]:
        files = [(cases.CASES / "pki" / dump).resolve() for dump in cluster["dumps"]]
        cluster["dumps"] = [str(dumped.get(cluster["name"], files[0])), *map(str, files[1:])]
        if cluster["name"] in dumped:
            del cluster["podCIDRs"], cluster["proxyMode"]
    return mesh


def render_mesh(case, phase, folder, dumped):
    """Renders the case into folder/out with other ApplicationInstallation dumps (paths by cluster)."""
    mesh = mesh_with(case, phase, dumped)
    (folder / "mesh.yaml").write_text(json.dumps(mesh))
    render(folder / "mesh.yaml", folder / "out", "--phase", phase)


def own_ca(name):
    """The CA that a cluster of the cases was born with: (certificate, key)."""
    data = goyaml.load_yaml((cases.CASES / "pki" / f"{name}.ca.yaml").read_text())["data"]
    return base64.b64decode(data["ca.crt"]), base64.b64decode(data["ca.key"])


def chosen(options):
    """The (case, phase) pairs that the command line asks for."""
    for case in cases.all_cases():
        if not options.case or any(case.id.startswith(prefix) for prefix in options.case):
            yield from ((case, phase) for phase in case.phases)
