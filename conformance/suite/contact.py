"""Which clusters of a played mesh know each other at this moment, and why others do not.

A cluster looks for a peer under the name in its own values. What it finds is what the peer's clustermesh-apiserver has read at its
start: a name, an ID, and the CA that it trusts. Pods are known right where they have the peer's name and ID of now.
"""

from suite.played import SYSTEM, digest, peers

APISERVER = "Deployment/kube-system/clustermesh-apiserver"


def lost(clusters):
    """Of two clusters, in no order: the reason why one of them does not know the other."""
    found = {}
    for one in clusters.values():
        for other in clusters.values():
            pair = frozenset((one.name, other.name))
            if one is not other and pair not in found and (why := unknown(one, other)):
                found[pair] = f"{one.name} does not know {other.name}: {why}"
    return found


def unknown(one, other):
    """Why a cluster does not know another one, or None."""
    pod = other.pod_of(APISERVER)
    if pod is None:
        return "it has no clustermesh-apiserver"
    served = pod["metadata"]["annotations"]["played/serves"]
    name = served.partition("/")[0]
    wanted = {peer["name"] for peer in peers((one.released() or {}).get("clustermesh") or {})}
    if name not in wanted:
        return f"it calls itself {name}, and {sorted(wanted)} are looked for"
    if pod["metadata"]["annotations"]["played/ca"] != digest(one.leaf_ca()):
        return "it trusts another CA"
    agents = "{}/{}".format(*other.agent_identity())
    if agents != served:
        return f"its agents are {agents}, and it says {served}"
    return next(other.foreign_pods(), None)
