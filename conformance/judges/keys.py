"""Every key that a chart no longer has is said by `value-refused` or `value-ignored`, or has a reason to be none.

The keys of a chart are those of its `values.yaml` and `values.schema.json`, and every path below `.Values` that a template
reads. What one released chart has and the next one has not must be the path of a row in `fixtures/kept-values.json`, lie
below one, or stand in `NO_ROW`. Whether the rows are right is what the judge `kept` says.
"""

import json
import re
import tarfile

import yaml

from judges.kept import ROWS, released
from suite import helm, parallel
from suite.report import Verdict, skipped

# Keys without a row, by a pattern, and why there is none. A group of keys that go with another one is not about that one's value.
NO_ROW = {
    r"(bpf|conntrackGCMaxInterval|customCalls|enableK8s\w+|enableInternalTrafficPolicy|externalIPs|hostPort|installIptablesRules"
    r"|loadBalancer|nodePort|sessionAffinity|sockops|socketLB|svcSourceRangeCheck|sysctlfix)\b":
        "services inside the cluster and what the kernel is told; KKP writes what a cluster needs of it",
    r"(bgp|l2NeighDiscovery|l2podAnnouncements|egressGateway)\b": "what the cluster tells its own network, no part of a mesh",
    r"(dnsProxy|envoy|envoyConfig|gatewayAPI|ingressController|proxy\.sidecarImageRegex|hostFirewall|endpointPolicyUpdateTimeoutDuration)\b":
        "policies, proxies and ingress, no part of a mesh",
    r"hubble\.(peerService|redact|relay|ui)\b": "Hubble alone",
    r"hubble\.tls\.ca\.key": "goes with hubble.tls.ca.cert",
    r"(configDriftDetection|enableRuntimeDeviceDetection|initResources|k8sClientRateLimit|livenessProbe|nodeinit|operator"
    r"|podSecurityContext|preflight)\b": "how Cilium's own pods run",
    r"clustermesh\.apiserver\.affinity\b": "handed on as a whole: only a default has gone",
    r"(etcd|serviceAccounts\.etcd)\b": "the etcd that etcd.managed made; without that they did nothing",
    r"clustermesh\.apiserver\.(etcd|kvstoremesh)\.image\b": "goes with the repository or the override of that image",
    r"clustermesh\.apiserver\.tls\.ca\b": "`values-ca-left` says it, and the patch removes it",
    r"clustermesh\.apiserver\.tls\.(admin|remote|server)\.key": "goes with the certificate beside it",
    r"clustermesh\.apiserver\.tls\.client\b": "the certificate of external workloads: goes with externalWorkloads.enabled",
    r"clustermesh\.apiserver\.tls\.enableSecrets": "asks for no Secrets of certificates in the values, and goes with clustermesh.apiserver.tls.auto.enabled",
    r"clustermesh\.apiserver\.tls\.server\.extra(DnsNames|IpAddresses)": "not gone: the helper of 1.20 reads the old place too, and the patch writes the new one",
    r"encryption\.strictMode\.(cidr|allowRemoteNodeIdentities)": "goes with encryption.strictMode.enabled",
    r"ipam\.operator$": "a part of the keys below it, which are still read",
}
READ = re.compile(r"\.Values((?:\)?\.[A-Za-z0-9_-]+)+)")
HAS = re.compile(r'hasKey +\(?\.Values((?:\.[A-Za-z0-9_-]+)*)\)? +"([^"]+)"')


def run(_options):
    versions = released()
    if not versions:
        yield skipped("keys", f"no charts in {helm.charts_folder().name}/ (MESHGEN_CHARTS names the folder)")
        return
    gone = vanished(versions)
    yield Verdict.of("every key that has gone has a row, or a reason for none", unnamed(gone, json.loads(ROWS.read_text())))
    yield Verdict.of("every reason is needed", unneeded(gone))


def vanished(versions):
    """The keys that a chart has and the next one has not, with the versions of the next ones."""
    gone = {}
    charts = list(parallel.each(keys_of, versions))
    for (_, older), (version, newer) in zip(charts, charts[1:], strict=False):
        for key in (older["all"] - newer["all"]) | (older["read"] - newer["read"]):
            # A mapping that was written as empty, or read as a whole, and has keys of its own now.
            if not any(other.startswith(f"{key}.") for other in newer["all"] - older["all"]):
                gone.setdefault(key, []).append(version)
    return gone


def unnamed(gone, rows):
    """The keys of which nothing is said."""
    # That a value is of the wrong kind says nothing of a key that has gone.
    named = {row["path"] for row in rows if row["when"][0]["test"] != "not a"}
    for key, versions in sorted(gone.items()):
        has_row = any(key == path or key.startswith(f"{path}.") for path in named)
        if not has_row and not any(re.match(pattern, key) for pattern in NO_ROW):
            yield f"{key} has gone in {', '.join(versions)}, and there is neither a row nor a reason"


def unneeded(gone):
    """The reasons that no key needs any more."""
    for pattern, reason in NO_ROW.items():
        if not any(re.match(pattern, key) for key in gone):
            yield f"no key that has gone is like {pattern!r} ({reason})"


def keys_of(version):
    """A version with the dotted paths that its chart has, and those among them that a template reads by name."""
    known, read = set(), set()
    with tarfile.open(helm.archive(version)) as archive:
        for member in archive:
            text = lambda member=member: archive.extractfile(member).read().decode()
            if member.name == "cilium/values.yaml":
                known |= set(leaves(yaml.load(text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))))
            elif member.name == "cilium/values.schema.json":
                known |= set(properties(json.loads(text())))
            # What validate.yaml reads it refuses.
            elif member.isfile() and "/templates/" in member.name and not member.name.endswith("validate.yaml"):
                read |= paths_in(text())
    return version, {"all": known | read, "read": read}


def paths_in(template):
    direct = {path.replace(")", "").lstrip(".") for path in READ.findall(template)}
    return direct | {f"{above}.{key}".lstrip(".") for above, key in HAS.findall(template)}


def leaves(node, path=""):
    """The paths of all values of a tree that are no mappings, or empty ones."""
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from leaves(value, f"{path}.{key}".lstrip("."))
    else:
        yield path


def properties(schema, path=""):
    """The paths of all properties of a JSON Schema that have none themselves."""
    inner = schema.get("properties") or {}
    if path and not inner:
        yield path
    for key, value in inner.items():
        yield from properties(value, f"{path}.{key}".lstrip("."))
