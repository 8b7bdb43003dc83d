"""A cluster that lives in a mesh is changed: what `plan` says restarts is what restarts, in that cluster and in no other; and which
clusters lose each other meanwhile, after every single command, are those that `plan` has named.
"""

import json

from suite import contact

WORKLOADS = {"deployment/cilium-operator": "Deployment/kube-system/cilium-operator", "daemonset/cilium": "DaemonSet/kube-system/cilium",
             "deployment/clustermesh-apiserver": "Deployment/kube-system/clustermesh-apiserver"}


def planned(walk):
    """By cluster: the workloads that are to restart, what it says of whom else it disturbs, and the clusters that it loses."""
    ran = walk.desk.meshgen("plan", "walk/mesh.yaml", "--format", "json")
    clusters = json.JSONDecoder().raw_decode(ran.said)[0]["clusters"]  # findings come behind it
    return {one["name"]: ({restart["workload"] for restart in one["restarts"]}, " ".join(one.get("disturbs", [])), set(one.get("loses", [])))
            for one in clusters}


def pods(walk):
    """The pods of Cilium's own workloads, by cluster and workload."""
    return {(name, workload): (cluster.pod_of(of) or {}).get("metadata", {}).get("uid")
            for name, cluster in walk.clusters.items() for workload, of in WORKLOADS.items()}


def through(walk, what, says, spoil=lambda plan: plan, name="cluster-2"):
    """Applies what mesh.yaml says now; the faults. `says` is what plan must say of the changed cluster, cluster-2, whose name is to be
    `name` from now on."""
    plan, before = spoil(planned(walk)), pods(walk)
    if says not in plan[name][1]:
        yield f"{what}: plan does not say {says!r}: {plan[name][1]!r}"
    cut = watched(walk, walk.to_the_end)
    after = pods(walk)
    yield from compared(what, cut, {frozenset((one, other)) for one, (_, _, loses) in plan.items() for other in loses}, name)
    for cluster in walk.clusters:
        told, _, _ = plan[name if cluster == "cluster-2" else cluster]
        is_whole, told = None in told, told & WORKLOADS.keys()
        if is_whole:  # all whose pods have the identity of before, and so this one too
            told |= {"deployment/clustermesh-apiserver"}
        happened = {workload for workload in WORKLOADS if before[cluster, workload] != after[cluster, workload]}
        if told != happened:
            yield f"{what}: plan says that {sorted(told)} restart in {cluster}, and {sorted(happened)} do"


def watched(walk, run):
    """Runs it; which clusters lost each other after some command, and why."""
    cut = {}

    def look(_, words):
        if words[0] == "kubectl" and {"patch", "apply", "restart", "status", "wait"} & set(words):
            cut.update({pair: why for pair, why in contact.lost(walk.clusters).items() if pair not in cut})

    walk.desk.watcher = look
    run()
    walk.desk.watcher = None
    walk.desk.settle()
    cut.update({pair: f"at the end: {why}" for pair, why in contact.lost(walk.clusters).items()})
    return cut


def compared(what, cut, announced, name):
    """The faults of a plan that announces these pairs of clusters, of which one is called otherwise now."""
    announced = {frozenset("cluster-2" if one == name else one for one in pair) for pair in announced}
    for pair, why in cut.items():
        if pair not in announced or why.startswith("at the end"):
            yield f"{what}: {why}, and plan does not say so"
    for pair in announced - cut.keys():
        yield f"{what}: plan says that {sorted(pair)} lose each other, and they do not"


def renumbered(walk, spoil=lambda plan: plan):
    """Another ID: the operator, the agents and all workloads take it; the peers take no patch."""
    walk.edit(lambda mesh: mesh["clusters"][1].update(id=7))
    yield from through(walk, "another ID", "its ID changes from 2 to 7", spoil)
    if walk.clusters["cluster-2"].agent_identity() != ("cluster-2", 7):
        yield f"another ID: the agents have {walk.clusters['cluster-2'].agent_identity()}"


def upgraded(walk, spoil=lambda plan: plan):
    """A newer Cilium: first the patch, then KKP, which upgrades this cluster alone."""
    walk.edit(lambda mesh: mesh["clusters"][1].update(cilium="1.19.4"))
    yield from through(walk, "an upgrade", "apply this patch first, then set the version in KKP", spoil)
    cluster, before = walk.clusters["cluster-2"], pods(walk)

    def upgrade():
        cluster.cilium = "1.19.4"
        cluster.server.merge("ApplicationInstallation", "kube-system", "cilium", {"spec": {"applicationRef": {"version": "1.19.4"}}})
        cluster.settle()
        cluster.upgrade(cluster.values())
        cluster.settle()

    yield from compared("an upgrade", watched(walk, upgrade), set(), "cluster-2")
    others = [key for key, pod in pods(walk).items() if pod != before[key] and key[0] != "cluster-2"]
    if others:
        yield f"an upgrade: {others} restart in other clusters"
    walk.once_more()


def renamed(walk, spoil=lambda plan: plan):
    """Another name: as with another ID, and each peer takes a patch with the new one."""
    walk.edit(lambda mesh: mesh["clusters"][1].update(name="renamed", context="cluster-2", dumps="dumps/cluster-2"))
    yield from through(walk, "another name", "its name changes from cluster-2 to renamed", spoil, "renamed")
    if walk.clusters["cluster-2"].agent_identity()[0] != "renamed":
        yield f"another name: the agents have {walk.clusters['cluster-2'].agent_identity()}"
    walk.clusters = {"renamed" if name == "cluster-2" else name: one for name, one in walk.clusters.items()}
    walk.once_more()


CHANGES = (renumbered, upgraded, renamed)
