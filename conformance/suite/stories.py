"""The meshes that the engineer builds: who their clusters are, and how they are born."""

from dataclasses import dataclass, replace

from suite import goyaml
from suite.cases import OBJECTS, number


@dataclass(frozen=True)
class Member:
    name: str
    id: int
    kkp: str
    cilium: str

    @property
    def pod_cidr(self):
        return f"172.{24 + self.id}.0.0/16"

    @property
    def written_by(self):
        """The KKP release that a recorded object is from, which is nearest to this one."""
        borders = (((2, 24), "2.22.13"), ((2, 25), "2.24.15"), ((2, 25, 9), "2.25.8"), ((2, 27), "2.25.18"), ((2, 29), "2.27.12"))
        return next((written for border, written in borders if number(self.kkp) < border), "2.31.0")

    @property
    def crd(self):
        """The release whose CRD is installed."""
        if number(self.kkp) < (2, 25):
            return "2.24.15"
        return "2.25.18" if number(self.kkp) < (2, 26) else "2.31.0"

    def installation(self):
        """The ApplicationInstallation as KKP wrote it, made this cluster's own."""
        text = (OBJECTS / f"{self.written_by}-ebpf.yaml").read_text()
        text = text.replace("172.25.0.0/16", self.pod_cidr).replace("qz7hm4wx2k", f"qz7hm4wx{self.id}k")
        if number(self.kkp) >= (2, 26):
            text = text.replace("kubeProxyReplacement: strict", 'kubeProxyReplacement: "true"')
        out = goyaml.load_yaml(text)
        out["spec"]["applicationRef"]["version"] = self.cilium
        return out


@dataclass(frozen=True)
class Story:
    name: str
    members: tuple
    trust: str = "sharedCA"
    rounds: int = 2  # how often render and steps.sh are run until the mesh is done

    @property
    def names(self):
        return [member.name for member in self.members]

    def of(self, count):
        return replace(self, members=self.members[:count])


def members(count, kkp, cilium):
    return tuple(Member(f"cluster-{at}", at, kkp, cilium) for at in range(1, count + 1))


TWO_SHARED = Story("2 of 2.30.5/1.18.10 sharedCA", members(2, "2.30.5", "1.18.10"))
STORIES = (TWO_SHARED,)
