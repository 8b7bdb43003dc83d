"""A cluster that lives in a mesh is changed: what `plan` says restarts is what restarts, in that cluster and in no other."""

import json

WORKLOADS = {"deployment/cilium-operator": "Deployment/kube-system/cilium-operator", "daemonset/cilium": "DaemonSet/kube-system/cilium",
             "deployment/clustermesh-apiserver": "Deployment/kube-system/clustermesh-apiserver"}


def planned(walk):
    """By cluster: the workloads that are to restart, and whom else it says that it disturbs."""
    ran = walk.desk.meshgen("plan", "walk/mesh.yaml", "--format", "json")
    clusters = json.JSONDecoder().raw_decode(ran.said)[0]["clusters"]  # findings come behind it
    return {one["name"]: ({restart["workload"] for restart in one["restarts"]}, " ".join(one.get("disturbs", []))) for one in clusters}


def pods(walk):
    """The pods of Cilium's own workloads, by cluster and workload."""
    return {(name, workload): (cluster.pod_of(of) or {}).get("metadata", {}).get("uid")
            for name, cluster in walk.clusters.items() for workload, of in WORKLOADS.items()}


def through(walk, what, says, spoil=lambda plan: plan):
    """Applies what mesh.yaml says now; the faults. `says` is what plan must say of the changed cluster, cluster-2."""
    plan, before = spoil(planned(walk)), pods(walk)
    if says not in plan["cluster-2"][1]:
        yield f"{what}: plan does not say {says!r}: {plan['cluster-2'][1]!r}"
    walk.to_the_end()
    walk.desk.settle()
    after = pods(walk)
    for name in walk.clusters:
        told = plan[name][0] & WORKLOADS.keys()
        if None in plan[name][0]:  # all whose pods have the identity of before, and so this one too
            told |= {"deployment/clustermesh-apiserver"}
        happened = {workload for workload in WORKLOADS if before[name, workload] != after[name, workload]}
        if told != happened:
            yield f"{what}: plan says that {sorted(told)} restart in {name}, and {sorted(happened)} do"


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
    cluster.cilium = "1.19.4"
    cluster.server.merge("ApplicationInstallation", "kube-system", "cilium", {"spec": {"applicationRef": {"version": "1.19.4"}}})
    cluster.settle()
    cluster.upgrade(cluster.values())
    cluster.settle()
    others = [key for key, pod in pods(walk).items() if pod != before[key] and key[0] != "cluster-2"]
    if others:
        yield f"an upgrade: {others} restart in other clusters"
    walk.once_more()


CHANGES = (renumbered, upgraded)
