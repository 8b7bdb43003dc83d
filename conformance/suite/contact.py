"""Which clusters of a played mesh know each other at this moment, and why others do not.

A cluster looks for a peer under the name in its own values, and shows the certificate there, or its own. What it finds is what the
peer's clustermesh-apiserver has read at its start: a name, an ID, and the CA that it trusts. Pods are known right where they have the
peer's name and ID of now.
"""

from suite import pki
from suite.played import dig, digest, peers

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
    values = one.released() or {}
    wanted = {peer["name"]: peer for peer in peers(values.get("clustermesh") or {})}
    if name not in wanted:
        return f"it calls itself {name}, and {sorted(wanted)} are looked for"
    if pod["metadata"]["annotations"]["played/ca"] != digest(other.leaf_ca()):
        return "it goes on with the CA of before"
    if why := distrust(one, other, wanted[name].get("tls") or {}, dig(values, "tls", "caBundle", "content") or ""):
        return why
    agents = "{}/{}".format(*other.agent_identity())
    if agents != served:
        return f"its agents are {agents}, and it says {served}"
    return next(other.foreign_pods(), None)


def distrust(one, other, tls, bundle):
    """Why one of the two refuses the other's certificate, or None."""
    client = pki.plain(tls["cert"]) if tls.get("cert") else one.secret("clustermesh-apiserver-remote-cert")["tls.crt"]
    trusted = pki.plain(tls["caCert"]) if tls.get("caCert") else one.issuer()["ca.crt"]
    server = other.secret("clustermesh-apiserver-server-cert")["tls.crt"]
    theirs = other.leaf_ca() + (dig(other.released(), "tls", "caBundle", "content") or "").encode()
    for cert, by, usage in ((server, trusted + bundle.encode(), "server auth"), (client, theirs, "client auth")):
        if why := pki.distrust(cert, by, usage):
            return f"the certificate of the {usage.split()[0]}: {why}"
    return None
