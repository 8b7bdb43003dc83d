"""Meshes around every object that KKP's own controllers were seen to write (data/objects): cluster-1 holds it."""

import dataclasses
import tempfile
from pathlib import Path

import yaml

from suite import cases, goyaml, kkp, outputs


@dataclasses.dataclass(frozen=True)
class Held:
    """One of KKP's own objects, held by cluster-1 of a mesh."""

    path: Path
    trust: str
    phase: str

    @property
    def label(self):
        return f"{self.path.stem}, {self.trust}, {self.phase}"

    @property
    def release(self):
        """The KKP release that wrote it last."""
        return self.path.stem.split("-")[0]

    @property
    def installation(self):
        out = goyaml.load_yaml(self.path.read_text())
        out["metadata"] |= {"uid": "00000000-0000-4000-8000-0000000000aa", "resourceVersion": "1"}
        return out

    @property
    def version(self):
        return self.installation["spec"]["applicationRef"]["version"]

    @property
    def pair_cannot_render(self):
        """Whether this chart refuses the `kubeProxyReplacement` that this KKP enforces: no patch can help."""
        return kkp.release(self.release) >= (2, 26) and (1, 13, 4) <= cases.number(self.version) < (1, 14)

    @property
    def case(self):
        one = cases.Case("held", self.trust, cases.three_clusters(self.version), False if self.trust == "bundle" else None)
        has_ca = kkp.dig(outputs.read_values(self.installation), ("tls", "ca")) is not kkp.MISSING
        holder = dataclasses.replace(one.clusters[0], kkp_release=self.release, born_with_ca=has_ca)
        return dataclasses.replace(one, clusters=(holder, *one.clusters[1:]))

    def render(self):
        """What meshgen makes of the mesh, by cluster."""
        case, installation = self.case, self.installation
        before = {cluster.name: goyaml.load_yaml(cluster.object_path.read_text()) for cluster in case.clusters[1:]}
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            dump = folder / "held.yaml"
            dump.write_text(yaml.dump(installation, Dumper=cases.Block))
            outputs.render_mesh(case, self.phase, folder, {case.clusters[0].name: dump})
            return outputs.read(folder / "out", {**before, case.clusters[0].name: installation}.__getitem__)[0]


def held():
    for path in sorted(cases.OBJECTS.glob("*.yaml")):
        version = goyaml.load_yaml(path.read_text())["spec"]["applicationRef"]["version"]
        trusts = ("sharedCA", "inline", "bundle") if cases.number(version) >= (1, 14) else ("sharedCA",)
        for trust in trusts:
            for phase in cases.PHASES:
                yield Held(path, trust, phase)
