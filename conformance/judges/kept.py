"""The real charts judge what meshgen says of kept values: do they refuse this key, or take no notice of it?

The rows come from `fixtures/kept-values.json`, which `cargo test` keeps equal to those of the program. Each row is put to
Helm with values that meet it, on charts inside its range and on those just outside, and with values that nearly meet it.
A refused key must make Helm fail where the rows say so and nowhere else; with an ignored key the manifests must be those
without it, and outside the range they must differ.
"""

import copy
import json
import re
import tarfile

from suite import cache, helm, parallel
from suite.report import Verdict, skipped

ROWS = cache.HERE.parent / "fixtures" / "kept-values.json"
CLUSTER = {
    "cluster": {"name": "cluster-1", "id": 1},
    "clustermesh": {"useAPIServer": True, "config": {"enabled": True}, "apiserver": {"tls": {"auto": {"method": "cronJob"}}}},
    "hubble": {"tls": {"auto": {"method": "cronJob"}}},
}
# A value that a template takes for true, where `true` is not one that the chart can use.
TRUE = {
    **{key: {"routingMode": "native", "tunnelPort": 1} for key in ("cilium", "valuesObject", "valuesInline", "values", "helm", "spec")},
    "helmCharts": [{"name": "cilium", "valuesInline": {"tunnelPort": 1}}],
    "releases": [{"name": "cilium", "values": [{"tunnelPort": 1}]}],
    "tunnel": "geneve",
    "remoteNodeIdentity": "yes",  # true is the default of the charts that read it
    "routingMode": "native",
    "tunnelProtocol": "geneve",
    "underlayProtocol": "ipv6",
    "endpointStatus": {"enabled": True, "status": "policy"},
    "encryption.keyFile": "other-key",
    "encryption.mountPath": "/etc/other",
    "encryption.secretName": "other-secret",
    "encryption.interface": "eth9",
    "encryption.ipsec.interface": "eth9",
    "proxy.prometheus.port": "9999",
    "proxy.prometheus.enabled": False,
    "containerRuntime.integration": "crio",
    "ciliumEndpointSlice.sliceMode": "fcfs",
    "ipam.operator.clusterPoolIPv4PodCIDR": "10.9.0.0/16",
    "ipam.operator.clusterPoolIPv6PodCIDR": "fd09::/104",
    "eni.enabled": {"routingMode": "native", "ipv4NativeRoutingCIDR": "10.0.0.0/8", "ipam.mode": "eni"},
    "alibabacloud.enabled": {"routingMode": "native", "ipv4NativeRoutingCIDR": "10.0.0.0/8", "ipam.mode": "alibabacloud"},
    "cni.chainingMode": {"routingMode": "native", "ipv4NativeRoutingCIDR": "10.0.0.0/8"},
    "eni.updateEC2AdapterLimitViaAPI": False,
    "clustermesh.apiserver.etcd.image.override": "registry.example.org/etcd:1",
    "clustermesh.apiserver.kvstoremesh.image.override": "registry.example.org/kvstoremesh:1",
    "clustermesh.apiserver.service.enableSessionAffinity": "Always",
    "clustermesh.apiserver.service.loadBalancerClass": "example.org/class",
    "clustermesh.apiserver.service.loadBalancerSourceRanges": ["198.51.100.0/24"],
    "ipv4NativeRoutingCIDR": "10.0.0.0/8",
    "ipv6NativeRoutingCIDR": "fd00::/8",
    "clustermesh.apiserver.tls.auto.certManagerIssuerRef": {"name": "mesh", "kind": "Issuer"},
    "hubble.tls.auto.certManagerIssuerRef": {"name": "mesh", "kind": "Issuer"},
    "hubble.tls.server.existingSecret": "server",
    "hubble.relay.tls.client.existingSecret": "client",
    "hubble.relay.tls.server.existingSecret": "server",
    "hubble.ui.tls.client.existingSecret": "client",
    **{f"{holder}.{part}": "QQ==" for holder in (
        "hubble.tls.ca", "hubble.tls.server", "hubble.relay.tls.client", "hubble.relay.tls.server",
        "hubble.ui.tls.client", "clustermesh.apiserver.tls.server",
        "clustermesh.apiserver.tls.admin", "clustermesh.apiserver.tls.remote") for part in ("cert", "key")},
}
# What must stand beside a key for the chart to read it at all.
BESIDE = {
    "proxy.prometheus.enabled": {"prometheus.enabled": True},
    "proxy.prometheus.port": {"prometheus.enabled": True},
    **{f"encryption.{key}": {"encryption.enabled": True, "encryption.type": "ipsec"}
       for key in ("keyFile", "mountPath", "secretName", "interface", "ipsec.encryptedOverlay", "ipsec.interface")},
    "encryption.wireguard.encapsulate": {"encryption.enabled": True, "encryption.type": "wireguard"},
    "clustermesh.disableKubernetesHostAliases": {
        "clustermesh.config.clusters": [
            {"name": "cluster-2", "ips": ["192.0.2.2"], "port": 2379, "tls": {"cert": "QQ==", "key": "QQ=="}}]},
    "clustermesh.apiserver.kvstoremesh.image.repository": {"clustermesh.apiserver.kvstoremesh.enabled": True},
    "encryption.wireguard.userspaceFallback": {"encryption.enabled": True, "encryption.type": "wireguard"},
    "encryption.strictMode.enabled": {"encryption.enabled": True, "encryption.type": "wireguard"},
    "encryption.strictMode.egress.enabled": {"encryption.enabled": True, "encryption.type": "wireguard"},
    "hubble.tls.ca.cert": {
        "hubble.tls.auto.enabled": False, "hubble.tls.server.cert": "QQ==", "hubble.tls.server.key": "QQ=="},
    "clustermesh.apiserver.kvstoremesh.image.override": {"clustermesh.apiserver.kvstoremesh.enabled": True},
    "clustermesh.apiserver.service.loadBalancerClass": {"clustermesh.apiserver.service.type": "LoadBalancer"},
    "clustermesh.apiserver.service.loadBalancerSourceRanges": {"clustermesh.apiserver.service.type": "LoadBalancer"},
    "eni.updateEC2AdapterLimitViaAPI": {"eni.enabled": True, "routingMode": "native", "tunnel": "disabled"},
    "ipam.operator.clusterPoolIPv6PodCIDR": {"ipv6.enabled": True},
}
# What else must change where a value nearly meets a row, or the chart refuses it for another reason.
NEARLY_BESIDE = {
    "hubble.enabled": {"hubble.relay.enabled": False, "hubble.ui.enabled": False},
    "hubble.relay.enabled": {"hubble.ui.enabled": False},
}
KINDS = {"boolean": bool, "integer": int, "text": str, "list": list}
OF_KIND = {"boolean": True, "integer": 5, "text": "one", "list": ["one"]}
WRONG_KIND = {"boolean": "true", "integer": "1", "text": ["one"], "list": "one"}
# What charts refuse without a row, by the beginning of what they say, and why there is none.
NO_ROW = {
    r"missing hubble\.metrics|Hubble (UI|Relay) requires|Hubble UI in standalone|Only one of \.Values\.hubble\.redact": "Hubble alone",
    r"Service Monitor|Invalid configuration: Installing Cilium on GKE": "what else is in the cluster, which no values tell",
    r"[kK]ubeproxyReplacement|kubeProxyReplacement must|Ingress|Cilium (Ingress|GatewayAPI)|Ingress/Gateway": "KKP writes kubeProxyReplacement; ingress is no part of a mesh",
    r"BGP was|envoy\.baseID|Cannot have operator\.setNode|k8sClientExponential|standaloneDnsProxy|\.Values\.(bpf\.tproxy|networkDriver)":
        "neither Cluster Mesh nor identities, IPAM, encryption, tunnel, TLS or CNI",
    r"Both k8sServiceHostRef|ConfigMap %s/%s not found": "KKP writes k8sServiceHost",
    r"The cluster name is invalid": "the patch writes the name, and `name-invalid` judges it",
    r"missing clustermesh\.apiserver\.config|unknown type %s for clustermesh\.config\.clusters": "the patch writes the peers",
    r"clustermesh\.apiserver\.tls\.ca\.cert and": "the patch removes it",
    r"kvstoremesh\.kvstoreMode=external can only be used with clustermesh\.useAPIServer": "the patch switches it on",
    r"missing clustermesh\.apiserver\.tls\.client|External workloads support": "the rows of the other certificates, of identities and of endpoints hold there too",
    r"if Cilium Endpoint Slice is enabled": "the row of disableEndpointCRD holds there too; below 1.15.0 `mesh-excluded` says it",
    r"endpointStatus\.status required": "endpointStatus reports, and has no part in a mesh",
}
REFUSALS = re.compile(r'(?:\bfail|\brequired) +\(?(?:printf +)?"((?:[^"\\]|\\.)*)"')


def run(options):
    versions = released()
    if not versions:
        yield skipped("kept", f"no charts in {helm.charts_folder().name}/ (MESHGEN_CHARTS names the folder)")
        return
    rows = json.loads(ROWS.read_text())
    if options.case:
        rows = [row for row in rows if any(row["path"].startswith(prefix) for prefix in options.case)]
    found, heard = judged(rows, versions, json.loads(ROWS.read_text()))
    for row in rows:
        yield Verdict.of(label(row), found.get(label(row), []))
    if not options.case:
        yield Verdict.of("every refusal of the charts has a row, or a reason for none", unnamed(versions, heard))


def label(row):
    when = " and ".join(f"{one['path']} {one['test']} {','.join(map(str, one.get('values', one.get('ranges', []))))}".strip() for one in row["when"])
    spans = ", ".join(f"{start} to {end or 'the newest'}" for start, end in row["spans"])
    return f"{row['effect']} where {when}, {spans}"


def unnamed(versions, heard):
    """Refusals in the templates that no row has brought about and that have no reason to be none."""
    said = sorted({words for found in parallel.each(refusals, versions) for words in found})
    told = " ".join(" ".join(error.split()) for error in heard)
    for words in said:
        begin = " ".join(words.split("%")[0].replace("\\", "").split())
        if begin not in told and not any(re.match(pattern, words.strip()) for pattern in NO_ROW):
            yield f"the charts say {words!r}, and there is neither a row nor a reason"


def refusals(version):
    """The words of `fail` and `required` in the templates of a chart."""
    with tarfile.open(helm.archive(version)) as archive:
        files = [one for one in archive if one.isfile() and "/templates/" in one.name]
        texts = [archive.extractfile(one).read().decode() for one in files]
    return {words for text in texts for words in REFUSALS.findall(text)}


def faults(rows, versions, others):
    """By the label of each row, what the charts say against it; what holds beside them is said by other rows."""
    return judged(rows, versions, others)[0]


def judged(rows, versions, others):
    """The faults, and all that Helm said where it refused."""
    probes = {}
    for row in rows:
        for version, values in probes_of(row, versions):
            probes.setdefault(version, []).append((row, values))
    found, heard = {}, set()
    work = [(version, one, [*rows, *others]) for version, one in probes.items()]
    for said, errors in parallel.each(judge_version, work):
        heard |= errors
        for subject, fault in said:
            found.setdefault(subject, []).append(fault)
    return found, heard


def judge_version(work):
    """What a chart says against the rows, as pairs of a row's label and the fault; and what Helm said where it refused."""
    version, probes, rows = work
    said, errors = [], set()
    plain = {}
    for row, flat in probes:
        key = flat.get(row["path"])
        without = {path: value for path, value in flat.items() if path != row["path"]}
        asked = json.dumps(without, sort_keys=True)
        if asked not in plain:
            plain[asked] = helm.rendered(version, tree(without))
        with_key = helm.rendered(version, tree(flat))
        errors.add(with_key[1] or "")
        fault = verdict(row, rows, version, flat, with_key, plain[asked])
        if fault:
            said.append((label(row), f"{version}, {row['path']}: {json.dumps(key)}: {fault}"))
    return said, errors


def verdict(row, rows, version, flat, with_key, without_key):
    """The fault of one render, if any."""
    met = [one for one in rows if is_met(one, version, flat)]
    refused = any(one["effect"] == "refused" for one in met)
    error = with_key[1]
    if bool(error) != refused:
        return f"the chart refuses it, and no row says so: {error[-200:]}" if error else "the chart takes it, and a row says that it refuses it"
    if row["effect"] == "refused" or error:
        return None
    if without_key[1]:
        return f"without the key the chart fails: {without_key[1][-200:]}"
    ignored = any(one["effect"] == "ignored" and one["path"] == row["path"] for one in met)
    if (with_key[0] == without_key[0]) != ignored:
        return "the manifests differ from those without it" if ignored else "the manifests are those without it, and no row says so"
    return None


def probes_of(row, versions):
    """Pairs of a version and values by their dotted paths, for one row."""
    meeting = {}
    if row["when"][0]["test"] == "none of":
        meeting[row["path"]] = other_than(row["path"])
    for condition in row["when"]:
        if not holds(condition, meeting.get(condition["path"])):
            meeting.update(meets(condition))
    meeting = {**BESIDE.get(row["path"], {}), **other_certificates(row), **meeting}
    inside = [version for version in versions if in_spans(row, version)]
    for version in chosen(row, versions):
        yield version, meeting
    if row["effect"] == "refused" and inside:
        for condition in row["when"]:
            for change in nearly(condition, row):
                yield inside[-1], {**meeting, **change}
            if condition["test"] == "not a":
                others = [value for kind, value in OF_KIND.items() if kind not in condition["values"]]
                yield from ((version, {**meeting, condition["path"]: value}) for value in others for version in (inside[0], inside[-1]))


def other_certificates(row):
    """For a certificate or key that is missing: all others, so that the chart fails for want of this one."""
    if not row["path"].endswith("tls.auto.enabled"):
        return {}
    holder = row["path"].removesuffix("auto.enabled").split("tls.")[0]
    missing = {one["path"] for one in row["when"] if one["test"] == "off"}
    given = {path: value for path, value in TRUE.items() if value == "QQ==" and path.startswith(holder) and ".ca." not in path}
    return {path: value for path, value in given.items() if path not in missing}


def meets(condition):
    """What meets a condition that an absent value does not meet."""
    path, test = condition["path"], condition["test"]
    if test in ("set", "true"):
        return {path: TRUE.get(path, True)}
    if test == "false":
        return {path: False}
    if test == "one of":
        return {path: condition["values"][0]}
    if test == "none of":
        return {path: other_than(path)}
    if test == "within":
        return {path: condition["ranges"][0][1]}
    if test == "not a":
        return {path: WRONG_KIND[condition["values"][0]]}
    if test == "not one":
        return {path: ["fd01::/104", "fd02::/104"] if "IPv6" in path else ["10.1.0.0/16", "10.2.0.0/16"]}
    return {}


def other_than(path):
    return {"identityAllocationMode": "kvstore", "clustermesh.maxConnectedClusters": 300, "clustermesh.apiserver.replicas": 2,
            "routingMode": "tunnel", "hubble.relay.enabled": True, "hubble.relay.tls.server.enabled": True,
            "hubble.ui.enabled": True}.get(path, "nonsense")


def nearly(condition, row):
    """Values that miss one condition; the row's own key is always there."""
    path, test = condition["path"], condition["test"]
    if test == "none of":
        as_kind = str if path.startswith("extraConfig.") else parsed
        return [{**NEARLY_BESIDE.get(path, {}), path: as_kind(value)} for value in condition["values"]]
    if test == "not one":
        return [{path: ["fd01::/104"] if "IPv6" in path else ["10.1.0.0/16"]}]
    if test == "within":
        return [{path: number} for low, high in condition["ranges"] for number in (low - 1, low, high, high + 1)]
    if test == "false":
        return [{path: True}]
    if test == "off":
        return [{path: TRUE.get(path, True)}]
    if test == "true" and path != row["path"]:
        return [{path: False}] if TRUE.get(path, True) is True else []
    return []


def parsed(text):
    return {"true": True, "false": False}.get(text, int(text) if text.isdigit() else text)


def is_met(row, version, flat):
    return in_spans(row, version) and all(holds(one, flat.get(one["path"])) for one in row["when"])


def holds(condition, value):
    test, listed = condition["test"], condition.get("values")
    text = json.dumps(value) if value is not None and not isinstance(value, str) else value
    return {
        "set": value is not None,
        "true": bool(value),
        "false": value is not None and not value,
        "off": not value,
        "one of": listed and text in listed,
        "none of": listed and (condition.get("default") if text is None else text) not in listed,
        "not a": listed and value is not None and not any(type(value) is KINDS.get(kind) for kind in listed),
        "within": any(isinstance(value, int) and low <= value <= high for low, high in condition.get("ranges", [])),
        "not one": isinstance(value, list) and len(value) != 1,
    }[test]


def chosen(row, versions):
    """Of each span its first and last chart and the last of each minor in it, and the charts just outside."""
    picked = []
    for start, end in row["spans"]:
        inside = [version for version in versions if number(version) >= number(start) and (end is None or number(version) < number(end))]
        if not inside:
            continue
        last_of_minor = {number(version)[:2]: version for version in inside}
        first, last = versions.index(inside[0]), versions.index(inside[-1])
        picked += [inside[0], *last_of_minor.values(), *versions[max(first - 1, 0):first], *versions[last + 1:last + 2]]
    return dict.fromkeys(picked)


def in_spans(row, version):
    asked = number(version)
    return any(number(start) <= asked and (end is None or asked < number(end)) for start, end in row["spans"])


def released():
    """The stable charts at hand, and the prerelease of what comes after them, oldest first."""
    names = [path.stem.removeprefix("cilium-") for path in helm.charts_folder().glob("cilium-*.tgz")]
    stable = sorted((name for name in names if re.fullmatch(r"\d+\.\d+\.\d+", name)), key=number)
    newer = [name for name in names if name not in stable and stable and number(name)[:2] > number(stable[-1])[:2]]
    return stable + sorted(newer)[-1:]


def number(version):
    return tuple(int(part) for part in re.match(r"(\d+)\.(\d+)\.(\d+)", version).groups())


def tree(flat):
    """Helm's values with these paths in them."""
    values = copy.deepcopy(CLUSTER)
    for path, value in flat.items():
        *above, last = path.split(".")
        node = values
        for key in above:
            node = node.setdefault(key, {})
        node[last] = value
    return values
