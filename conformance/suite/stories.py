"""The meshes that the engineer builds: who their clusters are, and how they are born."""

from dataclasses import dataclass

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
    """`later` join when the others are done; `leaves` names one that leaves at the end; `known` says addresses beforehand."""

    name: str
    members: tuple
    trust: str = "sharedCA"
    later: int = 0
    leaves: str | None = None
    known: bool = False
    kills: str = "some"  # or "everywhere", or nothing where only the way to the first end counts
    long: bool = False  # only heard when asked for
    rounds: int = 2  # how often render and steps.sh are run until the mesh is done

    @property
    def first_members(self):
        return self.members[:len(self.members) - self.later]


def members(count, kkp, cilium):
    return tuple(Member(f"cluster-{at}", at, kkp, cilium) for at in range(1, count + 1))


def mixed():
    versions = (("2.25.8", "1.14.9"), ("2.28.2", "1.16.9"), ("2.31.0", "1.19.4"))
    return tuple(Member(f"cluster-{at}", at, *pair) for at, pair in enumerate(versions, 1))


TWO_SHARED = Story("2 of 2.30.5/1.18.10 sharedCA", members(2, "2.30.5", "1.18.10"), kills="everywhere")
THREE_SHARED = Story("3 of 2.30.5/1.18.10 sharedCA", members(3, "2.30.5", "1.18.10"), long=True)
STORIES = (
    TWO_SHARED,
    Story("2 of 2.22.0/1.13.0 sharedCA", members(2, "2.22.0", "1.13.0"), kills="everywhere", rounds=3),
    Story("3 of 2.26.8/1.15.16 inline", members(3, "2.26.8", "1.15.16"), "inline", long=True),
    THREE_SHARED,
    Story("3 of 2.31.0/1.19.4 bundle", members(3, "2.31.0", "1.19.4"), "bundle"),
    Story("3 of 2.25 to 2.31, sharedCA", mixed(), long=True),
    Story("a third joins 2 of 2.30.5/1.18.10", members(3, "2.30.5", "1.18.10"), later=1, kills="", long=True),
    Story("one of 3 of 2.30.5/1.18.10 leaves", members(3, "2.30.5", "1.18.10"), leaves="cluster-3", kills=""),
    Story("3 of 2.30.5/1.18.10, addresses known", members(3, "2.30.5", "1.18.10"), known=True, rounds=1, long=True),
)
ONE_PASS = (
    Story("2 of 2.22.0/1.13.0 sharedCA", members(2, "2.22.0", "1.13.0")),
    Story("3 of 2.26.8/1.15.16 inline", members(3, "2.26.8", "1.15.16"), "inline"),
)
CHANGED = (
    Story("3 of 2.22.0/1.13.0 sharedCA", members(3, "2.22.0", "1.13.0"), long=True),
    Story("3 of 2.26.8/1.15.16 inline", members(3, "2.26.8", "1.15.16"), "inline", long=True),
    Story("3 of 2.31.0/1.19.4 bundle", members(3, "2.31.0", "1.19.4"), "bundle", long=True),
)
