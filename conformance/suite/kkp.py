"""KKP's admission webhook and its CNI controller, written again from their recorded behaviour.

`review` says whether an update of the ApplicationInstallation would be accepted; `reconcile` is one round of the controller. Neither
knows anything of meshgen's source.
"""

import copy
import json

import yaml

from suite import goyaml

PROTECTED = ("cni", "ipam", "ipv6")
FIXED_LABELS = ("apps.kubermatic.k8c.io/managed-by", "apps.kubermatic.k8c.io/type")
POD_CIDR = ("ipam", "operator", "clusterPoolIPv4PodCIDR")
MASKS = (("ipam", "operator", "clusterPoolIPv4MaskSize"), ("ipam", "operator", "clusterPoolIPv6MaskSize"))
CHAINING = ("cni", "chainingMode")

# What the controller writes over the user's values whenever it reconciles; everything else it leaves alone.
ENFORCED = (
    ("cni", "exclusive"), ("cni", "chainingMode"), ("sessionAffinity",), ("kubeProxyReplacement",), ("k8sServiceHost",),
    ("k8sServicePort",), ("nodePort", "range"), POD_CIDR, ("ipam", "operator", "clusterPoolIPv4PodCIDRList"), *MASKS,
    ("ipam", "operator", "clusterPoolIPv6PodCIDRList"), ("ipv6", "enabled"), ("operator", "securityContext"), ("podSecurityContext",),
    ("operator", "podSecurityContext"), ("certgen", "podSecurityContext"), ("hubble", "relay", "podSecurityContext"),
    ("envoy", "podSecurityContext"), ("hubble", "ui", "securityContext"), ("extraConfig", "exclude-local-address"),
)


def release(tag):
    """'2.25' and 'v2.25.9' as comparable numbers; a missing patch is the newest."""
    numbers = [int(part) for part in tag.removeprefix("v").split(".")]
    return tuple(numbers + [99] * (3 - len(numbers)))


def knows_block(kkp):
    return release(kkp) >= (2, 25, 0)


def reads_block(kkp):
    return release(kkp) >= (2, 25, 9)


def exceptions(kkp):
    if release(kkp) < (2, 24, 0):
        return ()
    return (CHAINING, *MASKS) if release(kkp) >= (2, 27, 0) else (CHAINING, POD_CIDR)


MISSING = object()


def dig(tree, path):
    for step in path:
        if not isinstance(tree, dict) or step not in tree:
            return MISSING
        tree = tree[step]
    return tree


def values_of(kkp, installation):
    """The values as the webhook sees them, and why it cannot read them."""
    spec = installation["spec"]
    block = spec.get("valuesBlock") or ""
    values = spec.get("values") or {}
    if not reads_block(kkp):
        return values, None
    if block and values:
        return {}, "both values and valuesBlock are set"
    if not block:
        return values, None
    try:
        tree = goyaml.load_go(block)
    except yaml.YAMLError as error:
        return {}, f"valuesBlock cannot be read: {error}"
    if tree is None:
        return {}, None
    return (tree, None) if isinstance(tree, dict) else ({}, "valuesBlock is no mapping")


def review(kkp, old, new, version_listed=True):
    """The reasons to refuse the update, none when it is accepted."""
    old, new = admitted(kkp, old), admitted(kkp, new)
    if new["metadata"].get("deletionTimestamp"):
        return []
    return [*schema(kkp, new), *object_rules(kkp, old, new, version_listed), *values_rules(kkp, old, new)]


def admitted(kkp, installation):
    """What pruning by the CRD leaves of the object."""
    out = copy.deepcopy(installation)
    if not knows_block(kkp):
        out["spec"].pop("valuesBlock", None)
    return out


def schema(kkp, new):
    if not isinstance(new["spec"].get("valuesBlock") or "", str):
        yield "spec.valuesBlock must be a string"
    namespace = new["spec"].get("namespace")
    if namespace is None or not namespace.get("name"):
        yield "spec.namespace.name is required"


def object_rules(kkp, old, new, version_listed):
    labels = [(side["metadata"].get("labels") or {}) for side in (old, new)]
    for label in FIXED_LABELS:
        if labels[0].get(label) != labels[1].get(label):
            yield f"label {label} is immutable"
    before, after = old["spec"], new["spec"]
    for field, default in (("name", ""), ("create", True)):
        if (before.get("namespace") or {}).get(field, default) != (after.get("namespace") or {}).get(field, default):
            yield f"spec.namespace.{field} is immutable"
    if before["applicationRef"]["name"] != after["applicationRef"]["name"]:
        yield "spec.applicationRef.name is immutable"
    if not version_listed:
        yield "spec.applicationRef.version is not in the ApplicationDefinition"
    if str(after.get("reconciliationInterval") or "").startswith("-"):
        yield "spec.reconciliationInterval is negative"
    helm = (after.get("deployOptions") or {}).get("helm") or {}
    waits = helm.get("wait") or helm.get("atomic")
    if not waits and (helm.get("timeout") or "0") not in ("0", "0s", "0h0m0s"):
        yield "spec.deployOptions.helm: a timeout needs wait"
    if knows_block(kkp) and after.get("valuesBlock") and after.get("values"):
        yield "values and valuesBlock are both set"


def values_rules(kkp, old, new):
    if (new["metadata"].get("labels") or {}).get("apps.kubermatic.k8c.io/type") != "cni":
        return
    if not isinstance(new["spec"].get("valuesBlock") or "", str):
        return
    (before, _), (after, unreadable) = values_of(kkp, old), values_of(kkp, new)
    if unreadable:
        yield unreadable
    equal = same_printed if release(kkp) >= (2, 24, 0) else goyaml.same
    for key in PROTECTED:
        exempt = any(
            path[0] == key and dig(side, path) is not MISSING for path in exceptions(kkp) for side in (before, after)
        )
        if not exempt and not equal(before.get(key), after.get(key)):
            yield f"{key} is immutable"
        elif release(kkp) >= (2, 27, 0) and before.get(key) is not None and after.get(key) in (None, ""):
            yield f"{key} must not be removed"
    if "kubeProxyReplacement" not in after:
        yield "kubeProxyReplacement is missing"
    if after.get("kubeProxyReplacement") == "strict":
        for key in ("k8sServiceHost", "k8sServicePort"):
            if key not in after:
                yield f"{key} is missing"
    operators = [side.get("operator") for side in (before, after)]
    if not all(isinstance(operator, dict) for operator in operators):
        yield "operator is missing or no mapping"
    elif not equal(*(operator.get("securityContext") for operator in operators)):
        yield "operator.securityContext is immutable"


def same_printed(a, b):
    return goyaml.sprint(a) == goyaml.sprint(b)


def reconcile(kkp, enforced_by, installation):
    """One round of the CNI controller: what it enforces (read off the object as KKP last wrote it) over what is there."""
    enforced, _ = values_of(kkp, enforced_by)
    current, unreadable = values_of(kkp, installation)
    if unreadable:
        raise ValueError(unreadable)
    values = copy.deepcopy(current)
    for path in ENFORCED:
        value = dig(enforced, path)
        if value is not MISSING:
            put(values, path, copy.deepcopy(value))
    out = copy.deepcopy(installation)
    if reads_block(kkp):
        out["spec"]["values"] = {}
        out["spec"]["valuesBlock"] = json.dumps(values, sort_keys=True)
    else:
        out["spec"]["values"] = values
    return out, values


def put(tree, path, value):
    for step in path[:-1]:
        if not isinstance(tree.get(step), dict):
            tree[step] = {}
        tree = tree[step]
    if isinstance(value, dict) and isinstance(tree.get(path[-1]), dict):
        tree[path[-1]] = {**tree[path[-1]], **value}
    else:
        tree[path[-1]] = value
