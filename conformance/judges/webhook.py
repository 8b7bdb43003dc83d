"""KKP's webhook and controller judge every patch: accepted, nothing lost, and the mesh keys survive the next reconcile."""

import copy
import gzip
import json
import os
from pathlib import Path

from suite import cases, goyaml, kkp, outputs, parallel, patches
from suite.held import held
from suite.report import Verdict, skipped

RECORDED = ("fixtures/webhook/runs.jsonl.gz", "../shared/data/kkp/webhook-runs.jsonl.gz")

# What a patch may change; a last "*" stands for everything below.
OWNED = [tuple(path.split("/")) for path in """
cluster/name cluster/id clustermesh/useAPIServer clustermesh/maxConnectedClusters clustermesh/config/enabled
clustermesh/config/clusters clustermesh/apiserver/tls/auto/method clustermesh/apiserver/tls/authMode clustermesh/apiserver/tls/ca
clustermesh/apiserver/service clustermesh/apiserver/updateStrategy/rollingUpdate/maxUnavailable
clustermesh/apiserver/kvstoremesh/enabled clustermesh/apiserver/image clustermesh/apiserver/etcd/image
clustermesh/apiserver/tls/server/extraDnsNames clustermesh/apiserver/tls/server/extraIpAddresses
clustermesh/apiserver/tls/auto/server/extraDnsNames clustermesh/apiserver/tls/auto/server/extraIpAddresses tls/ca tls/caBundle
""".split()] + [("clustermesh", "apiserver", "podLabels", "meshgen/ca")]
MESH_KEYS = ("cluster", "clustermesh", "tls")


def run(options):
    """The recorded verdicts first, then every patch of the cases, then patches for every object that KKP was seen to write."""
    path = recorded_file()
    if path is None:
        yield skipped("recorded verdicts of KKP's code", "no " + " and no ".join(RECORDED))
    else:
        for record, reasons, agrees in recorded_verdicts(path):
            wanted = "accepted" if record["accepted"] else "refused"
            yield Verdict.of(f"{record['tag']} {record['name']}", [] if agrees else [f"KKP {wanted} it, we say {reasons or 'accepted'}"])
    chosen = list(outputs.chosen(options))
    for (case, phase), faults in zip(chosen, parallel.each(judge_case, chosen)):
        yield Verdict.of(f"{case.id}/{phase}", faults)
    objects = [] if options.case else list(held())
    for one, faults in zip(objects, parallel.each(judge_held, objects)):
        yield Verdict.of(one.label, faults)


def judge_case(one):
    case, phase = one
    try:
        made, _ = outputs.of_case(case, phase)
    except outputs.Failed as failed:
        return [str(failed)]
    return [f"{cluster.name}: {fault}" for cluster in case.clusters for fault in judge(cluster.kkp, made[cluster.name])]


def judge(release, output, service_keys=("type", "nodePort")):
    """The faults of one cluster's patch on KKP `release`."""
    before, after = output.before, output.after
    faults = [f"refused by the webhook: {reason}" for reason in kkp.review(release, before, after)]
    if without_values(before) != without_values(after):
        faults.append("changes more than the values")
    block = bool(before["spec"].get("valuesBlock"))
    if block and after["spec"].get("values") or not block and after["spec"].get("valuesBlock"):
        faults.append("moves the values to the other field")
    if block:
        faults += readings(after["spec"]["valuesBlock"])
    if faults:
        return faults
    faults += losses(output.values_before, output.values, service_keys)
    reconciled, values = kkp.reconcile(release, before, after)
    for key in MESH_KEYS:
        if not goyaml.same(values.get(key), output.values.get(key)):
            faults.append(f"{key} does not survive the controller")
    if not goyaml.same(values, output.values):
        faults.append("the controller would change it back")
    if kkp.review(release, after, reconciled):
        faults.append("the controller's own update would be refused")
    if output.patch_type == "json":
        faults += guards(output)
    return faults


def without_values(installation):
    out = copy.deepcopy(installation)
    out["spec"].pop("values", None)
    out["spec"].pop("valuesBlock", None)
    return out


def readings(block):
    """A block must say one thing to every reader."""
    if goyaml.documents(block) != 1:
        yield "the block has more than one document"
    for key in goyaml.duplicate_keys(block):
        yield f"the block has the key {key} twice"
    if not goyaml.same(goyaml.load_go(block), goyaml.load_core(block)):
        yield "YAML 1.1 and YAML 1.2 read the block differently"


def losses(before, after, service_keys):
    kept, now = copy.deepcopy(before), copy.deepcopy(after)
    for path in OWNED:
        take_out(kept, path)
        take_out(now, path)
    if not goyaml.same(kept, now):
        yield f"changes what it does not own: {first_difference(kept, now)}"
    place = ("clustermesh", "apiserver", "service")
    service = kkp.dig(before, place)
    for key, value in service.items() if isinstance(service, dict) else ():
        if key not in service_keys and not goyaml.same(kkp.dig(after, (*place, key)), value):
            yield f"loses {'.'.join(place)}.{key}"


def take_out(tree, path):
    """Removes `path`, and the mappings that only held it."""
    if not isinstance(tree, dict) or path[0] not in tree:
        return
    if len(path) == 1:
        del tree[path[0]]
        return
    take_out(tree[path[0]], path[1:])
    if tree[path[0]] == {}:
        del tree[path[0]]


def first_difference(a, b, route=""):
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(a.keys() | b.keys()):
            if key not in a or key not in b or not goyaml.same(a[key], b[key]):
                return first_difference(a.get(key), b.get(key), f"{route}.{key}")
    return route.lstrip(".") or "the whole tree"


def guards(output):
    """A JSON Patch must be refused on another cluster and on a changed block, and not mind a new status."""
    for change, wanted in (
        ({"metadata": {"uid": "00000000-0000-4000-8000-00000000ffff"}}, False),
        ({"spec": {"valuesBlock": output.before["spec"]["valuesBlock"] + "\nextra: 1\n"}}, False),
        ({"metadata": {"resourceVersion": "999999"}, "status": {"heartbeat": "now"}}, True),
    ):
        try:
            patches.apply_json(patches.merge(output.before, change), output.patch)
            accepted = True
        except patches.Refused:
            accepted = False
        if accepted != wanted:
            yield f"is {'accepted' if accepted else 'refused'} after a change of {', '.join(change)}"


def recorded_verdicts(path):
    """Yields (record, reasons, agrees) for every recorded verdict of KKP's real admission code."""
    with gzip.open(path, "rt") as lines:
        for line in lines:
            record = json.loads(line)
            reasons = list(kkp.review(record["tag"], record["old"], record["new"], "unlisted" not in record["name"]))
            yield record, reasons, (not reasons) == record["accepted"]


def recorded_file():
    root = cases.HERE.parent
    candidates = [root / path for path in RECORDED]
    if shared := os.environ.get("MESHGEN_SHARED"):
        candidates.append(Path(shared) / "data/kkp/webhook-runs.jsonl.gz")
    return next((path for path in candidates if path.exists()), None)


def judge_held(one):
    """The patch of the cluster that holds the object."""
    try:
        made = one.render()
    except outputs.Failed as failed:
        # The chart takes neither as it is: the judge `charts` sees that with Helm.
        excused = one.pair_cannot_render and "error[version-pair]" in str(failed) or "error[value-refused]" in str(failed)
        return [] if excused else [str(failed)]
    return judge(one.release, made[one.case.clusters[0].name])
